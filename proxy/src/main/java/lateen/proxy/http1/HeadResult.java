package lateen.proxy.http1;

/** What {@link HeadParser#feed} found. */
public sealed interface HeadResult permits HeadProgress, HeadError {}
