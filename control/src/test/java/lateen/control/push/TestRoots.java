package lateen.control.push;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import lateen.control.ca.CertificateAuthority;
import lateen.identity.TrustBundle;

/** The root of a CA made for the tests. */
final class TestRoots {

    private TestRoots() {}

    static TrustBundle bundle() {
        try {
            Files.createDirectories(Path.of(System.getProperty("java.io.tmpdir")));
            Path state = Files.createTempDirectory("roots");
            return CertificateAuthority.open(
                            state, "cluster.local", CertificateAuthority.DEFAULT_LIFETIME, InstantSource.system())
                    .bundle();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
