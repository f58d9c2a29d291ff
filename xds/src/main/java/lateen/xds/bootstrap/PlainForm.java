package lateen.xds.bootstrap;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.core.v3.AggregatedConfigSource;
import io.envoyproxy.envoy.config.core.v3.ConfigSource;
import io.envoyproxy.envoy.config.core.v3.DataSource;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.Rds;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.CommonTlsContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.SdsSecretConfig;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import lateen.xds.ResourceType;
import lateen.xds.client.Need;
import lateen.xds.client.Need.Needs;
import lateen.xds.decode.SecretConfig;
import lateen.xds.source.SourceRef;
import lateen.xds.text.KnownTypes;
import org.jspecify.annotations.Nullable;

/**
 * Brings one resource into the form that a control plane of a mesh sends, which is what the decoder reads: certificates
 * that stand in place get a name, files and variables of the environment become text, host names become endpoints that are
 * discovered. On the way it notes what the resource needs, and from where.
 */
final class PlainForm extends MessageWalk {

    private static final ConfigSource ADS = ConfigSource.newBuilder()
            .setAds(AggregatedConfigSource.getDefaultInstance())
            .build();

    private final ConfigSources sources;
    private final DataSources data;
    private final InlineSecrets secrets;
    private final Set<String> staticSecrets;
    private final @Nullable SourceRef from;
    private final List<Need> needs = new ArrayList<>();
    private final Map<String, SecretConfig> inline = new HashMap<>();

    /** @param from where the resource came from; null: it stands in the bootstrap */
    PlainForm(ConfigSources sources, DataSources data, Set<String> staticSecrets, @Nullable SourceRef from) {
        this.sources = sources;
        this.data = data;
        this.secrets = new InlineSecrets(data);
        this.staticSecrets = staticSecrets;
        this.from = from;
    }

    Needs needs() {
        return new Needs(needs, inline);
    }

    @Override
    Message visit(Message message, String path) {
        try {
            return switch (message.getDescriptorForType().getFullName()) {
                case "envoy.config.core.v3.DataSource" -> inText(DataSource.parseFrom(message.toByteString()), path);
                case "envoy.extensions.filters.network.http_connection_manager.v3.Rds" ->
                    rds(Rds.parseFrom(message.toByteString()), path);
                case "envoy.extensions.transport_sockets.tls.v3.CommonTlsContext" ->
                    tls(CommonTlsContext.parseFrom(message.toByteString()), path);
                case "envoy.config.cluster.v3.Cluster" ->
                    inside(cluster(Cluster.parseFrom(message.toByteString()), path), path);
                default -> inside(message, path);
            };
        } catch (InvalidProtocolBufferException e) {
            throw new Unsupported(path, "not readable: " + e.getMessage());
        }
    }

    private DataSource inText(DataSource source, String path) {
        return switch (source.getSpecifierCase()) {
            case INLINE_STRING, INLINE_BYTES, SPECIFIER_NOT_SET -> source;
            case FILENAME, ENVIRONMENT_VARIABLE ->
                DataSource.newBuilder().setInlineString(data.text(source, path)).build();
        };
    }

    private Rds rds(Rds rds, String path) {
        if (rds.getRouteConfigName().isEmpty()) {
            throw new Unsupported(path + ".route_config_name", "missing (expected: text)");
        }
        need(ResourceType.ROUTE, rds.getRouteConfigName(), rds.getConfigSource(), path + ".config_source");
        return rds.toBuilder().setConfigSource(ADS).build();
    }

    private void need(ResourceType type, String name, ConfigSource source, String path) {
        ConfigSources.Found found = sources.find(source, path, from);
        needs.add(new Need(type, name, found.source(), found.patience()));
    }

    private CommonTlsContext tls(CommonTlsContext context, String path) {
        CommonTlsContext.Builder plain = context.toBuilder();
        for (int i = 0; i < context.getTlsCertificatesCount(); i++) {
            SecretConfig secret =
                    secrets.certificate(context.getTlsCertificates(i), path + ".tls_certificates[" + i + "]");
            inline.put(secret.name(), secret);
            plain.addTlsCertificateSdsSecretConfigs(SdsSecretConfig.newBuilder().setName(secret.name()));
        }
        plain.clearTlsCertificates();
        for (int i = 0; i < context.getTlsCertificateSdsSecretConfigsCount(); i++) {
            named(
                    context.getTlsCertificateSdsSecretConfigs(i),
                    path + ".tls_certificate_sds_secret_configs[" + i + "]");
        }
        switch (context.getValidationContextTypeCase()) {
            case VALIDATION_CONTEXT -> {
                if (context.getValidationContext().hasTrustedCa()) {
                    SecretConfig roots = secrets.roots(
                            context.getValidationContext().getTrustedCa(), path + ".validation_context.trusted_ca");
                    inline.put(roots.name(), roots);
                    plain.getCombinedValidationContextBuilder()
                            .setDefaultValidationContext(
                                    context.getValidationContext().toBuilder().clearTrustedCa())
                            .setValidationContextSdsSecretConfig(
                                    SdsSecretConfig.newBuilder().setName(roots.name()));
                }
            }
            case VALIDATION_CONTEXT_SDS_SECRET_CONFIG ->
                named(context.getValidationContextSdsSecretConfig(), path + ".validation_context_sds_secret_config");
            case COMBINED_VALIDATION_CONTEXT ->
                named(
                        context.getCombinedValidationContext().getValidationContextSdsSecretConfig(),
                        path + ".combined_validation_context.validation_context_sds_secret_config");
            case VALIDATION_CONTEXT_CERTIFICATE_PROVIDER,
                    VALIDATION_CONTEXT_CERTIFICATE_PROVIDER_INSTANCE,
                    VALIDATIONCONTEXTTYPE_NOT_SET -> {
                // The decoder says what it thinks of them.
            }
        }
        return plain.build();
    }

    private void named(SdsSecretConfig secret, String path) {
        if (secret.getName().isEmpty()) {
            throw new Unsupported(path + ".name", "missing (expected: text)");
        }
        if (secret.hasSdsConfig()) {
            need(ResourceType.SECRET, secret.getName(), secret.getSdsConfig(), path + ".sds_config");
        } else if (!staticSecrets.contains(secret.getName())) {
            throw new Unsupported(
                    path + ".name",
                    "'" + secret.getName() + "' (expected: one of static_resources.secrets " + staticSecrets
                            + ", or sds_config beside it)");
        }
    }

    private Cluster cluster(Cluster cluster, String path) {
        Cluster plain = DnsClusters.plain(
                cluster,
                path,
                names -> needs.add(new Need(
                        ResourceType.ENDPOINT,
                        names.assignment().getClusterName(),
                        new SourceRef.Dns(names),
                        java.time.Duration.ZERO)));
        if (cluster.getClusterDiscoveryTypeCase() == Cluster.ClusterDiscoveryTypeCase.TYPE
                && cluster.getType() == Cluster.DiscoveryType.EDS) {
            String name = cluster.getEdsClusterConfig().getServiceName();
            need(
                    ResourceType.ENDPOINT,
                    name.isEmpty() ? cluster.getName() : name,
                    cluster.getEdsClusterConfig().getEdsConfig(),
                    path + ".eds_cluster_config.eds_config");
            plain = plain.toBuilder()
                    .setEdsClusterConfig(plain.getEdsClusterConfig().toBuilder().setEdsConfig(ADS))
                    .build();
        }
        return UpstreamHttp.plain(plain, path);
    }

    /** That resource in plain form. */
    Any plain(Message resource, String path) {
        return Any.pack(visit(KnownTypes.byDescriptor(resource), path));
    }
}
