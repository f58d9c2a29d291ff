package lateen.proxy.program;

/** What a request must pass before it is forwarded. Envoy: an HTTP filter before the router. */
public sealed interface RequestStep permits AccessStep, RateLimit {}
