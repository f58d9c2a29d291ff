package lateen.identity;

import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/**
 * Verifies peers against the newest trust bundle, so that a rotated root needs no new TLS context.
 *
 * <p>Peers have SPIFFE ids, not host names: the end-point identification that a TLS engine was configured with is not
 * used. Who is expected is said when this is made. Any thread may call any method.
 */
public final class ReloadingTrustManager extends X509ExtendedTrustManager {
    private final AtomicReference<@Nullable TrustBundle> current = new AtomicReference<>();
    private final InstantSource clock;
    private final Expected expected;

    private sealed interface Expected {
        record Workload(Predicate<SpiffeId> allowed) implements Expected {}

        record Host(String dnsName) implements Expected {}
    }

    private ReloadingTrustManager(InstantSource clock, Expected expected) {
        this.clock = clock;
        this.expected = expected;
    }

    /**
     * Accepts peers with a SPIFFE id that {@code allowed} accepts.
     *
     * @param clock says at which time certificates must be valid
     */
    public static ReloadingTrustManager workloads(InstantSource clock, Predicate<SpiffeId> allowed) {
        return new ReloadingTrustManager(clock, new Expected.Workload(allowed));
    }

    /**
     * Accepts servers whose certificate names exactly {@code dnsName} (no wildcards), as a sidecar meets its control
     * plane, whatever address it dialled. Clients are refused.
     */
    public static ReloadingTrustManager host(InstantSource clock, String dnsName) {
        return new ReloadingTrustManager(clock, new Expected.Host(dnsName));
    }

    /** Handshakes that end after this use {@code bundle}. */
    public void set(TrustBundle bundle) {
        current.set(bundle);
    }

    /** What is used now, null before the first {@link #set}; until then every peer is refused. */
    public @Nullable TrustBundle current() {
        return current.get();
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        check(chain, PeerVerifier.Role.CLIENT);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, @Nullable Socket socket)
            throws CertificateException {
        check(chain, PeerVerifier.Role.CLIENT);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, @Nullable SSLEngine engine)
            throws CertificateException {
        check(chain, PeerVerifier.Role.CLIENT);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        check(chain, PeerVerifier.Role.SERVER);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, @Nullable Socket socket)
            throws CertificateException {
        check(chain, PeerVerifier.Role.SERVER);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, @Nullable SSLEngine engine)
            throws CertificateException {
        check(chain, PeerVerifier.Role.SERVER);
    }

    /** The roots, which a server tells its clients in the request for a certificate. */
    @Override
    public X509Certificate[] getAcceptedIssuers() {
        TrustBundle bundle = current.get();
        return bundle == null ? new X509Certificate[0] : bundle.roots().toArray(X509Certificate[]::new);
    }

    private void check(X509Certificate[] chain, PeerVerifier.Role role) throws CertificateException {
        TrustBundle bundle = current.get();
        String problem = bundle == null ? "there are no roots yet" : problem(List.of(chain), bundle, role);
        if (problem != null) {
            throw new CertificateException("peer refused: " + problem);
        }
    }

    private @Nullable String problem(List<X509Certificate> chain, TrustBundle bundle, PeerVerifier.Role role) {
        return switch (expected) {
            case Expected.Workload(Predicate<SpiffeId> allowed) ->
                switch (new PeerVerifier(bundle, role).verify(chain, clock.instant())) {
                    case PeerVerification.Rejected(String reason) -> reason;
                    case PeerVerification.Verified verified ->
                        allowed.test(verified.id()) ? null : verified.id() + " is not expected on this connection";
                };
            case Expected.Host(String dnsName) -> hostProblem(chain, bundle, role, dnsName);
        };
    }

    private @Nullable String hostProblem(
            List<X509Certificate> chain, TrustBundle bundle, PeerVerifier.Role role, String dnsName) {
        if (role == PeerVerifier.Role.CLIENT) {
            return "clients are not accepted here (expected: a server named " + dnsName + ")";
        }
        String problem = CertificatePath.problem(chain, bundle, role, clock.instant());
        if (problem != null) {
            return problem;
        }
        List<String> names = SubjectNames.of(chain.getFirst(), SubjectNames.DNS);
        return names.stream().anyMatch(dnsName::equalsIgnoreCase)
                ? null
                : "server named " + names.stream().map(Quoted::of).toList() + " (expected: " + dnsName + ")";
    }
}
