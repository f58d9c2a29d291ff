package lateen.xds.bootstrap;

import com.github.xds.type.v3.TypedStruct;
import com.google.protobuf.Any;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.TypeRegistry;
import com.google.protobuf.util.JsonFormat;
import io.envoyproxy.envoy.admin.v3.BootstrapConfigDump;
import io.envoyproxy.envoy.config.bootstrap.v3.Admin;
import io.envoyproxy.envoy.config.bootstrap.v3.Bootstrap;
import io.envoyproxy.envoy.config.core.v3.DataSource;
import io.envoyproxy.envoy.config.core.v3.SocketAddress;
import io.envoyproxy.envoy.extensions.access_loggers.file.v3.FileAccessLog;
import io.envoyproxy.envoy.extensions.filters.http.ext_authz.v3.ExtAuthz;
import io.envoyproxy.envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit;
import io.envoyproxy.envoy.extensions.filters.http.rbac.v3.RBAC;
import io.envoyproxy.envoy.extensions.filters.http.router.v3.Router;
import io.envoyproxy.envoy.extensions.filters.listener.http_inspector.v3.HttpInspector;
import io.envoyproxy.envoy.extensions.filters.listener.original_dst.v3.OriginalDst;
import io.envoyproxy.envoy.extensions.filters.listener.original_src.v3.OriginalSrc;
import io.envoyproxy.envoy.extensions.filters.listener.proxy_protocol.v3.ProxyProtocol;
import io.envoyproxy.envoy.extensions.filters.listener.tls_inspector.v3.TlsInspector;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import io.envoyproxy.envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy;
import io.envoyproxy.envoy.extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate;
import io.envoyproxy.envoy.extensions.transport_sockets.proxy_protocol.v3.ProxyProtocolUpstreamTransport;
import io.envoyproxy.envoy.extensions.transport_sockets.raw_buffer.v3.RawBuffer;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.Secret;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext;
import io.envoyproxy.envoy.extensions.upstreams.http.v3.HttpProtocolOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import lateen.decision.config.ClusterConfig;
import lateen.decision.config.ListenerConfig;
import lateen.decision.config.ProxyConfig;
import lateen.decision.net.IpAddress;
import lateen.decision.net.SocketAddr;
import lateen.identity.Pem;
import lateen.identity.Svid;
import lateen.identity.TrustBundle;
import lateen.xds.decode.Decoding;
import lateen.xds.decode.ResourceDecoder;
import org.jspecify.annotations.Nullable;

/**
 * Envoy's bootstrap with static listeners, clusters and secrets, in JSON, as {@code envoy -c} takes it.
 *
 * @param certificates by the secret's name; the keys come from files of this machine
 * @param trust by the secret's name
 * @param admin where the administration interface listens; null: nowhere
 * @param node its id; may be empty
 * @param configDump prints the file's contents as Envoy's {@code /config_dump} does, private keys redacted
 */
