package lateen.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class PeerVerifierTest {
    private static final TestAuthority ROOT = TestAuthority.root("root");
    private static final String FRONTEND = "spiffe://cluster.local/ns/shop/sa/frontend";
    private static final SpiffeId ID = SpiffeId.parse(FRONTEND);
    private static final Instant NOON = TestAuthority.START.plus(Duration.ofHours(12));
    private static final PeerVerifier CLIENTS = new PeerVerifier(ROOT.bundle(), PeerVerifier.Role.CLIENT);

    @Test
    void aChainToARootProvesItsName() {
        X509Certificate leaf = ROOT.leaf().uri(FRONTEND).dns("extra.example").issue();
        var expected = new PeerVerification.Verified(ID, TestAuthority.START.plus(Duration.ofDays(1)));
        assertThat(CLIENTS.verify(List.of(leaf), NOON)).isEqualTo(expected);
        assertThat(CLIENTS.verify(List.of(leaf, ROOT.certificate), NOON)).isEqualTo(expected);
        assertThat(new PeerVerifier(ROOT.bundle(), PeerVerifier.Role.SERVER).verify(List.of(leaf), NOON))
                .isEqualTo(expected);
    }

    @Test
    void anIntermediateMustBePresented() {
        TestAuthority intermediate = ROOT.intermediate("issuing");
        X509Certificate leaf = intermediate.leaf().uri(FRONTEND).issue();
        assertThat(CLIENTS.verify(List.of(leaf, intermediate.certificate), NOON))
                .isInstanceOf(PeerVerification.Verified.class);
        assertThat(reason(CLIENTS.verify(List.of(leaf), NOON))).contains("no path from issuer \"CN=issuing\"");
    }

    @Test
    void duringARotationBothRootsAreGood() {
        TestAuthority next = TestAuthority.root("root");
        TrustBundle both = new TrustBundle(List.of(ROOT.certificate, next.certificate));
        PeerVerifier verifier = new PeerVerifier(both, PeerVerifier.Role.CLIENT);
        for (TestAuthority authority : List.of(ROOT, next)) {
            assertThat(verifier.verify(List.of(authority.leaf().uri(FRONTEND).issue()), NOON))
                    .isInstanceOf(PeerVerification.Verified.class);
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("wrongPeers")
    void aPeerThatProvesNothingIsRefusedWithTheReason(String said, List<X509Certificate> chain, Instant now) {
        assertThat(reason(CLIENTS.verify(chain, now))).contains(said);
    }

    static Stream<Arguments> wrongPeers() {
        TestAuthority.Leaf good = ROOT.leaf().uri(FRONTEND);
        X509Certificate leaf = good.issue();
        KeyPair keys = CertificateRequest.generateKeys();
        Instant end = TestAuthority.START.plus(Duration.ofDays(1));
        return Stream.of(
                arguments("presented no certificate", List.of(), NOON),
                arguments("expected: at most 10", java.util.Collections.nCopies(11, leaf), NOON),
                arguments("expired at " + end, List.of(leaf), end.plusSeconds(1)),
                arguments("is valid from " + TestAuthority.START, List.of(leaf), TestAuthority.START.minusSeconds(1)),
                arguments(
                        "root of the trust bundle",
                        List.of(TestAuthority.root("stranger")
                                .leaf()
                                .uri(FRONTEND)
                                .issue()),
                        NOON),
                arguments(
                        "number 1 of the chain",
                        List.of(TestAuthority.root("root").leaf().uri(FRONTEND).issue()),
                        NOON),
                arguments(
                        "expected: 1.3.6.1.5.5.7.3.2, clientAuth",
                        List.of(ROOT.leaf()
                                .uri(FRONTEND)
                                .purposes(KeyPurposeId.id_kp_serverAuth)
                                .issue()),
                        NOON),
                arguments(
                        "expected: digitalSignature",
                        List.of(ROOT.leaf()
                                .uri(FRONTEND)
                                .keyUsage(KeyUsage.keyEncipherment)
                                .issue()),
                        NOON),
                arguments(
                        "the leaf is a CA",
                        List.of(ROOT.leaf().uri(FRONTEND).asAuthority().issue()),
                        NOON),
                arguments("the leaf is a CA", List.of(ROOT.certificate), NOON),
                arguments(
                        "0 URI subject alternative names",
                        List.of(ROOT.leaf().dns("a.b").issue()),
                        NOON),
                arguments(
                        "2 URI subject alternative names",
                        List.of(ROOT.leaf().uri(FRONTEND).uri(FRONTEND).issue()),
                        NOON),
                arguments(
                        "\"https://example.org\" (expected: spiffe://",
                        List.of(ROOT.leaf().uri("https://example.org").issue()),
                        NOON),
                // A workload's own certificate must not be able to issue further ones.
                arguments(
                        "number 2 of the chain",
                        List.of(leaf, ROOT.leaf().uri(FRONTEND).issue(keys.getPublic())),
                        NOON),
                arguments(
                        "the root \"CN=root\" is not valid",
                        List.of(ROOT.leaf()
                                .uri(FRONTEND)
                                .valid(TestAuthority.START, TestAuthority.START.plus(Duration.ofDays(9000)))
                                .issue()),
                        TestAuthority.START.plus(Duration.ofDays(4000))));
    }

    @Test
    void aVerifiedPeerMustAlsoBeExpected() {
        List<X509Certificate> chain = List.of(ROOT.leaf().uri(FRONTEND).issue());
        SpiffeId ratings = new SpiffeId("cluster.local", "shop", "ratings");
        assertThat(CLIENTS.verify(chain, NOON, Set.of(ratings, ID))).isInstanceOf(PeerVerification.Verified.class);
        assertThat(reason(CLIENTS.verify(chain, NOON, Set.of(ratings))))
                .isEqualTo("peer is " + FRONTEND + " (expected: one of [" + ratings + "])");
        assertThat(reason(CLIENTS.verify(chain, NOON, Set.of()))).contains("expected: one of []");
    }

    private static String reason(PeerVerification verification) {
        assertThat(verification).isInstanceOf(PeerVerification.Rejected.class);
        return ((PeerVerification.Rejected) verification).reason();
    }
}
