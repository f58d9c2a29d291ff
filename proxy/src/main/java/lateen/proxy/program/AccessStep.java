package lateen.proxy.program;

/** What a request or connection must pass, in the order of the filters, before it is routed. */
public sealed interface AccessStep permits Authorization, ExternalAuthorization {}
