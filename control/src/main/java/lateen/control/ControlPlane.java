package lateen.control;

import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerInterceptors;
import io.grpc.netty.NettyServerBuilder;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import lateen.control.ca.CertificateAuthority;
import lateen.control.ca.CertificateService;
import lateen.control.ca.GrantReader;
import lateen.control.ca.JoinTokens;
import lateen.control.ca.PeerIdentity;
import lateen.control.ca.SecurePort;
import lateen.control.ca.ServerIdentity;
import lateen.control.push.MeshViews;
import lateen.control.registry.AddressPool;
import lateen.control.registry.ConfigLoad;
import lateen.control.registry.MeshSettings;
import lateen.control.registry.MeshSnapshot;
import lateen.control.source.ConfigDirectory;
import lateen.control.source.DirectoryWatch;
import lateen.control.source.Problem;
import lateen.control.source.SourceFile;
import lateen.xdsserver.AdsService;
import lateen.xdsserver.CallerIdentity;
import lateen.xdsserver.NodeCheck;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A running control plane. Started as a whole or not at all; closed in the reverse order.
 *
 * <p>Threading: the watch's thread loads and publishes, gRPC's threads serve. All methods may be called by any thread.
 */
public final class ControlPlane implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ControlPlane.class);

    private final ControlPlaneSettings settings;
    private final ControlMetrics metrics = new ControlMetrics();
    private final KeptAddresses kept;
    private final KeptConfig config;
    private final CertificateAuthority authority;
    private final MeshViews views;
    private final AdsService ads;
    private final AdsService plaintextAds;
    private final Deque<AutoCloseable> open = new ArrayDeque<>();
    private volatile ConfigLoad last;
    private int xdsPort;
    private int plaintextPort;
    private int monitoringPort;
    private int readyPort;

    private ControlPlane(ControlPlaneSettings settings, KeptAddresses kept, KeptConfig config, ConfigLoad first) {
        this.settings = settings;
        this.kept = kept;
        this.config = config;
        this.last = first;
        this.authority = CertificateAuthority.open(
                settings.stateDirectory(), settings.trustDomain(), settings.leafLifetime(), settings.clock());
        this.views = new MeshViews(first.snapshot(), authority::bundle);
        this.ads = new AdsService(views, NodeCheck.authenticated(), metrics);
        open.push(ads);
        this.plaintextAds = new AdsService(views, NodeCheck.proxylessOnly(), metrics);
        open.push(plaintextAds);
    }

    /**
     * Reads the configuration, opens the ports and watches the directory.
     *
     * @throws ConfigRefused on the first start with this state directory, or when what it keeps is damaged, and a policy
     *     is, or may be, among what is wrong: without it the mesh would be more open than was meant, and nothing good is
     *     there to go on with
     * @throws PortInUse when a port is taken
     * @throws IOException when a directory cannot be read or written
     * @throws IllegalStateException when the kept root cannot be used
     */
    public static ControlPlane start(ControlPlaneSettings settings) throws IOException, ConfigRefused {
        if (!Files.isDirectory(settings.configDirectory())) {
            throw new IOException(settings.configDirectory() + " is not a directory (expected: one with YAML files)");
        }
        ConfigDirectory directory = new ConfigDirectory(settings.configDirectory());
        List<SourceFile> files = directory.read();
        KeptAddresses kept = new KeptAddresses(settings.stateDirectory());
        AddressPool pool =
                new AddressPool(settings.addresses().v4(), settings.addresses().v6(), kept.read());
        KeptConfig config = new KeptConfig(settings.stateDirectory());
        MeshSettings defaults = MeshSettings.defaults(settings.trustDomain());
        ConfigLoad load = ConfigLoad.of(files, defaults, pool, config.read());
        if ((config.isFirst() || !config.complete()) && load.lacksGuard()) {
            throw new ConfigRefused(load.errors());
        }
        ControlPlane plane = new ControlPlane(settings, kept, config, load);
        try {
            plane.inForce(load);
            plane.serve();
            plane.open.push(new DirectoryWatch(directory, files, plane::reload));
            return plane;
        } catch (IOException | RuntimeException e) {
            plane.close();
            throw e;
        }
    }

    public int xdsPort() {
        return xdsPort;
    }

    /** 0: there is none. */
    public int plaintextPort() {
        return plaintextPort;
    }

    public int monitoringPort() {
        return monitoringPort;
    }

    public int readyPort() {
        return readyPort;
    }

    /** The configuration in force. */
    public MeshSnapshot snapshot() {
        return views.snapshot();
    }

    /** Root certificates in PEM, to be handed to workloads with their tokens. */
    public String rootsPem() {
        return authority.bundle().pem();
    }

    /** What is wrong with the newest state of the directory; empty when it is in force. */
    public List<Problem> problems() {
        return last.errors();
    }

    private void serve() throws IOException {
        JoinTokens tokens = new JoinTokens(settings.clock());
        ServerIdentity identity = new ServerIdentity(authority, settings.serverAddresses(), settings.clock());
        ScheduledExecutorService renewals = Executors.newSingleThreadScheduledExecutor(
                Thread.ofPlatform().daemon().name("server-identity").factory());
        open.push(renewals::shutdownNow);
        identity.renewOn(renewals);
        InetSocketAddress address = at(settings.xdsPort());
        try {
            Server server = SecurePort.at(address, authority, identity, settings.clock())
                    .addService(new CertificateService(authority, tokens))
                    .addService(ServerInterceptors.intercept(ads, new CallerForXds()))
                    .build()
                    .start();
            open.push(server::shutdownNow);
            xdsPort = server.getPort();
        } catch (IOException e) {
            throw new PortInUse(address, "xDS and certificates", e);
        }
        InetSocketAddress plaintext = settings.plaintext();
        if (plaintext != null) {
            servePlaintext(plaintext);
        }
        StatusPort monitoring = new StatusPort(at(settings.monitoringPort()), "metrics", pages());
        open.push(monitoring);
        monitoringPort = monitoring.port();
        StatusPort ready = new StatusPort(at(settings.readyPort()), "readiness", Map.of("/ready", () -> ""));
        open.push(ready);
        readyPort = ready.port();
        InputStream grants = settings.grants();
        if (grants != null) {
            Thread.ofPlatform().daemon().name("grants").start(() -> readGrants(tokens, grants));
        }
        LOG.info("control plane serves xDS and certificates on {}, metrics on {}", xdsPort, monitoringPort);
    }

    private void servePlaintext(InetSocketAddress address) throws PortInUse {
        try {
            Server server = NettyServerBuilder.forAddress(address)
                    .addService(plaintextAds)
                    .build()
                    .start();
            open.push(server::shutdownNow);
            plaintextPort = server.getPort();
            LOG.info("proxyless gRPC clients are served without TLS on {}", plaintextPort);
        } catch (IOException e) {
            throw new PortInUse(address, "xDS for proxyless gRPC, plaintext", e);
        }
    }

    private void readGrants(JoinTokens tokens, InputStream grants) {
        try {
            new GrantReader(tokens).run(grants, settings.grantAnswers());
        } catch (IOException e) {
            LOG.warn("no more grants are read: {}", e.toString());
        }
    }

    private Map<String, Supplier<String>> pages() {
        return Map.of(
                "/metrics", () -> metrics.render() + views.patches().render(),
                "/version", () -> "lateen 0.1.0\n",
                "/ready", () -> "",
                "/debug/registryz", () -> RegistryPage.json(views.snapshot()),
                "/debug/problems", this::problemLines);
    }

    private String problemLines() {
        ConfigLoad load = last;
        return Stream.of(
                        load.errors().stream().map(p -> "error " + p + "\n"),
                        load.kept().stream().map(d -> "kept " + d + "\n"),
                        load.warnings().stream().map(p -> "warning " + p + "\n"))
                .flatMap(lines -> lines)
                .collect(Collectors.joining());
    }

    private InetSocketAddress at(int port) {
        return new InetSocketAddress(settings.bind(), port);
    }

    /** On the watch's thread. */
    private void reload(List<SourceFile> files) {
        AddressPool pool = settings.addresses().remembering(views.snapshot());
        MeshSettings defaults = MeshSettings.defaults(settings.trustDomain());
        ConfigLoad load = ConfigLoad.of(files, defaults, pool, last.inForce());
        views.publish(load.snapshot());
        ads.configChanged();
        plaintextAds.configChanged();
        inForce(load);
    }

    private void inForce(ConfigLoad load) {
        last = load;
        MeshSnapshot mesh = load.snapshot();
        metrics.loaded(mesh, load.refused().size());
        kept.write(mesh);
        config.write(load.inForce());
        load.warnings().forEach(w -> LOG.warn("{}", w));
        if (!load.refused().isEmpty()) {
            LOG.error("refused, the rest is in force:\n{}", errorLines(load));
        }
        LOG.info(
                "configuration in force: {} services, {} workloads, {} routing rules, {} policies",
                mesh.services().size(),
                mesh.workloads().size(),
                mesh.routing().size(),
                mesh.policies().authorizations().size()
                        + mesh.policies().peerAuthentications().size());
    }

    private static String errorLines(ConfigLoad load) {
        return Stream.concat(
                        load.errors().stream().map(Problem::toString),
                        load.kept().stream().map(d -> d + ": the last good version stays in force"))
                .collect(Collectors.joining("\n"));
    }

    @Override
    public void close() {
        while (!open.isEmpty()) {
            try {
                open.pop().close();
            } catch (Exception e) {
                LOG.warn("not closed cleanly: {}", e.toString());
            }
        }
    }

    /** The identity that the port verified, where the ADS server looks for it. */
    private static final class CallerForXds implements ServerInterceptor {
        @Override
        public <Q, A> ServerCall.Listener<Q> interceptCall(
                ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
            Context context = Context.current().withValue(CallerIdentity.KEY, PeerIdentity.CALLER.get());
            return Contexts.interceptCall(context, call, headers, next);
        }
    }
}
