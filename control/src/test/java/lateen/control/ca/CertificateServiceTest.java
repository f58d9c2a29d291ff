package lateen.control.ca;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import lateen.identity.CertificateRequest;
import lateen.identity.KeyMaterial;
import lateen.identity.PeerVerification;
import lateen.identity.PeerVerifier;
import lateen.identity.Pem;
import lateen.identity.SpiffeId;
import lateen.identity.Svid;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.ExtensionsGenerator;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequestBuilder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CertificateServiceTest {
    private static final SpiffeId FRONTEND = new SpiffeId("cluster.local", "shop", "frontend");
    private static final SpiffeId RATINGS = new SpiffeId("cluster.local", "shop", "ratings");

    @TempDir
    Path folder;

    private RunningCa ca;

    @BeforeEach
    void start() throws Exception {
        ca = new RunningCa(folder.resolve("state"), Duration.ofHours(24), EchoCaller.service());
    }

    @AfterEach
    void stop() throws Exception {
        ca.close();
    }

    @Test
    void aTokenGetsACertificateForItsIdentityAndTheRootLast() throws Exception {
        CertificateRequest request = CertificateRequest.create(FRONTEND);
        List<String> chain = ca.ask(null, ca.grant(FRONTEND), request.pem(), 0).getCertChainList();

        assertThat(chain).hasSize(2);
        assertThat(chain.getLast()).isEqualTo(ca.bundle().pem());
        Svid svid = request.accept(Pem.certificates(chain.getFirst()));
        assertThat(svid.notAfter()).isEqualTo(ca.time.instant().plus(Duration.ofHours(24)));
        assertThat(svid.notBefore()).isEqualTo(ca.time.instant().minus(Duration.ofMinutes(2)));
        X509Certificate leaf = svid.leaf();
        assertThat(leaf.getSubjectAlternativeNames()).containsExactly(List.of(6, FRONTEND.toString()));
        assertThat(leaf.getKeyUsage()).startsWith(true, false, false);
        assertThat(leaf.getExtendedKeyUsage()).containsExactlyInAnyOrder("1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2");
        assertThat(leaf.getBasicConstraints()).isEqualTo(-1);
        assertThat(new PeerVerifier(ca.bundle(), PeerVerifier.Role.SERVER).verify(svid.chain(), ca.time.instant()))
                .isEqualTo(new PeerVerification.Verified(FRONTEND, svid.notAfter()));
    }

    @Test
    void theLifetimeIsTheCallersWishUpToTheAuthoritysLimit() throws Exception {
        assertThat(lifetime(3600)).isEqualTo(Duration.ofHours(1));
        assertThat(lifetime(10)).isEqualTo(Duration.ofSeconds(10));
        assertThat(lifetime(Long.MAX_VALUE)).isEqualTo(Duration.ofHours(24));
        String csr = CertificateRequest.create(FRONTEND).pem();
        assertThat(refusal(null, ca.grant(FRONTEND), csr, 9).getDescription())
                .contains("validity_duration: 9 (expected");
        assertThat(refusal(null, ca.grant(FRONTEND), csr, -1).getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
    }

    @Test
    void aTokenIsGoodForOneKey() throws Exception {
        String token = ca.grant(FRONTEND);
        CertificateRequest request = CertificateRequest.create(FRONTEND);
        ca.ask(null, token, request.pem(), 0);

        Status again = refusal(null, token, CertificateRequest.create(FRONTEND).pem(), 0);
        var chain = ca.ask(null, token, request.pem(), 0).getCertChainList();

        assertThat(request.accept(Pem.certificates(chain.getFirst())).id()).isEqualTo(FRONTEND);

        assertThat(again.getCode()).isEqualTo(Status.Code.UNAUTHENTICATED);
        assertThat(again.getDescription())
                .isEqualTo("join token for " + FRONTEND + ": already used (a token is good for one key)");
    }

    @Test
    void aTokenIsGoodForItsMinute() throws Exception {
        String token = ca.grant(FRONTEND);
        ca.time.advance(Duration.ofSeconds(61));
        Status late = refusal(null, token, CertificateRequest.create(FRONTEND).pem(), 0);
        assertThat(late.getCode()).isEqualTo(Status.Code.UNAUTHENTICATED);
        assertThat(late.getDescription()).isEqualTo("join token for " + FRONTEND + ": expired");
    }

    @Test
    void withoutATokenOrWithAnUnknownOneNobodyJoins() throws Exception {
        String csr = CertificateRequest.create(FRONTEND).pem();
        assertThat(refusal(null, null, csr, 0).getDescription()).contains("neither a client certificate nor a token");
        Status unknown = refusal(null, "no-such-token-at-all", csr, 0);
        assertThat(unknown.getCode()).isEqualTo(Status.Code.UNAUTHENTICATED);
        assertThat(unknown.getDescription()).contains("join token: unknown");
    }

    @Test
    void aRequestForAnotherIdentityIsRefusedAndLogged() throws Exception {
        String token = ca.grant(FRONTEND);
        Status byToken = refusal(null, token, CertificateRequest.create(RATINGS).pem(), 0);
        KeyMaterial frontend = ca.join(FRONTEND).material();
        Status byCertificate =
                refusal(frontend, null, CertificateRequest.create(RATINGS).pem(), 0);

        for (Status refused : List.of(byToken, byCertificate)) {
            assertThat(refused.getCode()).isEqualTo(Status.Code.PERMISSION_DENIED);
            assertThat(refused.getDescription())
                    .isEqualTo("CSR for " + RATINGS + " (expected: the caller's own id, " + FRONTEND + ")");
        }
        assertThat(ca.log.stream().filter(line -> line.startsWith("refused a certificate")))
                .hasSize(2)
                .allMatch(line -> line.startsWith("refused a certificate: caller " + FRONTEND + ", requested " + RATINGS
                        + ", remote /127.0.0.1:"));
        assertThat(ca.log).noneMatch(line -> line.contains(token));
    }

    @Test
    void theCertificateHeldRenewsWithoutATokenAndWinsOverOne() throws Exception {
        KeyMaterial held = ca.join(FRONTEND).material();
        CertificateRequest request = CertificateRequest.create(FRONTEND);
        String forRatings = ca.grant(RATINGS);

        List<String> chain = ca.ask(held, forRatings, request.pem(), 0).getCertChainList();

        assertThat(request.accept(Pem.certificates(chain.getFirst())).id()).isEqualTo(FRONTEND);
        assertThat(ca.tokens.redeem(forRatings, "a")).isEqualTo(new Redemption.Bound(RATINGS));
    }

    @Test
    void aCertificateOfAnotherAuthorityOrAnExpiredOneIsRefusedInTheHandshake() throws Exception {
        KeyMaterial held = ca.join(FRONTEND).material();
        CertificateAuthority stranger =
                CertificateAuthority.open(folder.resolve("stranger"), "cluster.local", Duration.ofHours(24), ca.time);
        KeyPair keys = CertificateRequest.generateKeys();
        KeyMaterial forged = new KeyMaterial(
                keys.getPrivate(), stranger.issueWorkload(FRONTEND, keys.getPublic(), Duration.ofHours(1)));
        String csr = CertificateRequest.create(FRONTEND).pem();

        assertThat(refusal(forged, ca.grant(FRONTEND), csr, 0).getCode()).isEqualTo(Status.Code.UNAVAILABLE);
        ca.time.advance(Duration.ofHours(25));
        ca.identity.renew();
        assertThat(refusal(held, ca.grant(FRONTEND), csr, 0).getCode()).isEqualTo(Status.Code.UNAVAILABLE);
    }

    @Test
    void onlyAskingForACertificateWorksWithoutOne() throws Exception {
        assertThat(EchoCaller.ask(ca.channel(ca.join(FRONTEND).material()))).isEqualTo(FRONTEND.toString());

        StatusRuntimeException anonymous =
                catchThrowableOfType(StatusRuntimeException.class, () -> EchoCaller.ask(ca.channel(null)));
        assertThat(anonymous.getStatus().getCode()).isEqualTo(Status.Code.UNAUTHENTICATED);
        assertThat(anonymous.getStatus().getDescription()).contains("no client certificate");
    }

    @Test
    void unusableRequestsAreRefusedWithTheReason() throws Exception {
        KeyPair p256 = CertificateRequest.generateKeys();
        KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(1024);
        KeyPair weak = generator.generateKeyPair();
        generator.initialize(2048);
        KeyPair strong = generator.generateKeyPair();
        KeyPairGenerator curves = KeyPairGenerator.getInstance("EC");
        curves.initialize(new java.security.spec.ECGenParameterSpec("secp384r1"));
        KeyPair p384 = curves.generateKeyPair();
        GeneralName self = new GeneralName(GeneralName.uniformResourceIdentifier, FRONTEND.toString());
        GeneralName host = new GeneralName(GeneralName.dNSName, "frontend");

        assertThat(reason("")).contains("PEM: 0 blocks");
        assertThat(reason("x".repeat(20_000))).contains("CSR of 20000 characters (expected: at most 16384)");
        assertThat(reason(csr(weak, weak, "SHA256withRSA", self))).contains("RSA of 1024 bits");
        assertThat(reason(csr(p384, p384, "SHA256withECDSA", self))).contains("expected: EC P-256");
        assertThat(reason(csr(p256, CertificateRequest.generateKeys(), "SHA256withECDSA", self)))
                .contains("signature is not by the key");
        assertThat(reason(csr(p256, p256, "SHA256withECDSA"))).contains("0 subject alternative names");
        assertThat(reason(csr(p256, p256, "SHA256withECDSA", self, self))).contains("2 subject alternative names");
        assertThat(reason(csr(p256, p256, "SHA256withECDSA", host))).contains("expected: exactly one, a URI");
        assertThat(ca.ask(null, ca.grant(FRONTEND), csr(strong, strong, "SHA256withRSA", self), 0)
                        .getCertChainCount())
                .isEqualTo(2);
    }

    private Duration lifetime(long seconds) throws Exception {
        CertificateRequest request = CertificateRequest.create(FRONTEND);
        List<String> chain =
                ca.ask(null, ca.grant(FRONTEND), request.pem(), seconds).getCertChainList();
        return Duration.between(
                ca.time.instant(),
                request.accept(Pem.certificates(chain.getFirst())).notAfter());
    }

    private String reason(String csr) {
        Status status = refusal(null, ca.grant(FRONTEND), csr, 0);
        assertThat(status.getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
        return status.getDescription();
    }

    private Status refusal(KeyMaterial client, String token, String csr, long seconds) {
        return catchThrowableOfType(StatusRuntimeException.class, () -> ca.ask(client, token, csr, seconds))
                .getStatus();
    }

    static String csr(KeyPair keys, KeyPair signer, String algorithm, GeneralName... names) throws Exception {
        var builder = new JcaPKCS10CertificationRequestBuilder(new X500Name(""), keys.getPublic());
        if (names.length > 0) {
            ExtensionsGenerator extensions = new ExtensionsGenerator();
            extensions.addExtension(Extension.subjectAlternativeName, true, new GeneralNames(names));
            builder.addAttribute(PKCSObjectIdentifiers.pkcs_9_at_extensionRequest, extensions.generate());
        }
        byte[] der = builder.build(new JcaContentSignerBuilder(algorithm).build(signer.getPrivate()))
                .getEncoded();
        return "-----BEGIN CERTIFICATE REQUEST-----\n"
                + java.util.Base64.getMimeEncoder().encodeToString(der)
                + "\n-----END CERTIFICATE REQUEST-----\n";
    }
}
