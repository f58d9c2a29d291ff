package lateen.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.spec.X509EncodedKeySpec;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.AlphaChars;
import net.jqwik.api.constraints.StringLength;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.operator.jcajce.JcaContentVerifierProviderBuilder;
import org.bouncycastle.pkcs.PKCS10CertificationRequest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CertificateRequestTest {
    private static final SpiffeId FRONTEND = new SpiffeId("cluster.local", "shop", "frontend");

    @Test
    void anotherImplementationReadsTheRequestAndItsSignature() throws Exception {
        PKCS10CertificationRequest read = new PKCS10CertificationRequest(
                CertificateRequest.create(FRONTEND).der());

        assertThat(read.isSignatureValid(new JcaContentVerifierProviderBuilder().build(read.getSubjectPublicKeyInfo())))
                .isTrue();
        assertThat(read.getSubject().getRDNs()).isEmpty();
        Extension names = read.getRequestedExtensions().getExtension(Extension.subjectAlternativeName);
        assertThat(names.isCritical()).isTrue();
        GeneralName[] all = GeneralNames.getInstance(names.getParsedValue()).getNames();
        assertThat(all).hasSize(1);
        assertThat(all[0].getTagNo()).isEqualTo(GeneralName.uniformResourceIdentifier);
        assertThat(all[0].getName()).hasToString(FRONTEND.toString());
    }

    @Property(tries = 40)
    void requestsOfEveryLengthAreWellFormed(@ForAll @AlphaChars @StringLength(min = 1, max = 250) String account)
            throws Exception {
        SpiffeId id = new SpiffeId("cluster.local", "shop", account);
        PKCS10CertificationRequest read =
                new PKCS10CertificationRequest(CertificateRequest.create(id).der());
        assertThat(read.isSignatureValid(new JcaContentVerifierProviderBuilder().build(read.getSubjectPublicKeyInfo())))
                .isTrue();
        assertThat(read.getRequestedExtensions().toString()).isNotNull();
    }

    @Test
    void opensslAcceptsTheRequest(@TempDir Path folder) throws Exception {
        Path openssl = Path.of("/usr/bin/openssl");
        assumeTrue(Files.isExecutable(openssl) || "true".equals(System.getenv("CI")), "openssl is not installed");
        Path file = folder.resolve("request.pem");
        Files.writeString(file, CertificateRequest.create(FRONTEND).pem());

        Process process = new ProcessBuilder(
                        openssl.toString(), "req", "-verify", "-noout", "-text", "-in", file.toString())
                .redirectErrorStream(true)
                .start();
        String said = new String(process.getInputStream().readAllBytes());

        assertThat(process.waitFor()).as(said).isZero();
        assertThat(said)
                .containsIgnoringCase("verify ok")
                .contains("URI:spiffe://cluster.local/ns/shop/sa/frontend")
                .contains("prime256v1");
    }

    @Test
    void theIssuedChainIsJoinedWithTheKeyThatWasMade() throws Exception {
        TestAuthority authority = TestAuthority.root("root");
        CertificateRequest request = CertificateRequest.create(FRONTEND);
        var leaf = authority.leaf().uri(FRONTEND.toString()).issue(publicKey(request));

        Svid svid = request.accept(List.of(leaf));

        assertThat(svid.id()).isEqualTo(FRONTEND);
        assertThat(svid.notBefore()).isEqualTo(TestAuthority.START);
    }

    @Test
    void aChainForAnotherKeyOrAnotherNameIsRefused() throws Exception {
        TestAuthority authority = TestAuthority.root("root");
        CertificateRequest request = CertificateRequest.create(FRONTEND);
        var otherKey = authority.leaf().uri(FRONTEND.toString()).issue();
        var otherName = authority
                .leaf()
                .uri("spiffe://cluster.local/ns/shop/sa/ratings")
                .issue(publicKey(request));

        assertThatThrownBy(() -> request.accept(List.of(otherKey)))
                .hasMessageContaining("expected: the one of the EC private key beside it");
        assertThatThrownBy(() -> request.accept(List.of(otherName)))
                .hasMessageContaining("sa/ratings (expected: " + FRONTEND);
        assertThatThrownBy(() -> request.accept(List.of())).hasMessageContaining("empty");
    }

    private static PublicKey publicKey(CertificateRequest request) throws Exception {
        byte[] key = new PKCS10CertificationRequest(request.der())
                .getSubjectPublicKeyInfo()
                .getEncoded();
        return KeyFactory.getInstance("EC").generatePublic(new X509EncodedKeySpec(key));
    }
}
