package lateen.control.ca;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import lateen.identity.SpiffeId;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class JoinTokensTest {
    private static final SpiffeId ID = new SpiffeId("cluster.local", "shop", "frontend");
    private static final String DIGEST = RunningCa.sha256("a-token-of-some-length");

    private final ManualTime time = new ManualTime();
    private final JoinTokens tokens = new JoinTokens(time);

    @Test
    void aGrantLineLetsItsTokenInOnce() throws Exception {
        String lines = "grant " + DIGEST + " " + ID + " 60\ngrant x y z\n\ngrant " + DIGEST + " " + ID + " 60\n"
                + "g".repeat(100_000) + "\ngrant " + RunningCa.sha256("last") + " " + ID + " 5";
        ByteArrayOutputStream answers = new ByteArrayOutputStream();

        new GrantReader(tokens).run(new ByteArrayInputStream(lines.getBytes(StandardCharsets.UTF_8)), answers);

        assertThat(answers.toString(StandardCharsets.UTF_8).lines())
                .satisfiesExactly(
                        line -> assertThat(line).isEqualTo("granted " + DIGEST),
                        line -> assertThat(line).startsWith("refused SPIFFE id: \"y\""),
                        line -> assertThat(line).startsWith("refused grant: line of 1 words"),
                        line -> assertThat(line).contains("this digest was granted before"),
                        line -> assertThat(line).contains("line of 1025 characters (expected: at most 1024)"),
                        line -> assertThat(line).isEqualTo("granted " + RunningCa.sha256("last")));
        assertThat(tokens.redeem("a-token-of-some-length", "a")).isEqualTo(new Redemption.Bound(ID));
        assertThat(tokens.redeem("a-token-of-some-length", "b")).isEqualTo(new Redemption.Used(ID));
        assertThat(tokens.redeem("a-token-of-some-length", "a")).isEqualTo(new Redemption.Bound(ID));
        time.advance(Duration.ofSeconds(6));
        assertThat(tokens.redeem("last", "a")).isEqualTo(new Redemption.Expired(ID));
        assertThat(tokens.redeem("never granted", "a")).isEqualTo(new Redemption.Unknown());
        assertThat(tokens.redeem("x".repeat(1_000_000), "a")).isEqualTo(new Redemption.Unknown());
    }

    @Test
    void theTableIsBoundedAndForgetsWhatIsOld() {
        for (int i = 0; i < JoinTokens.MAX_TOKENS; i++) {
            tokens.grant(RunningCa.sha256("t" + i), ID, Duration.ofMinutes(1));
        }
        assertThatThrownBy(() -> tokens.grant(DIGEST, ID, Duration.ofMinutes(1)))
                .hasMessageContaining("expected: fewer than 10000");
        time.advance(Duration.ofMinutes(62));
        tokens.grant(DIGEST, ID, Duration.ofMinutes(1));
        assertThat(tokens.redeem("t1", "a")).isEqualTo(new Redemption.Unknown());
    }

    @Property
    void anyLineIsReadOrRefused(@ForAll("nearlyGrants") String line) {
        try {
            Grant grant = Grant.parse(line);
            assertThat(grant.validFor()).isBetween(Duration.ofSeconds(1), Duration.ofHours(1));
        } catch (IllegalArgumentException refused) {
            assertThat(refused.getMessage()).hasSizeLessThan(600);
        }
    }

    @Property(tries = 300)
    void anyCertificateRequestIsProvenOrUnusable(@ForAll byte[] der, @ForAll String text) {
        String pem = pem(der);
        assertThat(SigningRequest.read(pem)).isInstanceOf(SigningRequest.Unusable.class);
        assertThat(SigningRequest.read(text)).isInstanceOf(SigningRequest.Unusable.class);
    }

    @Property(tries = 500)
    void aDamagedCertificateRequestNeverThrows(@ForAll int position, @ForAll byte value) {
        byte[] der = DAMAGEABLE.clone();
        der[Math.floorMod(position, der.length)] = value;
        String pem = pem(der);
        switch (SigningRequest.read(pem)) {
            case SigningRequest.Unusable(String reason) -> assertThat(reason).startsWith("CSR");
            // What was signed is compared after decoding, so another encoding of the same contents may pass.
            case SigningRequest.Proven(var key, String uri) -> {
                assertThat(uri).isEqualTo(ID.toString());
                assertThat(new SigningRequest.Proven(key, uri)).isEqualTo(SigningRequest.read(pem(DAMAGEABLE)));
            }
        }
    }

    private static String pem(byte[] der) {
        return "-----BEGIN CERTIFICATE REQUEST-----\n"
                + java.util.Base64.getEncoder().encodeToString(der) + "\n-----END CERTIFICATE REQUEST-----\n";
    }

    private static final byte[] DAMAGEABLE =
            lateen.identity.CertificateRequest.create(ID).der();

    @Provide
    Arbitrary<String> nearlyGrants() {
        return Arbitraries.of(
                        "grant",
                        " ",
                        " ",
                        " ",
                        DIGEST,
                        ID.toString(),
                        "60",
                        "0",
                        "3600",
                        "3601",
                        "99999999999",
                        "-1",
                        "é",
                        "\0")
                .list()
                .ofMaxSize(9)
                .map(parts -> String.join("", parts));
    }
}
