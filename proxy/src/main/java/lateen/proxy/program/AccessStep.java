package lateen.proxy.program;

/** What a connection too must pass, in the order of the filters. */
public sealed interface AccessStep extends RequestStep permits Authorization, ExternalAuthorization {}
