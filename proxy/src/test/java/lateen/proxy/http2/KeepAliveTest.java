package lateen.proxy.http2;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import lateen.decision.config.Http2Options;
import org.junit.jupiter.api.Test;

class KeepAliveTest {
    private static final long SECOND = 1_000_000_000L;
    /** Near the point where {@link System#nanoTime} turns negative. */
    private static final long START = Long.MAX_VALUE - 12 * SECOND;

    private static long after(int seconds) {
        return START + seconds * SECOND;
    }

    private static KeepAlive every10Within3(double jitter) {
        return new KeepAlive(new Http2Options.KeepAlive(Duration.ofSeconds(10), Duration.ofSeconds(3), jitter), START);
    }

    @Test
    void whoAnswersIsAskedAgainAndWhoDoesNotIsGone() {
        KeepAlive asking = every10Within3(0);
        assertThat(asking.at(after(9), START)).isEqualTo(KeepAlive.Step.NOTHING);
        assertThat(asking.at(after(10), START)).isEqualTo(KeepAlive.Step.ASK);
        assertThat(asking.at(after(12), START)).isEqualTo(KeepAlive.Step.NOTHING);
        assertThat(asking.at(after(15), after(11))).isEqualTo(KeepAlive.Step.NOTHING);
        assertThat(asking.at(after(19), after(11))).isEqualTo(KeepAlive.Step.NOTHING);
        assertThat(asking.at(after(20), after(11))).isEqualTo(KeepAlive.Step.ASK);
        assertThat(asking.at(after(22), after(11))).isEqualTo(KeepAlive.Step.NOTHING);
        assertThat(asking.at(after(23), after(11))).isEqualTo(KeepAlive.Step.GONE);
    }

    @Test
    void noIntervalAsksNobody() {
        KeepAlive none = new KeepAlive(Http2Options.KeepAlive.NONE, START);
        assertThat(none.at(after(1000), START)).isEqualTo(KeepAlive.Step.NOTHING);
    }

    @Test
    void jitterIsAddedToTheInterval() {
        boolean later = false;
        for (int i = 0; i < 100; i++) {
            KeepAlive asking = every10Within3(50);
            assertThat(asking.at(after(10) - 1, START)).isEqualTo(KeepAlive.Step.NOTHING);
            later |= asking.at(after(11), START) == KeepAlive.Step.NOTHING;
            assertThat(every10Within3(50).at(after(15), START)).isEqualTo(KeepAlive.Step.ASK);
        }
        assertThat(later).isTrue();
    }
}
