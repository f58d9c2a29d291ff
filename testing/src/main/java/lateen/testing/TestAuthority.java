package lateen.testing;

import java.math.BigInteger;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import lateen.identity.CertificateRequest;
import lateen.identity.KeyMaterial;
import lateen.identity.Pem;
import lateen.identity.Svid;
import lateen.identity.TrustBundle;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.DERTaggedObject;
import org.bouncycastle.asn1.DERUTF8String;
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

    /** A key and its certificate, which may be no workload's. */
    public record Issued(PrivateKey key, X509Certificate certificate) {
        /** Both as PEM. */
        public String pem() {
            return Pem.encode(key) + Pem.encode(certificate);
        }
    }

    /**
     * A certificate for any names.
     *
     * @param from beginning of its validity, from now
     * @param until end of its validity, from now
     * @param names subject alternative names: {@code uri:}, {@code dns:}, {@code email:}, {@code ip:}, or an object
     *     identifier, before their text
     */
    public Issued issue(Duration from, Duration until, List<String> names) {
        KeyPair own = CertificateRequest.generateKeys();
        GeneralName[] all = names.stream().map(TestAuthority::name).toArray(GeneralName[]::new);
        return new Issued(
                own.getPrivate(),
                issue(
                        new X500Name("CN=test"),
                        own,
                        from,
                        until,
                        all.length == 0 ? null : new GeneralNames(all),
                        false));
    }

    /** Of a host, without a SPIFFE id; each time another key. */
    public KeyMaterial host(String dnsName) {
        Issued made = issue("dns:" + dnsName);
        return new KeyMaterial(made.key(), List.of(made.certificate()));
    }

    /** Good for an hour, as {@link #svid}. */
    public Issued issue(String... names) {
        return issue(Duration.ofHours(-1), Duration.ofHours(1), List.of(names));
    }

    private static GeneralName name(String text) {
        String kind = text.substring(0, text.indexOf(':'));
        String value = text.substring(text.indexOf(':') + 1);
        return switch (kind) {
            case "uri" -> new GeneralName(GeneralName.uniformResourceIdentifier, value);
            case "dns" -> new GeneralName(GeneralName.dNSName, value);
            case "email" -> new GeneralName(GeneralName.rfc822Name, value);
            case "ip" -> new GeneralName(GeneralName.iPAddress, value);
            default ->
                new GeneralName(GeneralName.otherName, new DERSequence(new ASN1Encodable[] {
                    new ASN1ObjectIdentifier(kind), new DERTaggedObject(true, 0, new DERUTF8String(value))
                }));
        };
    }

    private X509Certificate issue(X500Name subject, KeyPair subjectKeys, @Nullable String uri) {
        return issue(
                subject,
                subjectKeys,
                Duration.ofHours(-1),
                Duration.ofHours(1),
                uri == null ? null : new GeneralNames(new GeneralName(GeneralName.uniformResourceIdentifier, uri)),
                uri == null);
    }

    private X509Certificate issue(
            X500Name subject,
            KeyPair subjectKeys,
            Duration from,
            Duration until,
            @Nullable GeneralNames names,
            boolean authority) {
        try {
            Instant now = Instant.now();
            JcaX509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(
                    name,
                    BigInteger.valueOf(SERIAL.getAndIncrement()),
                    Date.from(now.plus(from)),
                    Date.from(now.plus(until)),
                    subject,
                    subjectKeys.getPublic());
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(authority));
            builder.addExtension(
                    Extension.keyUsage,
                    true,
                    new KeyUsage(authority ? KeyUsage.keyCertSign : KeyUsage.digitalSignature));
            if (names != null) {
                builder.addExtension(Extension.subjectAlternativeName, true, names);
            }
            return new JcaX509CertificateConverter()
                    .getCertificate(
                            builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(keys.getPrivate())));
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }
}
