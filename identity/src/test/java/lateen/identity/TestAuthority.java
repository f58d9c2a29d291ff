package lateen.identity;

import java.math.BigInteger;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** An authority whose leaves can be wrong in every way that a test wants. */
final class TestAuthority {
    static final Instant START = Instant.parse("2026-03-01T00:00:00Z");
    private static final AtomicLong SERIAL = new AtomicLong(1);

    private final X500Name name;
    private final PrivateKey key;
    final X509Certificate certificate;

    private TestAuthority(X500Name name, PrivateKey key, X509Certificate certificate) {
        this.name = name;
        this.key = key;
        this.certificate = certificate;
    }

    static TestAuthority root(String commonName) {
        KeyPair keys = CertificateRequest.generateKeys();
        X500Name name = new X500Name("CN=" + commonName);
        return new TestAuthority(name, keys.getPrivate(), sign(name, keys.getPrivate(), name, keys.getPublic(), true));
    }

    TestAuthority intermediate(String commonName) {
        KeyPair keys = CertificateRequest.generateKeys();
        X500Name child = new X500Name("CN=" + commonName);
        return new TestAuthority(child, keys.getPrivate(), sign(name, key, child, keys.getPublic(), true));
    }

    TrustBundle bundle() {
        return new TrustBundle(List.of(certificate));
    }

    Leaf leaf() {
        return new Leaf();
    }

    Svid svid(String id) {
        KeyPair keys = CertificateRequest.generateKeys();
        return Svid.of(keys.getPrivate(), List.of(leaf().uri(id).issue(keys.getPublic())));
    }

    private static X509Certificate sign(
            X500Name issuer, PrivateKey issuerKey, X500Name subject, PublicKey subjectKey, boolean ca) {
        try {
            X509v3CertificateBuilder builder =
                    builder(issuer, subject, subjectKey, START, START.plus(Duration.ofDays(3650)));
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(ca));
            builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign));
            return finish(builder, issuerKey);
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private static X509v3CertificateBuilder builder(
            X500Name issuer, X500Name subject, PublicKey subjectKey, Instant from, Instant until) {
        return new X509v3CertificateBuilder(
                issuer,
                BigInteger.valueOf(SERIAL.getAndIncrement()),
                Date.from(from),
                Date.from(until),
                subject,
                SubjectPublicKeyInfo.getInstance(subjectKey.getEncoded()));
    }

    private static X509Certificate finish(X509v3CertificateBuilder builder, PrivateKey signer) throws Exception {
        return Pem.certificate(builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(signer))
                .getEncoded());
    }

    final class Leaf {
        private final List<GeneralName> names = new ArrayList<>();
        private KeyPurposeId[] purposes = {KeyPurposeId.id_kp_clientAuth, KeyPurposeId.id_kp_serverAuth};
        private int keyUsage = KeyUsage.digitalSignature;
        private boolean ca;
        private Instant from = START;
        private Instant until = START.plus(Duration.ofDays(1));

        Leaf uri(String uri) {
            names.add(new GeneralName(GeneralName.uniformResourceIdentifier, uri));
            return this;
        }

        Leaf dns(String host) {
            names.add(new GeneralName(GeneralName.dNSName, host));
            return this;
        }

        Leaf purposes(KeyPurposeId... only) {
            purposes = only;
            return this;
        }

        Leaf keyUsage(int bits) {
            keyUsage = bits;
            return this;
        }

        Leaf asAuthority() {
            ca = true;
            return this;
        }

        Leaf valid(Instant notBefore, Instant notAfter) {
            from = notBefore;
            until = notAfter;
            return this;
        }

        X509Certificate issue() {
            return issue(CertificateRequest.generateKeys().getPublic());
        }

        X509Certificate issue(PublicKey subjectKey) {
            try {
                X509v3CertificateBuilder builder = builder(name, new X500Name(""), subjectKey, from, until);
                if (!names.isEmpty()) {
                    builder.addExtension(
                            Extension.subjectAlternativeName,
                            true,
                            new GeneralNames(names.toArray(GeneralName[]::new)));
                }
                if (purposes.length > 0) {
                    builder.addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(purposes));
                }
                builder.addExtension(Extension.keyUsage, true, new KeyUsage(keyUsage));
                builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(ca));
                return finish(builder, key);
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        }
    }
}
