package lateen.cli.sidecar;

import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import lateen.agent.identity.IdentityListener;
import lateen.agent.identity.JoinCredential;
import lateen.agent.identity.RenewalTimer;
import lateen.agent.identity.WorkloadIdentity;
import lateen.decision.config.ProxyConfig;
import lateen.identity.Svid;
import lateen.identity.TrustBundle;
import lateen.proxy.Proxy;
import lateen.proxy.ProxySettings;
import lateen.proxy.admin.AdminActions;
import lateen.proxy.admin.AdminPages;
import lateen.proxy.admin.AdminServer;
import lateen.proxy.admin.AdminSource;
import lateen.proxy.admin.Readiness;
import lateen.xds.ConfigDump;
import lateen.xds.client.AdsClient;
import lateen.xds.client.ConfigSink;
import lateen.xds.client.Status;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Agent and proxy of one workload in one process: a certificate first, then configuration, then ready.
 *
 * <p>Without a certificate nothing is served; when it is lost for good the process ends with {@link #IDENTITY_LOST}, and
 * whoever supervises it starts another with a new token. While the control plane is away all goes on as it was.
 */
final class Sidecar {

    /** Exit status: a new token is needed. */
    static final int IDENTITY_LOST = 3;

    private static final int FAILED = 1;

    /** As Istio starts Envoy: {@code --drain-time-s}. */
    private static final Duration DRAIN_BY_ADMIN = Duration.ofSeconds(45);
    /** Longer than any compilation; a proxy that is stuck must not hold the ACK back for ever. */
    private static final Duration APPLY = Duration.ofSeconds(30);

    private static final Logger LOG = LoggerFactory.getLogger(Sidecar.class);

    private final CompletableFuture<Integer> ended = new CompletableFuture<>();
    private final AtomicBoolean joined = new AtomicBoolean();
    private final AtomicBoolean drained = new AtomicBoolean();
    private final AtomicBoolean inboundDrained = new AtomicBoolean();
    private final Proxy proxy;
    private final WorkloadIdentity identity;
    private final RenewalTimer timer = RenewalTimer.onOwnThread();
    private final AdsClient ads;
    private final AdminServer administration;

    private Sidecar(SidecarEnvironment environment, JoinCredential credential, int workers) throws IOException {
        Undumpable.become();
        ColdPages.keepLettingGo();
        proxy = Proxy.start(ProxySettings.defaults()
                .withWorkers(workers)
                .withSelf(environment.self())
                .withUpstreamMark(environment.upstreamMark()));
        identity = ControlPlane.identity(environment, credential, new Secrets(), timer);
        ads = new AdsClient(
                () -> ControlPlane.channel(environment.discovery(), identity).build(), environment.node(), this::apply);
        ads.watchSecret(
                "ROOTCA", secret -> proxy.secrets().trust("ROOTCA", TrustBundle.fromPem(secret.trustedCaPem())));
        administration = Administration.ofSidecar(
                proxy,
                new AdminPages(
                        new AdminSource(
                                proxy::program,
                                proxy::addresses,
                                proxy.secrets(),
                                proxy.stats(),
                                () -> ConfigDump.json(ads.resources()),
                                this::readiness,
                                () -> ads.status().warming(),
                                environment.node().id(),
                                Administration.VERSION,
                                InstantSource.system()),
                        new AdminActions(
                                () -> ended.complete(0),
                                this::drain,
                                this::drainInbound,
                                proxy::reopenLogs,
                                Administration::logging)));
    }

    /** Runs until it is told to stop; returns the exit status. */
    static int run(SidecarEnvironment environment, JoinCredential credential, int workers) throws IOException {
        Sidecar sidecar = new Sidecar(environment, credential, workers);
        Thread stop = new Thread(sidecar::stop, "lateen-stop");
        Runtime.getRuntime().addShutdownHook(stop);
        sidecar.identity.start();
        return sidecar.ended.join();
    }

    /** Ready: certificate held, first resources in effect with their ports bound. */
    private Readiness readiness() {
        if (drained.get() || inboundDrained.get()) {
            return new Readiness.Draining("told so by /drain_listeners");
        }
        if (ended.isDone()) {
            return new Readiness.Draining("the proxy stops");
        }
        if (identity.current() == null) {
            return new Readiness.Initializing("no certificate yet: the log says what the CA answered");
        }
        Status status = ads.status();
        if (status.ready()) {
            return new Readiness.Live();
        }
        return new Readiness.Initializing(
                status.lastError() != null
                        ? "no configuration yet: " + status.lastError()
                        : !status.rejections().isEmpty()
                                ? "the first configuration was refused: " + status.rejections()
                                : !status.warming().isEmpty()
                                        ? "waiting for what these refer to: " + status.warming()
                                        : "no configuration yet");
    }

    /** For good: a configuration that came later would open listeners again. */
    private void drain() {
        if (drained.compareAndSet(false, true)) {
            LOG.info("draining for at most {} s: told so by /drain_listeners", DRAIN_BY_ADMIN.toSeconds());
            var _ = proxy.drain(DRAIN_BY_ADMIN);
        }
    }

    /** For good, of inbound listeners: the application goes on to ask others, and what it is told of them changes. */
    private void drainInbound() {
        if (inboundDrained.compareAndSet(false, true)) {
            LOG.info("inbound drains for at most {} s: told so by /drain_listeners", DRAIN_BY_ADMIN.toSeconds());
            var _ = proxy.drainInbound(DRAIN_BY_ADMIN, true);
        }
    }

    private ConfigSink.Outcome apply(ProxyConfig config) {
        if (drained.get()) {
            return new ConfigSink.Outcome.Refused("the proxy drains");
        }
        try {
            return switch (proxy.accept(config).toCompletableFuture().get(APPLY.toSeconds(), TimeUnit.SECONDS)) {
                case Proxy.Acceptance.Accepted() -> {
                    if (!ads.status().ready()) {
                        // What the start has left behind would stay for good: the old generation is never full.
                        System.gc();
                    }
                    yield new ConfigSink.Outcome.Accepted();
                }
                case Proxy.Acceptance.Rejected rejected -> {
                    if (rejected.unbound() && !ads.status().ready()) {
                        // It never served: whoever started it sees at once that it cannot.
                        LOG.error("cannot start: {}", rejected.reason());
                        ended.complete(FAILED);
                    }
                    yield new ConfigSink.Outcome.Refused(rejected.reason());
                }
            };
        } catch (ExecutionException | TimeoutException e) {
            LOG.error("a configuration could not be put into effect", e);
            return new ConfigSink.Outcome.Refused("not put into effect: " + e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new ConfigSink.Outcome.Refused("the proxy stops");
        }
    }

    private void stop() {
        ads.close();
        timer.close();
        Shutdown.of(proxy, administration);
    }

    /** Hands certificates to the proxy; the first one opens the way to the control plane. */
    private final class Secrets implements IdentityListener {
        @Override
        public void onIdentity(Svid svid, TrustBundle roots) {
            proxy.secrets().trust("ROOTCA", roots);
            proxy.secrets().certificate("default", svid);
            if (joined.compareAndSet(false, true)) {
                ads.start();
            }
        }

        @Override
        public void onLost(String reason) {
            LOG.error("{}", reason);
            ended.complete(IDENTITY_LOST);
        }
    }
}
