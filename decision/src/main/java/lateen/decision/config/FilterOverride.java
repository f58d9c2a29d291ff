package lateen.decision.config;

/** What a route says to one HTTP filter, in place of the filter's own configuration. Envoy: typed_per_filter_config. */
public sealed interface FilterOverride permits LocalRateLimit {}
