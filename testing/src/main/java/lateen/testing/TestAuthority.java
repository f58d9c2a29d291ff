package lateen.testing;

import java.math.BigInteger;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import lateen.identity.CertificateRequest;
import lateen.identity.Svid;
import lateen.identity.TrustBundle;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.jspecify.annotations.Nullable;

/** A root, and workload certificates of it, good for an hour. */
public final class TestAuthority {
    private static final AtomicLong SERIAL = new AtomicLong(1);

    private final X500Name name;
    private final KeyPair keys = CertificateRequest.generateKeys();
    private final X509Certificate root;

    public TestAuthority(String commonName) {
        name = new X500Name("CN=" + commonName);
        root = issue(new X500Name("CN=" + commonName), keys, null);
    }

    public TrustBundle bundle() {
        return new TrustBundle(List.of(root));
    }

    /** Of {@code spiffe://cluster.local/ns/shop/sa/ACCOUNT}; each time another key. */
    public Svid svid(String account) {
        KeyPair own = CertificateRequest.generateKeys();
        return Svid.of(
                own.getPrivate(),
                List.of(issue(new X500Name(""), own, "spiffe://cluster.local/ns/shop/sa/" + account)));
    }

    private X509Certificate issue(X500Name subject, KeyPair subjectKeys, @Nullable String uri) {
        try {
            Instant now = Instant.now();
            JcaX509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(
                    name,
                    BigInteger.valueOf(SERIAL.getAndIncrement()),
                    Date.from(now.minus(Duration.ofHours(1))),
                    Date.from(now.plus(Duration.ofHours(1))),
                    subject,
                    subjectKeys.getPublic());
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(uri == null));
            builder.addExtension(
                    Extension.keyUsage,
                    true,
                    new KeyUsage(uri == null ? KeyUsage.keyCertSign : KeyUsage.digitalSignature));
            if (uri != null) {
                builder.addExtension(
                        Extension.subjectAlternativeName,
                        true,
                        new GeneralNames(new GeneralName(GeneralName.uniformResourceIdentifier, uri)));
            }
            return new JcaX509CertificateConverter()
                    .getCertificate(
                            builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(keys.getPrivate())));
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }
}
