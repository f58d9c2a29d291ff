package lateen.capture.apply;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import lateen.capture.model.IpFamily;
import lateen.testing.NeedsRoot;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * While rules are replaced again and again, connections begin all the time, in both families, in and out, and DNS: each
 * lands at the sidecar of before or of after, or has to wait; not one reaches what it was meant for.
 */
@NeedsRoot
class ReconcileTest {
    private static final List<String> STATES = List.of(
            "-i * -b * -m TPROXY -c wg+ --redirect-dns",
            "-i * -b * -p 16001 -z 16006 --redirect-dns",
            "-i * -b * -m TPROXY -t 77 -r 78 --redirect-dns --capture-all-dns",
            "-i * -b * --redirect-dns");
    private static final Set<String> SIDECAR = Set.of("15001", "15006", "15006t", "16001", "16006", "15053", "drop");

    @ParameterizedTest
    @EnumSource
    void nothing_escapes_while_rules_are_replaced(BackEndFlags backEnd) throws Exception {
        try (Lab lab = new Lab();
                ExecutorService callers = Executors.newFixedThreadPool(2)) {
            lab.start();
            backEnd.run(lab, STATES.getLast());
            AtomicBoolean done = new AtomicBoolean();
            Future<List<String>> out = callers.submit(
                    () -> call(lab, done, "app>far:80=0", "app>near:443=0", "app>dns:53=0", "app>dns:53/udp=0"));
            Future<List<String>> in = callers.submit(() -> call(lab, done, "in>pod:8080=0"));
            for (int round = 0; round < Integer.getInteger("lateen.kills", 1) * 2; round++) {
                for (String state : STATES) {
                    assertThat(backEnd.run(lab, state + " --reconcile")).isEqualTo(CaptureApplier.Outcome.RECONCILED);
                }
            }
            done.set(true);
            assertThat(out.get()).hasSizeGreaterThan(50).allSatisfy(ReconcileTest::atTheSidecar);
            assertThat(in.get()).hasSizeGreaterThan(20).allSatisfy(ReconcileTest::atTheSidecar);
        }
    }

    private static void atTheSidecar(String landing) {
        assertThat(SIDECAR).contains(landing.substring(landing.lastIndexOf(' ') + 1));
    }

    private static List<String> call(Lab lab, AtomicBoolean done, String... probes) throws IOException {
        List<String> landings = new ArrayList<>();
        while (!done.get()) {
            for (String probe : probes) {
                for (IpFamily family : IpFamily.values()) {
                    landings.add(family + " " + probe + " " + lab.landing(Probe.of(probe), family));
                }
            }
        }
        return landings;
    }
}
