package lateen.xds.bootstrap;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import io.envoyproxy.envoy.config.bootstrap.v3.Bootstrap;
import io.envoyproxy.envoy.config.bootstrap.v3.RuntimeLayer;
import io.envoyproxy.envoy.config.core.v3.TypedExtensionConfig;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import lateen.xds.text.KnownTypes;

/**
 * What becomes of each field of a bootstrap outside of its resources: honoured, accepted without effect, or refused. A
 * field that stands in no table is refused.
 */
final class BootstrapFields {

    /** Outcome by path; what is inside a field without an entry of its own has its parent's. */
    static final Map<String, Outcome> TABLE = Map.ofEntries(
            Map.entry("node", Outcome.HONOURED),
            Map.entry("static_resources", Outcome.HONOURED),
            Map.entry("dynamic_resources", Outcome.HONOURED),
            Map.entry("dynamic_resources.lds_resources_locator", Outcome.REFUSED),
            Map.entry("dynamic_resources.cds_resources_locator", Outcome.REFUSED),
            Map.entry("admin.address", Outcome.HONOURED),
            Map.entry("admin.access_log", Outcome.NO_EFFECT),
            Map.entry("admin.access_log_path", Outcome.NO_EFFECT),
            Map.entry("admin.profile_path", Outcome.NO_EFFECT),
            Map.entry("admin.ignore_global_conn_limit", Outcome.NO_EFFECT),
            Map.entry("admin.socket_options", Outcome.REFUSED),
            Map.entry("cluster_manager.outlier_detection", Outcome.NO_EFFECT),
            Map.entry("cluster_manager.enable_deferred_cluster_creation", Outcome.NO_EFFECT),
            Map.entry("cluster_manager.local_cluster_name", Outcome.REFUSED),
            Map.entry("cluster_manager.upstream_bind_config", Outcome.REFUSED),
            Map.entry("cluster_manager.load_stats_config", Outcome.REFUSED),
            Map.entry("flags_path", Outcome.NO_EFFECT),
            Map.entry("deferred_stat_options", Outcome.NO_EFFECT),
            Map.entry("stats_config", Outcome.NO_EFFECT),
            Map.entry("stats_flush_interval", Outcome.NO_EFFECT),
            Map.entry("stats_flush_on_admin", Outcome.NO_EFFECT),
            Map.entry("stats_server_version_override", Outcome.NO_EFFECT),
            Map.entry("enable_dispatcher_stats", Outcome.NO_EFFECT),
            Map.entry("watchdog", Outcome.NO_EFFECT),
            Map.entry("watchdogs", Outcome.NO_EFFECT),
            Map.entry("inline_headers", Outcome.NO_EFFECT),
            Map.entry("application_log_config", Outcome.NO_EFFECT),
            Map.entry("grpc_async_client_manager_config", Outcome.NO_EFFECT),
            Map.entry("memory_allocator_manager", Outcome.NO_EFFECT),
            Map.entry("perf_tracing_file_path", Outcome.NO_EFFECT),
            Map.entry("layered_runtime", Outcome.HONOURED),
            Map.entry("overload_manager", Outcome.HONOURED),
            Map.entry("default_regex_engine", Outcome.HONOURED),
            Map.entry("typed_dns_resolver_config", Outcome.HONOURED));

    /** Settings of Envoy's own code, which is not here. */
    private static final Pattern OWN_RUNTIME =
            Pattern.compile("(envoy\\.(reloadable|restart)_features|re2|upstream\\.use_retry)(\\..*)?");

    private static final Map<String, String> EXTENSIONS = Map.of(
            "default_regex_engine", "envoy.extensions.regex_engines.v3.GoogleRE2",
            "typed_dns_resolver_config",
                    "envoy.extensions.network.dns_resolver.getaddrinfo.v3.GetAddrInfoDnsResolverConfig");

    enum Outcome {
        HONOURED,
        /** Said once, in one line. */
        NO_EFFECT,
        REFUSED
    }

    private final Consumer<String> withoutEffect;
    private final BiConsumer<String, String> refused;

    private BootstrapFields(Consumer<String> withoutEffect, BiConsumer<String, String> refused) {
        this.withoutEffect = withoutEffect;
        this.refused = refused;
    }

    /**
     * @param withoutEffect takes paths
     * @param refused takes paths and reasons
     */
    static void check(Bootstrap bootstrap, Consumer<String> withoutEffect, BiConsumer<String, String> refused) {
        BootstrapFields fields = new BootstrapFields(withoutEffect, refused);
        fields.fields(KnownTypes.byDescriptor(bootstrap), "");
        if (bootstrap.hasLayeredRuntime()) {
            fields.runtime(bootstrap.getLayeredRuntime().getLayersList());
        }
        fields.extension("default_regex_engine", bootstrap.hasDefaultRegexEngine(), bootstrap.getDefaultRegexEngine());
        fields.extension(
                "typed_dns_resolver_config",
                bootstrap.hasTypedDnsResolverConfig(),
                bootstrap.getTypedDnsResolverConfig());
    }

    private void fields(Message message, String path) {
        for (Map.Entry<FieldDescriptor, Object> each : message.getAllFields().entrySet()) {
            String at = path.isEmpty()
                    ? each.getKey().getName()
                    : path + "." + each.getKey().getName();
            Outcome outcome = TABLE.get(at);
            boolean parted = TABLE.keySet().stream().anyMatch(key -> key.startsWith(at + "."));
            boolean honouredAround = outcome == null && TABLE.get(path) == Outcome.HONOURED;
            if (parted && each.getValue() instanceof Message inner) {
                fields(inner, at);
            } else if (!honouredAround) {
                switch (outcome) {
                    case HONOURED -> {}
                    case NO_EFFECT -> withoutEffect.accept(at);
                    case REFUSED -> refused.accept(at, "unsupported field");
                    case null -> refused.accept(at, "unsupported field");
                }
            }
        }
    }

    private void extension(String path, boolean present, TypedExtensionConfig config) {
        String url = config.getTypedConfig().getTypeUrl();
        if (present && !url.endsWith("/" + EXTENSIONS.get(path))) {
            refused.accept(path + ".typed_config", "'" + url + "' (expected: " + EXTENSIONS.get(path) + ")");
        }
    }

    private void runtime(List<RuntimeLayer> layers) {
        Set<String> names = new HashSet<>();
        for (int i = 0; i < layers.size(); i++) {
            RuntimeLayer layer = layers.get(i);
            String at = "layered_runtime.layers[" + i + "]";
            if (!names.add(layer.getName())) {
                refused.accept(at + ".name", "'" + layer.getName() + "' (expected: a name that no other has)");
            }
            switch (layer.getLayerSpecifierCase()) {
                case STATIC_LAYER -> {
                    for (String key : layer.getStaticLayer().getFieldsMap().keySet()) {
                        if (OWN_RUNTIME.matcher(key).matches()) {
                            withoutEffect.accept(at + ".static_layer['" + key + "']");
                        } else {
                            refused.accept(
                                    at + ".static_layer['" + key + "']",
                                    "unsupported (supported: settings of Envoy's own code, without effect)");
                        }
                    }
                }
                case ADMIN_LAYER -> withoutEffect.accept(at + ".admin_layer");
                case DISK_LAYER, RTDS_LAYER ->
                    refused.accept(at, layer.getLayerSpecifierCase() + " (expected: static_layer or admin_layer)");
                case LAYERSPECIFIER_NOT_SET -> {}
            }
        }
    }
}
