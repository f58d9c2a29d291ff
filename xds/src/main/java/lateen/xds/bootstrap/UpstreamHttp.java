package lateen.xds.bootstrap;

import com.google.protobuf.Any;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.extensions.upstreams.http.v3.HttpProtocolOptions;

/** The older place of how HTTP is spoken to a cluster: {@code http2_protocol_options} of the cluster itself. */
final class UpstreamHttp {

    private static final String OPTIONS = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions";

    private UpstreamHttp() {}

    @SuppressWarnings("deprecation") // Many files have it there, and Envoy takes it.
    static Cluster plain(Cluster cluster, String path) {
        if (!cluster.hasHttp2ProtocolOptions()) {
            return cluster;
        }
        if (cluster.containsTypedExtensionProtocolOptions(OPTIONS)) {
            throw new Unsupported(
                    path + ".http2_protocol_options", "beside typed_extension_protocol_options (expected: one)");
        }
        HttpProtocolOptions.Builder options = HttpProtocolOptions.newBuilder();
        options.getExplicitHttpConfigBuilder().setHttp2ProtocolOptions(cluster.getHttp2ProtocolOptions());
        return cluster.toBuilder()
                .clearHttp2ProtocolOptions()
                .putTypedExtensionProtocolOptions(OPTIONS, Any.pack(options.build()))
                .build();
    }
}
