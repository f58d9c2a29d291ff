package lateen.xds.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.Secret;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import lateen.xds.ResourceType;
import lateen.xds.source.SourceRef;
import lateen.xds.text.Problem;
import lateen.xds.text.TextForm;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

/** Resources of servers that are not ours: read or refused, never an exception. */
class StandaloneReadingFuzzTest {

    private static final StandaloneReading READING =
            new StandaloneReading(new ConfigSources(Set.of("xds"), true), new DataSources(name -> null), Set.of("s"));

    private static final List<Message> SAMPLES = List.of(
            sample(Listener.newBuilder(), """
                    name: l
                    address: {socket_address: {address: 127.0.0.1, port_value: 1}}
                    filter_chains:
                      - transport_socket:
                          name: tls
                          typed_config:
                            "@type": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext
                            common_tls_context:
                              tls_certificate_sds_secret_configs: [{name: s, sds_config: {ads: {}, initial_fetch_timeout: 3s}}]
                              validation_context: {trusted_ca: {filename: /nope}}
                        filters:
                          - name: h
                            typed_config:
                              "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
                              stat_prefix: h
                              rds: {route_config_name: r, config_source: {path_config_source: {path: /nope, watched_directory: {path: /}}}}
                              http_filters: [{name: r, typed_config: {"@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router}}]
                    """),
            sample(Cluster.newBuilder(), """
                    name: c
                    type: STRICT_DNS
                    dns_refresh_rate: 3s
                    dns_failure_refresh_rate: {base_interval: 1s, max_interval: 9s}
                    load_assignment: {cluster_name: c, endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: host, port_value: 1}}}}]}]}
                    """),
            sample(Cluster.newBuilder(), """
                    name: e
                    type: EDS
                    http2_protocol_options: {}
                    eds_cluster_config: {eds_config: {api_config_source: {api_type: GRPC, transport_api_version: V3, grpc_services: [{envoy_grpc: {cluster_name: xds}, initial_metadata: [{key: k, value: v}]}]}}}
                    """),
            sample(
                    RouteConfiguration.newBuilder(),
                    "{name: r, virtual_hosts: [{name: v, domains: [a], routes: [{match: {prefix: /}, route: {cluster: c, auto_host_rewrite: false}}]}]}"),
            sample(
                    Secret.newBuilder(),
                    "{name: s, tls_certificate: {certificate_chain: {inline_string: x}, private_key: {environment_variable: K}}}"));

    private static Message sample(Message.Builder into, String yaml) {
        List<Problem> problems = new ArrayList<>();
        var _ = TextForm.YAML.read("sample", yaml, into, problems);
        assertThat(problems).isEmpty();
        return into.build();
    }

    @Property(tries = 3000)
    void bytesOfAnyKindAreReadOrRefused(
            @ForAll @IntRange(max = 4) int which,
            @ForAll @Size(max = 4) List<@IntRange(max = 2000) Integer> places,
            @ForAll byte value) {
        Message sample = SAMPLES.get(which);
        byte[] bytes = sample.toByteArray();
        places.forEach(place -> bytes[place % bytes.length] = value);
        String name = sample.getDescriptorForType().getFullName();
        ResourceType type = ResourceType.of("type.googleapis.com/" + name);
        Any body = Any.newBuilder()
                .setTypeUrl("type.googleapis.com/" + name)
                .setValue(ByteString.copyFrom(bytes))
                .build();
        assertThat(READING.read(type, body, new SourceRef.Ads())).isNotNull();
    }
}
