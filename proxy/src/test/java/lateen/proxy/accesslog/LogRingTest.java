package lateen.proxy.accesslog;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

final class LogRingTest {

    @Test
    void theLastEntryOfEachQuarterIsAnnounced() {
        AtomicInteger announced = new AtomicInteger();
        LogRing ring = new LogRing(16, announced::incrementAndGet);
        List<Integer> after = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            ring.offer(new LogEntry().clear());
            after.add(announced.get());
        }
        assertThat(after).containsExactly(0, 0, 0, 1, 1, 1, 1, 2);
    }
}
