package lateen.control.ca;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.X509EncodedKeySpec;
import lateen.identity.Pem;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.sec.SECObjectIdentifiers;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.Extensions;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentVerifierProviderBuilder;
import org.bouncycastle.pkcs.PKCS10CertificationRequest;
import org.bouncycastle.pkcs.PKCSException;

/** What a PKCS#10 request (RFC 2986) turned out to be. */
sealed interface SigningRequest {
    /** Longest PEM text that is parsed, in characters. */
    int MAX_TEXT = 16 * 1024;

    /** The caller holds the key's private half and asks for one URI name. */
    record Proven(PublicKey key, String uri) implements SigningRequest {}

    /** Not to be signed for anybody; the reason is fit for the caller and the log. */
    record Unusable(String reason) implements SigningRequest {}

    /** Parses a request and checks its signature, key and names; never throws. */
    static SigningRequest read(String pem) {
        if (pem.length() > MAX_TEXT) {
            return new Unusable("CSR of " + pem.length() + " characters (expected: at most " + MAX_TEXT + ")");
        }
        try {
            PKCS10CertificationRequest request = new PKCS10CertificationRequest(Pem.certificateRequest(pem));
            PublicKey key = key(request.getSubjectPublicKeyInfo());
            if (!request.isSignatureValid(new JcaContentVerifierProviderBuilder().build(key))) {
                return new Unusable("CSR: its signature is not by the key that it holds");
            }
            return new Proven(key, onlyUri(request));
        } catch (IllegalArgumentException e) {
            return new Unusable("CSR: " + oneLine(e.getMessage()));
        } catch (IOException
                | GeneralSecurityException
                | OperatorCreationException
                | PKCSException
                | RuntimeException e) {
            // The ASN.1 parser leaves malformed input as various runtime exceptions.
            return new Unusable(
                    "CSR: malformed (expected: PKCS#10, PEM): " + e.getClass().getSimpleName());
        }
    }

    private static PublicKey key(SubjectPublicKeyInfo info) throws IOException, GeneralSecurityException {
        AlgorithmIdentifier algorithm = info.getAlgorithm();
        ASN1ObjectIdentifier kind = algorithm.getAlgorithm();
        X509EncodedKeySpec encoded = new X509EncodedKeySpec(info.getEncoded());
        if (kind.equals(X9ObjectIdentifiers.id_ecPublicKey)
                && SECObjectIdentifiers.secp256r1.equals(algorithm.getParameters())) {
            // The JDK checks here that the point is on the curve.
            return (ECPublicKey) KeyFactory.getInstance("EC").generatePublic(encoded);
        }
        if (kind.equals(PKCSObjectIdentifiers.rsaEncryption)) {
            RSAPublicKey key = (RSAPublicKey) KeyFactory.getInstance("RSA").generatePublic(encoded);
            int bits = key.getModulus().bitLength();
            if (bits >= 2048 && bits <= 8192) {
                return key;
            }
            throw new IllegalArgumentException("key: RSA of " + bits + " bits (expected: 2048..8192, or EC P-256)");
        }
        throw new IllegalArgumentException("key: algorithm " + kind + " with " + algorithm.getParameters()
                + " (expected: EC P-256, or RSA of 2048..8192 bits)");
    }

    private static String onlyUri(PKCS10CertificationRequest request) {
        Extensions extensions = request.getRequestedExtensions();
        GeneralNames found =
                extensions == null ? null : GeneralNames.fromExtensions(extensions, Extension.subjectAlternativeName);
        GeneralName[] names = found == null ? new GeneralName[0] : found.getNames();
        if (names.length != 1 || names[0].getTagNo() != GeneralName.uniformResourceIdentifier) {
            throw new IllegalArgumentException("names: " + names.length
                    + " subject alternative names (expected: exactly one, a URI with the caller's SPIFFE id)");
        }
        return names[0].getName().toString();
    }

    private static String oneLine(@org.jspecify.annotations.Nullable String message) {
        String text = String.valueOf(message);
        return text.substring(0, Math.min(text.length(), 300)).replaceAll("[^ -~]", "?");
    }
}
