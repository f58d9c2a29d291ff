package lateen.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class SeriesTest {

    private static Series of(Double... values) {
        return Series.of(List.of(values), Double::doubleValue);
    }

    @Test
    void theMedianIsTheMiddleOrTheMeanOfTheTwoInTheMiddle() {
        assertThat(of(9.0, 1.0, 2.0).median()).isEqualTo(2.0);
        assertThat(of(9.0, 1.0, 2.0, 4.0).median()).isEqualTo(3.0);
    }

    @Test
    void ratiosAreOfTheSameRound() {
        assertThat(of(1.0, 2.0, 30.0).over(of(2.0, 4.0, 10.0)).text("%.2f")).isEqualTo("0.50 (0.50–3.00)");
        assertThat(of(5.0, 7.0, 6.0).minus(of(2.0, 3.0, 1.0)).text("%.0f")).isEqualTo("4 (3–5)");
    }
}
