package lateen.control.ca;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import lateen.identity.CertificateRequest;
import lateen.identity.SpiffeId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CertificateAuthorityTest {
    private static final Duration DAY = CertificateAuthority.DEFAULT_LIFETIME;

    @TempDir
    Path folder;

    private final ManualTime time = new ManualTime();

    @Test
    void theRootIsTheSameAfterARestartAndOnlyItsOwnersToRead() throws Exception {
        CertificateAuthority first = open(DAY);
        String key = Files.readString(state().resolve("ca/ca-key.pem"));
        time.advance(Duration.ofDays(30));
        CertificateAuthority second = open(DAY);

        assertThat(second.bundle()).isEqualTo(first.bundle());
        assertThat(Files.readString(state().resolve("ca/ca-key.pem"))).isEqualTo(key);
        assertThat(permissions(state())).isEqualTo("rwx------");
        assertThat(permissions(state().resolve("ca"))).isEqualTo("rwx------");
        assertThat(permissions(state().resolve("ca/ca-key.pem"))).isEqualTo("rw-------");
        assertThat(first.bundle().roots().getFirst().getNotAfter().toInstant())
                .isAfter(time.instant().plus(Duration.ofDays(3600)));
    }

    @Test
    void aKeyThatOthersCanReadOrAFolderThatOthersCanWriteIsRefused() throws Exception {
        open(DAY);
        for (String[] each : new String[][] {
            {"ca/ca-key.pem", "rw-r-----", "chmod 600"},
            {"ca/ca-key.pem", "rw----r--", "chmod 600"},
            {"ca", "rwxr-x---", "chmod 700"},
            {"", "rwxrwx---", "chmod go-w"}
        }) {
            Path path = state().resolve(each[0]);
            var before = Files.getPosixFilePermissions(path);
            Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(each[1]));
            assertThatThrownBy(() -> open(DAY))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining(each[1])
                    .hasMessageContaining(each[2]);
            Files.setPosixFilePermissions(path, before);
        }
        assertThat(open(DAY)).isNotNull();
    }

    @Test
    void aDamagedRootIsRefusedAndNotReplaced() throws Exception {
        open(DAY);
        Path certificate = state().resolve("ca/ca-cert.pem");
        Files.writeString(certificate, "rubbish");
        assertThatThrownBy(() -> open(DAY))
                .hasMessageContaining("no certificate found")
                .hasMessageContaining("restore");
        assertThat(Files.readString(certificate)).isEqualTo("rubbish");
    }

    @Test
    void aStartThatWasKilledBeforeItsRootWasWholeIsForgotten() throws Exception {
        Files.createDirectories(
                state(), PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        Files.createDirectory(state().resolve("ca.new"));
        Files.writeString(state().resolve("ca.new/ca-key.pem"), "half");
        assertThat(open(DAY).bundle()).isEqualTo(open(DAY).bundle());
        assertThat(state().resolve("ca.new")).doesNotExist();
    }

    @Test
    void anExpiredRootIsRefused() {
        open(DAY);
        time.advance(Duration.ofDays(3660));
        assertThatThrownBy(() -> open(DAY)).hasMessageContaining("expired at");
    }

    @Test
    void lifetimesBelowTenSecondsAndOtherTrustDomainsAreRefused() {
        assertThatThrownBy(() -> open(Duration.ofSeconds(9))).hasMessageContaining("PT9S (expected: at least PT10S)");
        var key = CertificateRequest.generateKeys().getPublic();
        CertificateAuthority authority = open(DAY);
        assertThatThrownBy(() -> authority.issueWorkload(new SpiffeId("other.example", "a", "b"), key, DAY))
                .hasMessageContaining("expected: trust domain cluster.local");
    }

    @Test
    void noLeafOutlivesTheRoot() {
        CertificateAuthority authority = open(DAY);
        time.advance(Duration.ofDays(3651).plusHours(23));
        var leaf = authority
                .issueWorkload(
                        new SpiffeId("cluster.local", "a", "b"),
                        CertificateRequest.generateKeys().getPublic(),
                        DAY)
                .getFirst();
        assertThat(leaf.getNotAfter())
                .isEqualTo(authority.bundle().roots().getFirst().getNotAfter());
    }

    private CertificateAuthority open(Duration lifetime) {
        return CertificateAuthority.open(state(), "cluster.local", lifetime, time);
    }

    private Path state() {
        return folder.resolve("state");
    }

    private static String permissions(Path path) throws Exception {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }
}
