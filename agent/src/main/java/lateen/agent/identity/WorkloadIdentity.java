package lateen.agent.identity;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.random.RandomGenerator;
import lateen.identity.CertificateRequest;
import lateen.identity.ReloadingKeyManager;
import lateen.identity.ReloadingTrustManager;
import lateen.identity.SpiffeId;
import lateen.identity.Svid;
import lateen.identity.TrustBundle;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gets and keeps this process's certificate.
 *
 * <p>The first is asked for with the join token, later ones with the certificate held, at half of its life, each with a
 * new key that never leaves the process. Failures are retried with growing pauses until the certificate ends. Renewal
 * swaps what {@link #keyManager} and {@link #trustManager} answer; no connection is dropped.
 *
 * <p>The wall clock may be set while this waits: set forwards, renewal comes as soon as half of the life is over by the
 * new time; set backwards, it comes after the time that was to be waited.
 *
 * <p>Owns neither the timer nor the listener. Accessors may be called from any thread.
 */
public final class WorkloadIdentity {
    private static final Logger log = LoggerFactory.getLogger(WorkloadIdentity.class);
    /** How long joining is tried while the CA does not answer: far beyond any token's life. */
    private static final Duration JOIN_PATIENCE = Duration.ofHours(1);

    private final SpiffeId id;
    private final Duration lifetime;
    private final IdentityListener listener;
    private final InstantSource clock;
    private final RenewalTimer timer;
    private final RenewalSchedule schedule;
    private final ReloadingKeyManager keys = new ReloadingKeyManager();
    private final ReloadingTrustManager trust;
    private final CaClient ca;

    private @Nullable String token; // the timer's thread; dropped once it is used
    private @Nullable CertificateRequest asking; // the timer's thread; null: nothing is unanswered
    private int failures; // the timer's thread
    private Instant halfOfLife = Instant.MAX; // the timer's thread
    private volatile @Nullable Svid current;

    /**
     * Does nothing before {@link #start}.
     *
     * @param id must be what the token is bound to
     * @param lifetime wanted for each certificate; zero leaves it to the CA
     * @param random for jitter only
     */
    public WorkloadIdentity(
            SpiffeId id,
            JoinCredential credential,
            CaEndpoint endpoint,
            Duration lifetime,
            IdentityListener listener,
            InstantSource clock,
            RenewalTimer timer,
            RandomGenerator random) {
        this.id = id;
        this.token = credential.token();
        this.lifetime = lifetime;
        this.listener = listener;
        this.clock = clock;
        this.timer = timer;
        this.schedule = new RenewalSchedule(random);
        this.trust = ReloadingTrustManager.host(clock, endpoint.serverName());
        trust.set(credential.roots());
        this.ca = new CaClient(endpoint, keys, trust, clock);
    }

    /** Asks for the first certificate on the timer's thread; the listener hears how it went. */
    public void start() {
        timer.after(Duration.ZERO, this::attempt);
    }

    /** Who this workload is, joined or not. */
    public SpiffeId id() {
        return id;
    }

    /** The certificate held, null before the first. */
    public @Nullable Svid current() {
        return current;
    }

    /** The roots held; before the first certificate those that came with the token. */
    public TrustBundle roots() {
        TrustBundle roots = trust.current();
        if (roots == null) {
            throw new IllegalStateException("set in the constructor");
        }
        return roots;
    }

    /** For TLS contexts of this workload; always presents the newest certificate. */
    public ReloadingKeyManager keyManager() {
        return keys;
    }

    /** Verifies the control plane, by its host name and the newest roots. Not for other workloads. */
    public ReloadingTrustManager trustManager() {
        return trust;
    }

    /** Asks when half of the life is over by the clock, or by the time waited, whichever comes first. */
    private void waiting(Duration remaining, Duration look, Instant due) {
        if (remaining.isNegative() || remaining.isZero() || !clock.instant().isBefore(due)) {
            attempt();
            return;
        }
        Duration step = remaining.compareTo(look) < 0 ? remaining : look;
        timer.after(step, () -> waiting(remaining.minus(step), look, due));
    }

    private void attempt() {
        // The same again until it is answered: an answer may be lost, and a join token is good for one key.
        CertificateRequest request = asking == null ? CertificateRequest.create(id) : asking;
        asking = request;
        try {
            switch (ca.request(request, token, lifetime)) {
                case CaAnswer.Issued(Svid svid, TrustBundle roots) -> accept(svid, roots);
                case CaAnswer.Refused(String reason) -> refused(reason);
                case CaAnswer.Unavailable(String reason) -> again(reason);
            }
        } catch (RuntimeException e) {
            // A defect must not end renewal: without it the workload would fail at the end of its certificate.
            log.error("renewal of {} failed unexpectedly", id, e);
            again(e.toString());
        }
    }

    private void accept(Svid svid, TrustBundle roots) {
        token = null;
        asking = null;
        if (failures > 0) {
            log.info("{} has its certificate after {} failed attempts", id, failures);
        }
        failures = 0;
        keys.set(svid.material());
        trust.set(roots);
        current = svid;
        Duration left = Duration.between(clock.instant(), svid.notAfter());
        halfOfLife = clock.instant().plus(left.dividedBy(2));
        Duration next = schedule.renewal(left);
        log.info("holding {}; renewal in {} s", svid, next.toSeconds());
        waiting(next, schedule.look(next), clock.instant().plus(next));
        try {
            listener.onIdentity(svid, roots);
        } catch (RuntimeException e) {
            log.error("a listener failed on {}; the certificate is in use all the same", svid, e);
        }
    }

    private void refused(String reason) {
        if (current == null) {
            // Asking again with the same token cannot end better, and looks like guessing to the CA.
            lose("joining as " + id + " was refused: " + reason + " (a new token is needed)");
        } else {
            again(reason);
        }
    }

    private void again(String reason) {
        failures++;
        Svid held = current;
        Instant now = clock.instant();
        Duration left = held == null ? JOIN_PATIENCE : Duration.between(now, held.notAfter());
        if (left.isNegative() || left.isZero()) {
            lose("the certificate of " + id + " expired unrenewed: " + reason + " (a new token is needed)");
            return;
        }
        Duration wait = schedule.retry(failures, left);
        if (held == null) {
            log.warn("joining as {}, attempt {}: {}; next in {} ms", id, failures, reason, wait.toMillis());
        } else if (now.isBefore(halfOfLife)) {
            log.info("renewing {}, attempt {}: {}; next in {} ms", id, failures, reason, wait.toMillis());
        } else {
            log.warn(
                    "renewing {}, attempt {}: {}; {} s of its certificate are left, next attempt in {} ms",
                    id,
                    failures,
                    reason,
                    left.toSeconds(),
                    wait.toMillis());
        }
        timer.after(wait, this::attempt);
    }

    private void lose(String reason) {
        token = null;
        log.error("{}", reason);
        listener.onLost(reason);
    }
}
