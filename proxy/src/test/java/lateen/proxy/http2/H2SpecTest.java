package lateen.proxy.http2;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import lateen.decision.config.Http2Options;
import lateen.testing.RealProgram;
import org.junit.jupiter.api.Test;

/** Every case of h2spec, with the strict ones: its parts generic, http2 and hpack. */
class H2SpecTest {

    @Test
    void everyCasePasses() throws Exception {
        String h2spec = RealProgram.h2spec().toString();
        try (Http2TestServer server = new Http2TestServer(Http2Options.DEFAULT)) {
            Process process = new ProcessBuilder(
                            h2spec, "--strict", "--timeout", "5", "--host", "127.0.0.1", "--port", "" + server.port())
                    .redirectErrorStream(true)
                    .start();
            String report = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(report).contains("146 tests, 146 passed");
        }
    }
}
