package lateen.control.ca;

import java.nio.file.Path;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import lateen.identity.KeyMaterial;
import lateen.identity.SpiffeId;
import lateen.identity.TrustBundle;
import org.bouncycastle.asn1.x509.GeneralName;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Signs short-lived certificates with a self-signed P-256 root that is kept across restarts.
 *
 * <p>Leaves: digitalSignature, client and server authentication, no subject, one critical subject alternative name
 * extension. They begin up to two minutes ago, for peers whose clocks are behind, and end with the root at the latest.
 */
public final class CertificateAuthority {
    /** What a workload's certificate lasts unless configured. */
    public static final Duration DEFAULT_LIFETIME = Duration.ofHours(24);

    /** Shortest lifetime that is configured or issued. */
    public static final Duration MIN_LIFETIME = Duration.ofSeconds(10);

    private static final Duration ROOT_LIFETIME = Duration.ofDays(3652);
    private static final Duration ROOT_WARNING = Duration.ofDays(90);
    private static final Duration BACKDATED = Duration.ofMinutes(2);
    private static final Logger log = LoggerFactory.getLogger(CertificateAuthority.class);

    private final String trustDomain;
    private final KeyMaterial root;
    private final Duration maxLifetime;
    private final InstantSource clock;

    private CertificateAuthority(String trustDomain, KeyMaterial root, Duration maxLifetime, InstantSource clock) {
        this.trustDomain = trustDomain;
        this.root = root;
        this.maxLifetime = maxLifetime;
        this.clock = clock;
    }

    /**
     * Loads the root from the state directory, or makes one and keeps it there.
     *
     * @param state made with mode 0700 if it does not exist
     * @param trustDomain of all workloads; part of a new root's name
     * @param leafLifetime what a leaf lasts when its request does not ask for less; {@link #MIN_LIFETIME} or more
     * @throws IllegalArgumentException if the lifetime is too short
     * @throws IllegalStateException if the kept root is open to others, damaged or expired; says what to do
     * @throws java.io.UncheckedIOException if the directory cannot be read or written
     */
    public static CertificateAuthority open(
            Path state, String trustDomain, Duration leafLifetime, InstantSource clock) {
        if (leafLifetime.compareTo(MIN_LIFETIME) < 0) {
            throw new IllegalArgumentException(
                    "certificate lifetime: " + leafLifetime + " (expected: at least " + MIN_LIFETIME + ")");
        }
        RootStore store = new RootStore(state);
        KeyMaterial root = store.load();
        if (root == null) {
            root = X509Issuer.selfSigned(trustDomain, clock.instant().minus(BACKDATED), ROOT_LIFETIME);
            store.save(root);
            log.info("made a new root, valid until {}, kept in {}", root.notAfter(), state);
        }
        Instant now = clock.instant();
        if (now.isAfter(root.notAfter())) {
            throw new IllegalStateException("the root in " + state + " expired at " + root.notAfter() + ", now it is "
                    + now + " (remove " + state.resolve("ca") + " to begin with a new root; every workload must join"
                    + " again)");
        }
        if (Duration.between(now, root.notAfter()).compareTo(ROOT_WARNING) < 0) {
            log.warn("the root in {} expires at {}: replace it before then", state, root.notAfter());
        }
        return new CertificateAuthority(trustDomain, root, leafLifetime, clock);
    }

    /**
     * Signs a workload's certificate.
     *
     * @param wanted lifetime; more than {@link #maxLifetime} is cut to it
     * @return leaf first, without the root
     * @throws IllegalArgumentException if {@code id} is of another trust domain
     */
    public List<X509Certificate> issueWorkload(SpiffeId id, PublicKey key, Duration wanted) {
        if (!id.trustDomain().equals(trustDomain)) {
            throw new IllegalArgumentException(id + " (expected: trust domain " + trustDomain + ")");
        }
        return issue(key, List.of(new GeneralName(GeneralName.uniformResourceIdentifier, id.toString())), wanted);
    }

    /** Signs the control plane's own certificate for host names and addresses, leaf first. */
    List<X509Certificate> issueServer(PublicKey key, List<GeneralName> names) {
        return issue(key, names, maxLifetime);
    }

    /** The root, as peers need it to verify what is issued here. */
    public TrustBundle bundle() {
        return new TrustBundle(List.of(root.leaf()));
    }

    /** The trust domain of all workloads. */
    public String trustDomain() {
        return trustDomain;
    }

    /** What a leaf lasts at most. */
    public Duration maxLifetime() {
        return maxLifetime;
    }

    private List<X509Certificate> issue(PublicKey key, List<GeneralName> names, Duration wanted) {
        Instant now = clock.instant();
        Duration lifetime = wanted.compareTo(maxLifetime) < 0 ? wanted : maxLifetime;
        Instant begins = now.minus(lifetime.compareTo(BACKDATED) < 0 ? lifetime : BACKDATED);
        Instant ends = now.plus(lifetime);
        return List.of(X509Issuer.leaf(
                root,
                key,
                names,
                begins.isBefore(root.notBefore()) ? root.notBefore() : begins,
                ends.isAfter(root.notAfter()) ? root.notAfter() : ends));
    }
}
