package lateen.bench;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The verdict alone; the measurement is {@code bench/run gate}. */
class GateTest {

    @ParameterizedTest
    @CsvSource({
        "0.30, 1.20, ''",
        "0.65, 1.60, ''",
        "0.66, 1.20, 'router: CPU time a request ÷ Envoy''s is 0.66 (expected: at most 0.65)'",
        "0.30, 1.61, 'router: resident memory ÷ Envoy''s is 1.61 (expected: at most 1.60)'",
        "NaN, 1.20, 'router: CPU time a request ÷ Envoy''s is NaN (expected: at most 0.65)'",
    })
    void whatIsOverItsLimitIsNamed(double cpu, double memory, String violation) {
        assertThat(String.join("; ", Gate.judge("router", cpu, memory))).isEqualTo(violation);
    }
}
