package lateen.control.ca;

import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import lateen.identity.CertificateRequest;
import lateen.identity.KeyMaterial;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** What the two kinds of certificate consist of, RFC 5280 section 4. */
final class X509Issuer {
    /** RFC 5280 section 4.1.2.2: positive, at most 20 octets; 128 of them from the random generator. */
    private static final int SERIAL_BITS = 128;

    private static final SecureRandom RANDOM = new SecureRandom();

    private X509Issuer() {}

    /** A new P-256 key and its self-signed CA certificate. */
    static KeyMaterial selfSigned(String trustDomain, Instant begins, Duration lifetime) {
        KeyPair keys = CertificateRequest.generateKeys();
        X500Name name = new X500NameBuilder()
                .addRDN(BCStyle.O, trustDomain)
                .addRDN(BCStyle.CN, "Lateen root " + serial().toString(16).substring(0, 8))
                .build();
        X509v3CertificateBuilder builder = builder(name, name, keys.getPublic(), begins, begins.plus(lifetime));
        try {
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(true));
            builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign));
            builder.addExtension(
                    Extension.subjectKeyIdentifier,
                    false,
                    new JcaX509ExtensionUtils().createSubjectKeyIdentifier(keys.getPublic()));
            return new KeyMaterial(keys.getPrivate(), List.of(sign(builder, keys.getPrivate())));
        } catch (IOException | GeneralSecurityException e) {
            throw new IllegalStateException("a root certificate cannot be made", e);
        }
    }

    /** A leaf under {@code root}; {@code names} are all that it says about its holder. */
    static X509Certificate leaf(
            KeyMaterial root, PublicKey key, List<GeneralName> names, Instant begins, Instant ends) {
        X500Name issuer =
                X500Name.getInstance(root.leaf().getSubjectX500Principal().getEncoded());
        X509v3CertificateBuilder builder = builder(issuer, new X500Name(""), key, begins, ends);
        try {
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(false));
            builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature));
            builder.addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(new KeyPurposeId[] {
                KeyPurposeId.id_kp_serverAuth, KeyPurposeId.id_kp_clientAuth
            }));
            builder.addExtension(
                    Extension.authorityKeyIdentifier,
                    false,
                    new JcaX509ExtensionUtils().createAuthorityKeyIdentifier(root.leaf()));
            // Critical because the subject is empty: RFC 5280 section 4.2.1.6.
            builder.addExtension(
                    Extension.subjectAlternativeName, true, new GeneralNames(names.toArray(GeneralName[]::new)));
            return sign(builder, root.privateKey());
        } catch (IOException | GeneralSecurityException e) {
            throw new IllegalStateException("a certificate for " + names + " cannot be made", e);
        }
    }

    private static X509v3CertificateBuilder builder(
            X500Name issuer, X500Name subject, PublicKey key, Instant begins, Instant ends) {
        return new X509v3CertificateBuilder(
                issuer,
                serial(),
                Date.from(begins),
                Date.from(ends),
                subject,
                SubjectPublicKeyInfo.getInstance(key.getEncoded()));
    }

    private static BigInteger serial() {
        return new BigInteger(SERIAL_BITS, RANDOM).setBit(SERIAL_BITS);
    }

    private static X509Certificate sign(X509v3CertificateBuilder builder, PrivateKey signer)
            throws GeneralSecurityException {
        try {
            String algorithm = signer.getAlgorithm().equals("EC") ? "SHA256withECDSA" : "SHA256withRSA";
            return new JcaX509CertificateConverter()
                    .getCertificate(builder.build(new JcaContentSignerBuilder(algorithm).build(signer)));
        } catch (OperatorCreationException e) {
            throw new GeneralSecurityException("signing with the root key failed", e);
        }
    }
}
