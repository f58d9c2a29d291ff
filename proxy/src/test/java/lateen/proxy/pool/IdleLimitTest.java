package lateen.proxy.pool;

import static org.assertj.core.api.Assertions.assertThat;

import lateen.decision.request.ByteSlice;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class IdleLimitTest {
    private static final long MILLI = 1_000_000L;
    private static final long SECOND = 1000 * MILLI;

    private final IdleLimit limit = new IdleLimit();

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            timeout=5           | 4500
            timeout=60, max=100 | 54000
            max=3,Timeout=2     | 1500
            timeout=1           | 500
            max=100             | -1
            timeout=            | -1
            timeout=0           | -1
            timeout=x           | -1
            """)
    void whatAHostSaysCounts(String value, long usableMillis) {
        limit.announced(ByteSlice.of(value), 0);
        assertThat(limit.usable(0)).isEqualTo(usableMillis < 0 ? IdleLimit.UNKNOWN : usableMillis * MILLI);
    }

    @Test
    void threeClosesAfterTheSameSilenceTeachIt() {
        limit.closed(5010 * MILLI, 0);
        limit.closed(5000 * MILLI, SECOND);
        assertThat(limit.usable(SECOND)).isEqualTo(IdleLimit.UNKNOWN);
        limit.closed(5020 * MILLI, 2 * SECOND);
        assertThat(limit.usable(2 * SECOND)).isEqualTo(4500 * MILLI);
    }

    @Test
    void aRestartOfTheHostTeachesNothing() {
        for (int i = 0; i < 10; i++) {
            limit.closed(100 * MILLI, i * MILLI);
        }
        assertThat(limit.usable(SECOND)).isEqualTo(IdleLimit.UNKNOWN);
    }

    @Test
    void closesAfterAnySilenceTeachNothing() {
        for (int i = 1; i < 30; i++) {
            limit.closed((i % 2 == 0 ? i : 2 * i) * SECOND, i * 60 * SECOND);
        }
        assertThat(limit.usable(1800 * SECOND)).isEqualTo(IdleLimit.UNKNOWN);
    }

    @Test
    void whatWasLearnedIsForgotten() {
        limit.announced(ByteSlice.of("timeout=5"), 0);
        assertThat(limit.usable(599 * SECOND)).isEqualTo(4500 * MILLI);
        assertThat(limit.usable(601 * SECOND)).isEqualTo(IdleLimit.UNKNOWN);
    }
}
