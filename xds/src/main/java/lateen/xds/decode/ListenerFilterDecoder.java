package lateen.xds.decode;

import io.envoyproxy.envoy.config.core.v3.ProxyProtocolConfig;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.listener.v3.ListenerFilter;
import io.envoyproxy.envoy.extensions.filters.listener.http_inspector.v3.HttpInspector;
import io.envoyproxy.envoy.extensions.filters.listener.original_dst.v3.OriginalDst;
import io.envoyproxy.envoy.extensions.filters.listener.original_src.v3.OriginalSrc;
import io.envoyproxy.envoy.extensions.filters.listener.proxy_protocol.v3.ProxyProtocol;
import io.envoyproxy.envoy.extensions.filters.listener.tls_inspector.v3.TlsInspector;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import lateen.decision.config.ListenerConfig.Inspectors;
import lateen.decision.config.ListenerConfig.OriginalSource;
import org.jspecify.annotations.Nullable;

/**
 * Envoy: {@code extensions.filters.listener}. Envoy runs these filters in the order given; Lateen has one order, and
 * refuses any other that would mean something else.
 */
final class ListenerFilterDecoder {

    /** Envoy's {@code listener_filters_timeout} when unset. */
    private static final Duration INSPECTION = Duration.ofSeconds(15);

    private boolean originalDst;
    private boolean tls;
    private boolean http;
    private lateen.decision.config.@Nullable ProxyProtocol proxyProtocol;
    private @Nullable OriginalSource originalSource;

    private ListenerFilterDecoder() {}

    static Inspectors inspectors(Listener listener, FieldPath at) {
        ListenerFilterDecoder found = new ListenerFilterDecoder();
        for (int i = 0; i < listener.getListenerFiltersCount(); i++) {
            found.add(listener.getListenerFilters(i), at.at("listener_filters", i));
        }
        return new Inspectors(
                found.originalDst,
                found.tls,
                found.http,
                listener.hasListenerFiltersTimeout()
                        ? Values.duration(listener.getListenerFiltersTimeout(), at.at("listener_filters_timeout"))
                        : INSPECTION,
                listener.getContinueOnListenerFiltersTimeout(),
                found.proxyProtocol,
                found.originalSource);
    }

    private void add(ListenerFilter filter, FieldPath where) {
        FieldPath at = where.at("typed_config");
        switch (Values.typeName(filter.getTypedConfig())) {
            case "envoy.extensions.filters.listener.original_dst.v3.OriginalDst" -> {
                var _ = Values.open(filter.getTypedConfig(), OriginalDst.getDefaultInstance(), at);
                if (proxyProtocol != null) {
                    throw where.because("original_dst after proxy_protocol (expected: before it)");
                }
                originalDst = true;
            }
            case "envoy.extensions.filters.listener.tls_inspector.v3.TlsInspector" -> {
                var _ = Values.open(filter.getTypedConfig(), TlsInspector.getDefaultInstance(), at);
                tls = true;
            }
            case "envoy.extensions.filters.listener.http_inspector.v3.HttpInspector" -> {
                var _ = Values.open(filter.getTypedConfig(), HttpInspector.getDefaultInstance(), at);
                http = true;
            }
            case "envoy.extensions.filters.listener.proxy_protocol.v3.ProxyProtocol" -> {
                if (tls || http || originalSource != null || proxyProtocol != null) {
                    throw where.because("proxy_protocol after another filter that reads the connection or its addresses"
                            + " (expected: once, after original_dst only)");
                }
                proxyProtocol =
                        proxyProtocol(Values.open(filter.getTypedConfig(), ProxyProtocol.getDefaultInstance(), at), at);
            }
            case "envoy.extensions.filters.listener.original_src.v3.OriginalSrc" -> {
                OriginalSrc source = Values.open(filter.getTypedConfig(), OriginalSrc.getDefaultInstance(), at);
                originalSource = new OriginalSource(source.getMark(), source.getBindPort());
            }
            default ->
                throw where.because("unsupported listener filter '" + filter.getName() + "' of type '"
                        + Values.typeName(filter.getTypedConfig())
                        + "' (supported: original_dst, proxy_protocol, tls_inspector, http_inspector, original_src)");
        }
    }

    private static lateen.decision.config.ProxyProtocol proxyProtocol(ProxyProtocol filter, FieldPath at) {
        Set<Integer> refused = new HashSet<>();
        for (int i = 0; i < filter.getDisallowedVersionsCount(); i++) {
            ProxyProtocolConfig.Version version = filter.getDisallowedVersions(i);
            refused.add(ProxyProtocolDecoder.version(version, at.at("disallowed_versions", i)));
        }
        return new lateen.decision.config.ProxyProtocol(
                filter.getAllowRequestsWithoutProxyProtocol(),
                refused,
                ProxyProtocolDecoder.kept(
                        filter.hasPassThroughTlvs(), filter.getPassThroughTlvs(), at.at("pass_through_tlvs")));
    }
}
