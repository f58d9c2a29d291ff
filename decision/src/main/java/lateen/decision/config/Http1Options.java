package lateen.decision.config;

/**
 * How HTTP/1 is spoken. The names are those of Envoy's {@code Http1ProtocolOptions}.
 *
 * @param enableTrailers whether trailers after a chunked body go on; else they are read and dropped
 */
public record Http1Options(boolean enableTrailers) {
    public static final Http1Options DEFAULT = new Http1Options(false);
}
