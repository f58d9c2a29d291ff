package lateen.xds.bootstrap;

import io.envoyproxy.envoy.config.core.v3.ApiConfigSource;
import io.envoyproxy.envoy.config.core.v3.ApiVersion;
import io.envoyproxy.envoy.config.core.v3.ConfigSource;
import io.envoyproxy.envoy.config.core.v3.GrpcService;
import io.envoyproxy.envoy.config.core.v3.HeaderValue;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import lateen.xds.source.SourceRef;
import lateen.xds.text.TextForm;
import org.jspecify.annotations.Nullable;

/**
 * Envoy: {@code config.core.v3.ConfigSource}.
 *
 * @param servers static clusters at which an xDS server may be, by name
 * @param ads whether there is an aggregated stream
 */
record ConfigSources(Set<String> servers, boolean ads) {

    /** Envoy's {@code initial_fetch_timeout} when unset. */
    private static final Duration PATIENCE = Duration.ofSeconds(15);

    private static final long LONGEST_SECONDS = 1_000_000_000;

    /** @param patience zero: none */
    record Found(SourceRef source, Duration patience) {}

    /** @param from where {@code self} leads; null: nowhere */
    @SuppressWarnings("deprecation") // V2 is refused by its name.
    Found find(ConfigSource source, String path, @Nullable SourceRef from) {
        Duration patience = PATIENCE;
        if (source.hasInitialFetchTimeout()) {
            long seconds = source.getInitialFetchTimeout().getSeconds();
            int nanos = source.getInitialFetchTimeout().getNanos();
            if (seconds < 0 || nanos < 0 || seconds > LONGEST_SECONDS) {
                throw new Unsupported(
                        path + ".initial_fetch_timeout", seconds + "s (expected: 0.." + LONGEST_SECONDS + "s)");
            }
            patience = Duration.ofSeconds(seconds, nanos);
        }
        if (source.getAuthoritiesCount() > 0) {
            throw new Unsupported(path + ".authorities", "unsupported field");
        }
        if (source.getResourceApiVersion() == ApiVersion.V2) {
            throw new Unsupported(path + ".resource_api_version", "V2 (expected: V3)");
        }
        return new Found(ref(source, path, from), patience);
    }

    @SuppressWarnings("deprecation") // path is the older form of path_config_source.
    private SourceRef ref(ConfigSource source, String path, @Nullable SourceRef from) {
        return switch (source.getConfigSourceSpecifierCase()) {
            case ADS -> {
                if (!ads) {
                    throw new Unsupported(path + ".ads", "there is none (expected: dynamic_resources.ads_config)");
                }
                yield new SourceRef.Ads();
            }
            case SELF -> {
                if (from == null) {
                    throw new Unsupported(path + ".self", "in the bootstrap itself (expected: another source)");
                }
                yield from;
            }
            case PATH -> file(source.getPath(), "", path + ".path");
            case PATH_CONFIG_SOURCE ->
                file(
                        source.getPathConfigSource().getPath(),
                        source.getPathConfigSource().getWatchedDirectory().getPath(),
                        path + ".path_config_source.path");
            case API_CONFIG_SOURCE -> stream(source.getApiConfigSource(), path + ".api_config_source");
            case CONFIGSOURCESPECIFIER_NOT_SET ->
                throw new Unsupported(path, "no source (expected: ads, api_config_source or path_config_source)");
        };
    }

    private static SourceRef file(String name, String watched, String path) {
        Path file = path(name, path);
        if (!Files.isRegularFile(file)) {
            throw new Unsupported(path, "'" + name + "': no such file");
        }
        if (TextForm.of(file) == null) {
            throw new Unsupported(
                    path, "'" + name + "': unsupported kind of file (expected: " + TextForm.EXPECTED + ")");
        }
        return new SourceRef.Files(file, watched.isEmpty() ? null : path(watched, path));
    }

    static Path path(String name, String path) {
        try {
            return Path.of(name);
        } catch (InvalidPathException e) {
            throw new Unsupported(path, "not a path: " + e.getReason());
        }
    }

    /** Also of {@code ads_config}. */
    SourceRef.Stream stream(ApiConfigSource api, String path) {
        boolean delta = switch (api.getApiType()) {
            case GRPC -> false;
            case DELTA_GRPC -> true;
            case REST, AGGREGATED_GRPC, AGGREGATED_DELTA_GRPC, UNRECOGNIZED, DEPRECATED_AND_UNAVAILABLE_DO_NOT_USE ->
                throw new Unsupported(path + ".api_type", api.getApiType() + " (expected: GRPC or DELTA_GRPC; or ads)");
        };
        if (api.getTransportApiVersion() != ApiVersion.V3) {
            throw new Unsupported(path + ".transport_api_version", api.getTransportApiVersion() + " (expected: V3)");
        }
        if (api.getClusterNamesCount() > 0) {
            throw new Unsupported(path + ".cluster_names", "of a REST server (expected: grpc_services)");
        }
        if (api.getConfigValidatorsCount() > 0) {
            throw new Unsupported(path + ".config_validators", "unsupported field");
        }
        if (api.getGrpcServicesCount() != 1) {
            throw new Unsupported(path + ".grpc_services", api.getGrpcServicesCount() + " (expected: one)");
        }
        return stream(api, delta, api.getGrpcServices(0), path + ".grpc_services[0]");
    }

    private SourceRef.Stream stream(ApiConfigSource api, boolean delta, GrpcService service, String path) {
        if (!service.hasEnvoyGrpc()) {
            throw new Unsupported(path, service.getTargetSpecifierCase() + " (expected: envoy_grpc)");
        }
        if (service.hasRetryPolicy()) {
            throw new Unsupported(path + ".retry_policy", "unsupported field");
        }
        GrpcService.EnvoyGrpc grpc = service.getEnvoyGrpc();
        if (grpc.hasRetryPolicy()) {
            throw new Unsupported(path + ".envoy_grpc.retry_policy", "unsupported field");
        }
        if (!servers.contains(grpc.getClusterName())) {
            throw new Unsupported(
                    path + ".envoy_grpc.cluster_name",
                    "'" + grpc.getClusterName()
                            + "' (expected: one of static_resources.clusters with endpoints of its own: " + servers
                            + ")");
        }
        List<Map.Entry<String, String>> metadata = new ArrayList<>();
        for (int i = 0; i < service.getInitialMetadataCount(); i++) {
            metadata.add(header(service.getInitialMetadata(i), path + ".initial_metadata[" + i + "]"));
        }
        return new SourceRef.Stream(
                grpc.getClusterName(), grpc.getAuthority(), delta, metadata, api.getSetNodeOnFirstMessageOnly());
    }

    private static Map.Entry<String, String> header(HeaderValue header, String path) {
        String key = header.getKey().toLowerCase(Locale.ROOT);
        if (!key.matches("[0-9a-z_.-]+") || key.endsWith("-bin")) {
            throw new Unsupported(
                    path + ".key", "'" + header.getKey() + "' (expected: a name of gRPC metadata with text)");
        }
        String value = header.getValue().isEmpty() ? header.getRawValue().toStringUtf8() : header.getValue();
        if (value.indexOf('%') >= 0) {
            throw new Unsupported(path + ".value", "operators (expected: text without %)");
        }
        return Map.entry(key, value);
    }
}