public record StaticBootstrap(
        ProxyConfig config,
        Map<String, Svid> certificates,
        Map<String, TrustBundle> trust,
        @Nullable SocketAddr admin,
        String node,
        Supplier<String> configDump) {

    /** A larger file is refused. */
    private static final long MAX_BYTES = 16L << 20;

    /** What a bootstrap may set. */
    private static final Set<String> SUPPORTED = Set.of("node", "static_resources", "admin");

    private static final Set<String> SUPPORTED_ADMIN = Set.of("address");
    private static final Set<String> SUPPORTED_ADDRESS = Set.of("address", "port_value", "protocol");

    private static final TypeRegistry TYPES = TypeRegistry.newBuilder()
            .add(List.of(
                    HttpConnectionManager.getDescriptor(),
                    TcpProxy.getDescriptor(),
                    RBAC.getDescriptor(),
                    ExtAuthz.getDescriptor(),
                    io.envoyproxy.envoy.extensions.filters.network.ext_authz.v3.ExtAuthz.getDescriptor(),
                    io.envoyproxy.envoy.extensions.filters.network.rbac.v3.RBAC.getDescriptor(),
                    Router.getDescriptor(),
                    LocalRateLimit.getDescriptor(),
                    PreviousHostsPredicate.getDescriptor(),
                    TypedStruct.getDescriptor(),
                    com.github.udpa.udpa.type.v1.TypedStruct.getDescriptor(),
                    TlsInspector.getDescriptor(),
                    HttpInspector.getDescriptor(),
                    OriginalDst.getDescriptor(),
                    OriginalSrc.getDescriptor(),
                    ProxyProtocol.getDescriptor(),
                    ProxyProtocolUpstreamTransport.getDescriptor(),
                    RawBuffer.getDescriptor(),
                    FileAccessLog.getDescriptor(),
                    DownstreamTlsContext.getDescriptor(),
                    UpstreamTlsContext.getDescriptor(),
                    HttpProtocolOptions.getDescriptor(),
                    BootstrapConfigDump.getDescriptor()))
            .build();

    private static final JsonFormat.Parser PARSER = JsonFormat.parser().usingTypeRegistry(TYPES);

    /**
     * @throws IllegalArgumentException saying what in the file is wrong or not supported
     * @throws IOException when a file cannot be read
     */
    public static StaticBootstrap read(Path file) throws IOException {
        if (Files.size(file) > MAX_BYTES) {
            throw new IllegalArgumentException(
                    file + ": " + Files.size(file) + " bytes (expected: at most " + MAX_BYTES + ")");
        }
        Bootstrap.Builder bootstrap = Bootstrap.newBuilder();
        try {
            PARSER.merge(Files.readString(file), bootstrap);
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalArgumentException(
                    file + ": " + e.getMessage() + " (expected: an Envoy bootstrap in JSON)", e);
        }
        return resolve(bootstrap.build());
    }

    private static StaticBootstrap resolve(Bootstrap bootstrap) throws IOException {
        refuseOthers(bootstrap, SUPPORTED, "bootstrap");
        Bootstrap.StaticResources resources = bootstrap.getStaticResources();
        Map<String, ListenerConfig> listeners = new LinkedHashMap<>();
        for (Message listener : resources.getListenersList()) {
            ListenerConfig decoded = decoded(ResourceDecoder.listener(Any.pack(listener)));
            if (listeners.put(decoded.name(), decoded) != null) {
                throw new IllegalArgumentException("listener '" + decoded.name() + "' stands twice");
            }
        }
        Map<String, ClusterConfig> clusters = new LinkedHashMap<>();
        for (Message cluster : resources.getClustersList()) {
            ClusterConfig decoded = decoded(ResourceDecoder.cluster(Any.pack(cluster)));
            if (decoded.discovery() == ClusterConfig.Discovery.EDS) {
                throw new IllegalArgumentException(
                        "cluster '" + decoded.name() + "': EDS needs an xDS server (expected: STATIC)");
            }
            if (clusters.put(decoded.name(), decoded) != null) {
                throw new IllegalArgumentException("cluster '" + decoded.name() + "' stands twice");
            }
        }
        Map<String, Svid> certificates = new LinkedHashMap<>();
        Map<String, TrustBundle> trust = new LinkedHashMap<>();
        for (Secret secret : resources.getSecretsList()) {
            switch (secret.getTypeCase()) {
                case TLS_CERTIFICATE ->
                    certificates.put(
                            secret.getName(),
                            Svid.of(
                                    Pem.privateKey(
                                            text(secret.getTlsCertificate().getPrivateKey(), secret)),
                                    Pem.certificates(
                                            text(secret.getTlsCertificate().getCertificateChain(), secret))));
                case VALIDATION_CONTEXT ->
                    trust.put(
                            secret.getName(),
                            TrustBundle.fromPem(
                                    text(secret.getValidationContext().getTrustedCa(), secret)));
                case SESSION_TICKET_KEYS, GENERIC_SECRET, TYPE_NOT_SET ->
                    throw new IllegalArgumentException("secret '" + secret.getName() + "': " + secret.getTypeCase()
                            + " (expected: tls_certificate or validation_context)");
            }
        }
        return new StaticBootstrap(
                new ProxyConfig(listeners, Map.of(), clusters, Map.of()),
                certificates,
                trust,
                admin(bootstrap),
                bootstrap.getNode().getId(),
                () -> dump(bootstrap));
    }

    private static @Nullable SocketAddr admin(Bootstrap bootstrap) {
        Admin admin = bootstrap.getAdmin();
        refuseOthers(admin, SUPPORTED_ADMIN, "admin");
        if (!admin.hasAddress()) {
            return null;
        }
        if (!admin.getAddress().hasSocketAddress()) {
            throw new IllegalArgumentException(
                    "admin.address: " + admin.getAddress().getAddressCase() + " (expected: socket_address)");
        }
        SocketAddress address = admin.getAddress().getSocketAddress();
        refuseOthers(address, SUPPORTED_ADDRESS, "admin.address.socket_address");
        if (address.getProtocol() != SocketAddress.Protocol.TCP) {
            throw new IllegalArgumentException(
                    "admin.address.socket_address.protocol: " + address.getProtocol() + " (expected: TCP)");
        }
        try {
            return new SocketAddr(IpAddress.parse(address.getAddress()), address.getPortValue());
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "admin.address.socket_address: " + e.getMessage() + " (expected: an IP address and a port)", e);
        }
    }

    private static String dump(Bootstrap bootstrap) {
        Bootstrap.Builder shown = bootstrap.toBuilder();
        for (Secret.Builder secret : shown.getStaticResourcesBuilder().getSecretsBuilderList()) {
            if (secret.hasTlsCertificate()) {
                secret.getTlsCertificateBuilder()
                        .setPrivateKey(DataSource.newBuilder().setInlineString("[redacted]"));
            }
        }
        Any dump = Any.pack(BootstrapConfigDump.newBuilder().setBootstrap(shown).build());
        try {
            return "{\"configs\": ["
                    + JsonFormat.printer()
                            .usingTypeRegistry(TYPES)
                            .preservingProtoFieldNames()
                            .print(dump)
                    + "]}\n";
        } catch (InvalidProtocolBufferException e) {
            throw new AssertionError("it was read with the same types", e);
        }
    }

    private static String text(DataSource source, Secret secret) throws IOException {
        if (source.getSpecifierCase() != DataSource.SpecifierCase.FILENAME) {
            throw new IllegalArgumentException(
                    "secret '" + secret.getName() + "': " + source.getSpecifierCase() + " (expected: filename)");
        }
        return Files.readString(Path.of(source.getFilename()));
    }

    private static void refuseOthers(Message message, Set<String> supported, String at) {
        Set<String> set = new HashSet<>();
        for (FieldDescriptor field : message.getAllFields().keySet()) {
            set.add(field.getName());
        }
        set.removeAll(supported);
        if (!set.isEmpty()) {
            throw new IllegalArgumentException(at + ": " + set + " is not supported (expected: " + supported + ")");
        }
    }

    private static <T> T decoded(Decoding<T> decoding) {
        return switch (decoding) {
            case Decoding.Decoded<T>(T value) -> value;
            case Decoding.Rejected<T>(String reason) -> throw new IllegalArgumentException(reason);
        };
    }
}
