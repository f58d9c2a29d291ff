package lateen.control.ca;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.ManagedChannel;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
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

/** A workload and the CA, over real TLS on loopback; only time is made up. */
class JoinAndRenewalTest {
    private static final SpiffeId FRONTEND = new SpiffeId("cluster.local", "shop", "frontend");

    @TempDir
    Path folder;

    private RunningCa ca;
    private final List<Svid> received = new ArrayList<>();
    private final List<String> lost = new ArrayList<>();

    @BeforeEach
    void start() throws Exception {
        ca = new RunningCa(folder.resolve("state"), Duration.ofHours(24), EchoCaller.service());
    }

    @AfterEach
    void stop() throws Exception {
        ca.close();
    }

    @Test
    void aWorkloadJoinsByItsTokenAndRenewsAtHalfOfLifeWithANewKey() {
        WorkloadIdentity workload = workload(FRONTEND, ca.grant(FRONTEND));
        ca.time.advance(Duration.ZERO);
        assertThat(received).hasSize(1);
        assertThat(workload.current().id()).isEqualTo(FRONTEND);
        ca.time.advance(Duration.ofMinutes(12 * 54 - 1));
        assertThat(received).hasSize(1);
        ca.identity.renew();
        ca.time.advance(Duration.ofMinutes(12 * 12 + 2));

        assertThat(received).hasSize(2);
        assertThat(received.get(1).privateKey()).isNotEqualTo(received.get(0).privateKey());
        assertThat(workload.current()).isEqualTo(received.get(1));
        assertThat(workload.keyManager().current()).isEqualTo(received.get(1).material());
        assertThat(lost).isEmpty();
    }

    @Test
    void aConnectionMadeBeforeARenewalStaysUsable() throws Exception {
        WorkloadIdentity workload = workload(FRONTEND, ca.grant(FRONTEND));
        ca.time.advance(Duration.ZERO);
        ManagedChannel channel = NettyChannelBuilder.forAddress(ca.address())
                .overrideAuthority(ServerIdentity.HOST)
                .sslContext(GrpcSslContexts.configure(SslContextBuilder.forClient(), SslProvider.JDK)
                        .keyManager(workload.keyManager())
                        .trustManager(workload.trustManager())
                        .build())
                .build();
        try {
            assertThat(EchoCaller.ask(channel)).isEqualTo(FRONTEND.toString());
            for (int i = 0; i < 5; i++) {
                ca.identity.renew();
                ca.time.advance(Duration.ofHours(14));
            }
            assertThat(received).hasSizeGreaterThan(4);
            assertThat(EchoCaller.ask(channel)).isEqualTo(FRONTEND.toString());
        } finally {
            channel.shutdownNow();
        }
    }

    @Test
    void aCaThatIsAwayIsAskedAgainUntilItIsBack() throws Exception {
        workload(FRONTEND, ca.grant(FRONTEND));
        ca.time.advance(Duration.ZERO);
        ca.stop();
        ca.time.advance(Duration.ofHours(13).plusMinutes(12));
        assertThat(received).hasSize(1);
        assertThat(lost).isEmpty();

        ca.identity.renew();
        ca.start();
        ca.time.advance(Duration.ofMinutes(1));
        assertThat(received).hasSize(2);
    }

    @Test
    void aCaThatStaysAwayEndsInALostIdentityWhenTheCertificateExpires() throws Exception {
        ca.close();
        ca = new RunningCa(folder.resolve("short"), Duration.ofSeconds(10));
        workload(FRONTEND, ca.grant(FRONTEND));
        ca.time.advance(Duration.ZERO);
        ca.stop();
        ca.time.advance(Duration.ofSeconds(9));
        assertThat(lost).isEmpty();
        ca.time.advance(Duration.ofSeconds(3));
        assertThat(lost)
                .singleElement()
                .asString()
                .contains("expired unrenewed")
                .contains("a new token is needed");
        assertThat(ca.time.idle()).isTrue();
    }

    @Test
    void joiningWaitsForACaThatIsNotYetThere() throws Exception {
        String token = ca.grant(FRONTEND);
        ca.stop();
        workload(FRONTEND, token);
        ca.time.advance(Duration.ofSeconds(10));
        assertThat(received).isEmpty();
        ca.start();
        ca.time.advance(Duration.ofSeconds(30));
        assertThat(received).hasSize(1);
    }

    @Test
    void joiningAndRenewingGoOnWhenAnswersAreLost() throws Exception {
        ca.losesAnswers = true;
        workload(FRONTEND, ca.grant(FRONTEND));
        ca.time.advance(Duration.ofSeconds(5));
        assertThat(received).isEmpty();

        ca.losesAnswers = false;
        ca.time.advance(Duration.ofSeconds(30));
        assertThat(lost).isEmpty();
        assertThat(received).hasSize(1);

        ca.losesAnswers = true;
        ca.identity.renew();
        ca.time.advance(Duration.ofHours(14));
        ca.losesAnswers = false;
        ca.time.advance(Duration.ofHours(2));
        assertThat(received).hasSize(2);
        assertThat(received.get(1).privateKey()).isNotEqualTo(received.get(0).privateKey());
    }

    @Test
    void aUsedTokenOrOneOfAnotherIdentityIsNotTriedTwice() {
        String token = ca.grant(FRONTEND);
        workload(FRONTEND, token);
        workload(FRONTEND, token);
        workload(new SpiffeId("cluster.local", "shop", "ratings"), ca.grant(FRONTEND));
        ca.time.advance(Duration.ofSeconds(1));
        assertThat(received).hasSize(1);
        assertThat(lost)
                .satisfiesExactly(
                        reason -> assertThat(reason).contains("UNAUTHENTICATED").contains("already used"),
                        reason ->
                                assertThat(reason).contains("PERMISSION_DENIED").contains("expected: the caller's own"))
                .noneMatch(reason -> reason.contains(token));
    }

    @Test
    void aServerThatIsNotTheControlPlaneNeverSeesTheToken() throws Exception {
        CertificateAuthority stranger =
                CertificateAuthority.open(folder.resolve("stranger"), "cluster.local", Duration.ofHours(1), ca.time);
        String token = ca.grant(FRONTEND);
        new WorkloadIdentity(
                        FRONTEND,
                        new JoinCredential(token, stranger.bundle()),
                        new CaEndpoint(ca.address(), ServerIdentity.HOST),
                        Duration.ZERO,
                        listener(),
                        ca.time,
                        ca.time,
                        new Random(1))
                .start();
        ca.time.advance(Duration.ofSeconds(5));
        assertThat(received).isEmpty();
        assertThat(ca.tokens.redeem(token, "a")).isEqualTo(new Redemption.Bound(FRONTEND));
    }

    private WorkloadIdentity workload(SpiffeId id, String token) {
        WorkloadIdentity workload = new WorkloadIdentity(
                id,
                new JoinCredential(token, ca.bundle()),
                new CaEndpoint(ca.address(), ServerIdentity.HOST),
                Duration.ZERO,
                listener(),
                ca.time,
                ca.time,
                new Random(1));
        workload.start();
        return workload;
    }

    private IdentityListener listener() {
        return new IdentityListener() {
            @Override
            public void onIdentity(Svid svid, TrustBundle roots) {
                received.add(svid);
            }

            @Override
            public void onLost(String reason) {
                lost.add(reason);
            }
        };
    }
}
