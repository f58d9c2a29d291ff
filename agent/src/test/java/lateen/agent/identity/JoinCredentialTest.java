package lateen.agent.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class JoinCredentialTest {
    private static final String TOKEN = "0123456789abcdef0123";
    private static final String ROOT = """
            -----BEGIN CERTIFICATE-----
            MIIBfjCCASWgAwIBAgIUQ0cSI3WeZOOVi8OcTE3yFukSy3EwCgYIKoZIzj0EAwIw
            FDESMBAGA1UEAwwJam9pbiB0ZXN0MCAXDTI2MTEyNDAwMDI1OFoYDzIxMjYxMDMx
            MDAwMjU4WjAUMRIwEAYDVQQDDAlqb2luIHRlc3QwWTATBgcqhkjOPQIBBggqhkjO
            PQMBBwNCAAQJ++FZ5FROfTpTafECu7m9LntWvsrPOKLaYEKRRbEXwSDBhP1RBjHv
            yOYDQga1lYA6e4zpo8OhNNX6Pmx1MgCAo1MwUTAdBgNVHQ4EFgQUcccHRMOgQxM2
            VNEpjvsOa9tQcl4wHwYDVR0jBBgwFoAUcccHRMOgQxM2VNEpjvsOa9tQcl4wDwYD
            VR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNHADBEAiAq4K0xXMH3PUp5nN8EYl6X
            kVhcfNNYwWwpbOAJ5xtmoAIgRasF0/Y7vYnGKxQQj3KhGCGckiQS45P3O1haYoRI
            Ia4=
            -----END CERTIFICATE-----
            """;

    @Test
    void aTokenLineAndRootsAreReadToTheEnd() throws Exception {
        JoinCredential read = read("token " + TOKEN + "\r\n" + ROOT);
        assertThat(read.token()).isEqualTo(TOKEN);
        assertThat(read.roots().roots()).hasSize(1);
        assertThat(read.toString()).doesNotContain(TOKEN).contains("CN=join test");
    }

    @Test
    void otherFormsAreRefusedWithoutRepeatingTheToken() {
        assertThatThrownBy(() -> read("")).hasMessageContaining("expected: a line \"token <token>\"");
        assertThatThrownBy(() -> read("token " + TOKEN)).hasMessageContaining("expected: a line");
        assertThatThrownBy(() -> read(TOKEN + "\n" + ROOT)).hasMessageNotContaining(TOKEN);
        assertThatThrownBy(() -> read("token " + TOKEN + "\n")).hasMessageContaining("no certificate found");
        assertThatThrownBy(() -> read("token short\n" + ROOT)).hasMessageContaining("join token of 5 characters");
        assertThatThrownBy(() -> read("token " + TOKEN + " " + TOKEN + "\n" + ROOT))
                .hasMessageContaining("without spaces")
                .hasMessageNotContaining(TOKEN);
        assertThatThrownBy(() -> read("token " + TOKEN + "\n-----BEGIN " + TOKEN + "-----\n"))
                .hasMessageNotContaining(TOKEN);
        assertThatThrownBy(() -> read("token " + TOKEN + "\n" + "x".repeat(70_000)))
                .hasMessageContaining("more than 65536 bytes");
    }

    @Property
    void anyTextIsReadOrRefused(@ForAll("nearlyCredentials") String text) throws Exception {
        try {
            assertThat(read(text).token()).hasSizeBetween(16, 512);
        } catch (IllegalArgumentException refused) {
            assertThat(refused.getMessage()).doesNotContain(TOKEN);
        }
    }

    @Provide
    Arbitrary<String> nearlyCredentials() {
        return Arbitraries.of("token ", TOKEN, "\n", "\r", " ", ROOT, "-----BEGIN ", "é", "token")
                .list()
                .ofMaxSize(8)
                .map(parts -> String.join("", parts));
    }

    private static JoinCredential read(String text) throws Exception {
        return JoinCredential.read(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)));
    }
}
