package lateen.agent.identity;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RenewalScheduleTest {
    @Property
    void renewalComesAtHalfOfWhatIsLeftGiveOrTakeATenth(
            @ForAll long seed, @ForAll @IntRange(min = 10, max = 86_400) int seconds) {
        Duration next = new RenewalSchedule(new Random(seed)).renewal(Duration.ofSeconds(seconds));
        assertThat(next).isBetween(Duration.ofMillis(seconds * 450L), Duration.ofMillis(seconds * 550L));
    }

    @ParameterizedTest
    @CsvSource({
        "1, 12h, 500",
        "2, 12h, 1000",
        "5, 12h, 8000",
        "7, 12h, 30000",
        "1000000, 12h, 30000",
        "7, 20s, 5000",
        "7, 1s, 500"
    })
    void retriesGrowButLeaveTimeForSeveral(int failures, String left, long millis) {
        Duration remaining = Duration.parse("PT" + left);
        for (int seed = 0; seed < 50; seed++) {
            assertThat(new RenewalSchedule(new Random(seed)).retry(failures, remaining))
                    .isBetween(Duration.ofMillis(millis * 8 / 10), Duration.ofMillis(millis * 12 / 10));
        }
    }
}
