package lateen.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.interfaces.ECPrivateKey;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class PemTest {
    private static final TestAuthority AUTHORITY = TestAuthority.root("root");

    @Test
    void certificatesComeBackInTheirOrder() {
        TestAuthority other = TestAuthority.root("other");
        String text = "subject: root\n" + Pem.encode(AUTHORITY.certificate) + "\n# next\n"
                + Pem.encode(other.certificate).replace("\n", "\r\n");
        assertThat(Pem.certificates(text)).containsExactly(AUTHORITY.certificate, other.certificate);
        assertThat(Pem.certificates(Pem.encode(List.of(AUTHORITY.certificate)))).hasSize(1);
    }

    @Test
    void keysOfBothKindsComeBack() throws Exception {
        PrivateKey ec = CertificateRequest.generateKeys().getPrivate();
        KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(2048);
        PrivateKey rsa = generator.generateKeyPair().getPrivate();
        assertThat(Pem.privateKey(Pem.encode(ec))).isEqualTo(ec);
        assertThat(Pem.privateKey(Pem.encode(rsa))).isEqualTo(rsa);
    }

    @Test
    void olderFormsOfKeysAreTheSameKeys() throws Exception {
        assertThat(((ECPrivateKey) Pem.privateKey(OLDER_EC)).getS())
                .isEqualTo(((ECPrivateKey) Pem.privateKey(EC)).getS());
        KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(2048);
        PrivateKey rsa = generator.generateKeyPair().getPrivate();
        byte[] pkcs8 = rsa.getEncoded();
        String older = Pem.encode("RSA PRIVATE KEY", Arrays.copyOfRange(pkcs8, 26, pkcs8.length));
        assertThat(Pem.privateKey(older)).isEqualTo(rsa);
    }

    @Test
    void brokenOlderFormsAreRefusedWithoutTheKey() {
        for (int length : new int[] {0, 1, 5, 30, 60}) {
            byte[] some = Arrays.copyOf(new byte[] {0x30, 0x77, 2, 1, 1, 4, 0x20, 9, 9, 9}, length);
            for (String label : List.of("EC PRIVATE KEY", "RSA PRIVATE KEY")) {
                assertThatThrownBy(() -> Pem.privateKey(Pem.encode(label, some)))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageStartingWith("PEM: ");
            }
        }
    }

    /** Made for this test; it opens nothing. */
    private static final String OLDER_EC = """
            -----BEGIN EC PARAMETERS-----
            BggqhkjOPQMBBw==
            -----END EC PARAMETERS-----
            -----BEGIN EC PRIVATE KEY-----
            MHcCAQEEIM856g5qFb8t5hKPeJyAxU/psDED8Allx9jOYupQlRmooAoGCCqGSM49
            AwEHoUQDQgAEc3vZuvubB2UsyIXqQZIJ+J8dfcW1hmamAdEKng3htUSPzAvKFcPZ
            VQ3wU8X8Hf0hD6ZR3Z7iTfNl/oT+FH5LuA==
            -----END EC PRIVATE KEY-----
            """;

    /** The same key. */
    private static final String EC = """
            -----BEGIN PRIVATE KEY-----
            MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgzznqDmoVvy3mEo94
            nIDFT+mwMQPwCWXH2M5i6lCVGaihRANCAARze9m6+5sHZSzIhepBkgn4nx19xbWG
            ZqYB0QqeDeG1RI/MC8oVw9lVDfBTxfwd/SEPplHdnuJN82X+hP4Ufku4
            -----END PRIVATE KEY-----
            """;

    @Test
    void malformedTextIsRefusedWithItsReason() {
        assertThatThrownBy(() -> Pem.certificates("")).hasMessageContaining("no certificate found");
        assertThatThrownBy(() -> Pem.certificates("-----BEGIN CERTIFICATE-----\nAAAA"))
                .hasMessageContaining("no END line");
        assertThatThrownBy(() -> Pem.certificates("-----BEGIN CERTIFICATE")).hasMessageContaining("closing dashes");
        assertThatThrownBy(() -> Pem.certificates(Pem.encode("CERTIFICATE", new byte[] {1, 2, 3})))
                .hasMessageContaining("3 bytes is not X.509");
        assertThatThrownBy(() -> Pem.certificates("x".repeat(Pem.MAX_TEXT + 1)))
                .hasMessageContaining("at most 1048576");
        assertThatThrownBy(() -> Pem.certificates(Pem.encode("A", new byte[1]).repeat(300)))
                .hasMessageContaining("more than 256 blocks");
        assertThatThrownBy(() -> Pem.privateKey(Pem.encode(AUTHORITY.certificate)))
                .hasMessageContaining("\"CERTIFICATE\" (expected: \"PRIVATE KEY\")");
    }

    @Test
    void nothingPrintsAKey() {
        PrivateKey key = CertificateRequest.generateKeys().getPrivate();
        String text = Pem.encode(key);
        String secret = text.split("\n")[2];
        assertThatThrownBy(() -> Pem.privateKey(text.replace(secret.substring(0, 4), "!!!!")))
                .hasMessage("PEM: block \"PRIVATE KEY\" is not base64")
                .hasNoCause();
        Svid svid = AUTHORITY.svid("spiffe://cluster.local/ns/shop/sa/frontend");
        String encoded = Base64.getEncoder().encodeToString(svid.privateKey().getEncoded());
        assertThat(svid.toString())
                .contains("spiffe://cluster.local/ns/shop/sa/frontend", "notAfter=2026-03-02T00:00:00Z")
                .doesNotContain("PrivateKey")
                .doesNotContain(encoded.substring(40, 60));
        assertThat(CertificateRequest.create(svid.id())).hasToString("CertificateRequest[" + svid.id() + "]");
    }

    @Test
    void aBundleHoldsEachRootOnceAndOnlyRoots() {
        TrustBundle twice = TrustBundle.fromPem(
                AUTHORITY.bundle().pem() + AUTHORITY.bundle().pem());
        assertThat(twice).isEqualTo(AUTHORITY.bundle());
        assertThatThrownBy(() -> new TrustBundle(List.of())).hasMessageContaining("at least one root");
        var leaf = AUTHORITY.leaf().uri("spiffe://a/ns/b/sa/c").issue();
        assertThatThrownBy(() -> new TrustBundle(List.of(leaf))).hasMessageContaining("no CA certificate");
    }

    @Property
    void anyTextIsReadOrRefused(@ForAll("nearlyPem") String text) {
        for (Runnable read : List.<Runnable>of(
                () -> Pem.certificates(text), () -> Pem.privateKey(text), () -> Pem.certificateRequest(text))) {
            try {
                read.run();
            } catch (IllegalArgumentException refused) {
                assertThat(refused.getMessage()).startsWith("PEM: ");
            }
        }
    }

    @Provide
    Arbitrary<String> nearlyPem() {
        String good = Pem.encode(AUTHORITY.certificate);
        return Arbitraries.of(
                        "-----BEGIN CERTIFICATE-----",
                        "-----END CERTIFICATE-----",
                        "-----BEGIN PRIVATE KEY-----",
                        "-----END PRIVATE KEY-----",
                        "-----BEGIN ",
                        "-----",
                        "\n",
                        "MIIB",
                        "MAMCAQA=",
                        "=",
                        "é",
                        good)
                .list()
                .ofMaxSize(8)
                .map(parts -> String.join("", parts));
    }
}
