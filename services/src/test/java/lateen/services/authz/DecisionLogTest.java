package lateen.services.authz;

import static org.assertj.core.api.Assertions.assertThat;

import io.envoyproxy.envoy.service.auth.v3.CheckRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import lateen.services.authz.AuthzSettings.Logged;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DecisionLogTest {
    private static final Logger LOG = Logger.getLogger("lateen.authz");

    private final List<String> lines = new ArrayList<>();
    private final Handler memory = new Handler() {
        @Override
        public void publish(LogRecord entry) {
            lines.add(entry.getMessage());
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    };

    @AfterEach
    void detach() {
        LOG.removeHandler(memory);
    }

    @ParameterizedTest
    @CsvSource({"NONE, 0", "FAILURES, 1", "DENIALS, 2", "ALL, 3"})
    void theLevelChoosesWhichDecisionsGetALine(Logged level, int expected) {
        LOG.addHandler(memory);
        DecisionLog log = new DecisionLog(level);
        log.write(Checks.get("/"), new Verdict.Allowed(), 1);
        log.write(Checks.get("/"), new Verdict.Denied("no"), 1);
        log.write(Checks.get("/"), new Verdict.Failed("OPA at x: connection refused"), 1);

        assertThat(lines).hasSize(expected);
    }

    @Test
    void aLineSaysWhoWantedWhatAndNoCredential() {
        CheckRequest request = Checks.request(
                "GET", "/books?token=hush\n", Map.of("authorization", "Bearer hush", "cookie", "session=hush"), "hush");

        assertThat(DecisionLog.line("denied", request, "by the policy, status 403", 2_140_000))
                .isEqualTo("denied GET frontend/books?... from " + Checks.CLIENT + " to " + Checks.FRONTEND
                        + " id 7f1b: by the policy, status 403 (2.1 ms)");
        assertThat(DecisionLog.line("denied", Checks.get("/a\nfake line"), "x", 0))
                .doesNotContain("\n");
    }
}
