package lateen.control.ca;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.StatusRuntimeException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
import lateen.agent.identity.CaEndpoint;
import lateen.agent.identity.IdentityListener;
import lateen.agent.identity.JoinCredential;
import lateen.agent.identity.WorkloadIdentity;
import lateen.identity.SpiffeId;
import lateen.identity.Svid;
import lateen.identity.TrustBundle;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A certificate whose CA is away, and a workload whose clock somebody sets: said before, refused after, recovered. */
class ClockAndExpiryTest {
    private static final SpiffeId FRONTEND = new SpiffeId("cluster.local", "shop", "frontend");
    private static final Duration DAY = Duration.ofHours(24);

    @TempDir
    Path folder;

    private final List<Svid> received = new ArrayList<>();
    private final List<String> lost = new ArrayList<>();
    private final List<String> log = new CopyOnWriteArrayList<>();
    private final Logger logger = Logger.getLogger("lateen.agent.identity");
    private final Handler handler = new Handler() {
        @Override
        public void publish(LogRecord entry) {
            log.add(entry.getLevel() + " " + new SimpleFormatter().formatMessage(entry));
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    };
    private RunningCa ca;

    @BeforeEach
    void start() throws Exception {
        logger.addHandler(handler);
        ca = new RunningCa(folder.resolve("state"), DAY, EchoCaller.service());
    }

    @AfterEach
    void stop() throws Exception {
        logger.removeHandler(handler);
        ca.close();
    }

    @Test
    void fromHalfOfItsLifeOnItIsSaidHowLongAnUnrenewedCertificateLasts() throws Exception {
        join();
        ca.stop();
        ca.time.advance(Duration.ofHours(18));
        assertThat(warnings())
                .isNotEmpty()
                .allMatch(w -> w.matches("(?s)WARNING renewing " + FRONTEND
                        + ", attempt [0-9]+: .* [0-9]+ s of its certificate are left, next attempt in [0-9]+ ms"));
        assertThat(secondsLeft(warnings().getFirst())).isBetween(11 * 3600L, 12 * 3600L);
        assertThat(secondsLeft(warnings().getLast())).isBetween(6 * 3600L - 60, 6 * 3600L + 60);
        assertThat(lost).isEmpty();

        ca.identity.renew();
        ca.start();
        ca.time.advance(Duration.ofMinutes(1));
        assertThat(received).hasSize(2);
        assertThat(log).last().asString().startsWith("INFO holding");
        assertThat(log).anyMatch(l -> l.matches("INFO .* has its certificate after [0-9]+ failed attempts"));
        assertThat(received.get(1).notAfter())
                .isAfter(ca.time.instant().plus(DAY).minusSeconds(61));
    }

    @Test
    void afterItsEndTheCertificateIsRefusedAndANewTokenRecovers() throws Exception {
        WorkloadIdentity workload = join();
        assertThat(EchoCaller.ask(ca.channel(workload.keyManager().current()))).isEqualTo(FRONTEND.toString());
        ca.stop();
        ca.time.advance(DAY.plusSeconds(1));
        assertThat(lost)
                .singleElement()
                .asString()
                .contains("expired unrenewed")
                .contains("a new token is needed");
        assertThat(ca.time.idle()).isTrue();

        ca.identity.renew();
        ca.start();
        var expired = ca.channel(workload.keyManager().current());
        assertThatThrownBy(() -> EchoCaller.ask(expired)).isInstanceOf(StatusRuntimeException.class);
        join();
        assertThat(received).hasSize(2);
    }

    @Test
    void aClockSetForwardsPastHalfOfTheLifeLeadsToRenewalWithinAMinute() {
        join();
        ca.time.step(Duration.ofHours(14));
        ca.time.advance(Duration.ofMinutes(2));
        assertThat(received).hasSize(2);
        assertThat(lost).isEmpty();
    }

    @Test
    void aClockSetForwardsPastTheEndLosesTheCertificateLoudlyAndANewTokenRecovers() {
        join();
        ca.time.step(Duration.ofHours(30));
        ca.time.advance(Duration.ofMinutes(2));
        assertThat(lost).singleElement().asString().contains("expired unrenewed");
        ca.time.step(Duration.ofHours(-30));
        join();
        assertThat(received).hasSize(2);
    }

    @Test
    void aClockSetBackwardsDoesNotPutRenewalOff() {
        join();
        ca.time.step(Duration.ofMinutes(-1));
        ca.time.advance(Duration.ofHours(14));
        assertThat(received).hasSize(2);
    }

    @Test
    void aClockSetFarBackwardsIsSaidAndHeldOutUntilItIsRight() {
        join();
        ca.time.step(Duration.ofHours(-48));
        ca.time.advance(Duration.ofHours(15));
        assertThat(received).as("nothing that is valid only later is taken").hasSize(1);
        assertThat(log).anyMatch(l -> l.contains("renewing " + FRONTEND + ", attempt"));
        assertThat(lost).isEmpty();
        ca.time.step(Duration.ofHours(48));
        ca.time.advance(Duration.ofMinutes(2));
        assertThat(received).hasSize(2);
    }

    private List<String> warnings() {
        return log.stream().filter(l -> l.startsWith("WARNING")).toList();
    }

    private static long secondsLeft(String warning) {
        return Long.parseLong(warning.replaceAll("(?s).* ([0-9]+) s of its certificate.*", "$1"));
    }

    private WorkloadIdentity join() {
        WorkloadIdentity workload = new WorkloadIdentity(
                FRONTEND,
                new JoinCredential(ca.grant(FRONTEND), ca.bundle()),
                new CaEndpoint(ca.address(), ServerIdentity.HOST),
                Duration.ZERO,
                new IdentityListener() {
                    @Override
                    public void onIdentity(Svid svid, TrustBundle roots) {
                        received.add(svid);
                    }

                    @Override
                    public void onLost(String reason) {
                        lost.add(reason);
                    }
                },
                ca.time,
                ca.time,
                new Random(1));
        workload.start();
        ca.time.advance(Duration.ZERO);
        return workload;
    }
}
