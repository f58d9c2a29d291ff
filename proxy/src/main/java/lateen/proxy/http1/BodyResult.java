package lateen.proxy.http1;

/** What {@link BodyReader#read} or {@link BodyReader#endOfInput} found. */
public sealed interface BodyResult permits BodyProgress, BodyError {}
