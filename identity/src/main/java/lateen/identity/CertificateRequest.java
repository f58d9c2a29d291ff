package lateen.identity;

import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.util.List;

/**
 * A new P-256 key and the PKCS#10 request (RFC 2986) for its certificate.
 *
 * <p>The key stays inside until {@link #accept} joins it with the issued chain. The subject is empty; the SPIFFE id
 * is the only name, a URI in a critical subject alternative name extension.
 */
public final class CertificateRequest {
    private static final byte[] ECDSA_WITH_SHA256 = Der.sequence(Der.oid(1, 2, 840, 10045, 4, 3, 2));
    private static final byte[] EXTENSION_REQUEST = Der.oid(1, 2, 840, 113549, 1, 9, 14);
    private static final byte[] SUBJECT_ALTERNATIVE_NAME = Der.oid(2, 5, 29, 17);
    private static final int ATTRIBUTES = 0xa0;
    private static final int URI_NAME = 6;

    private final SpiffeId id;
    private final KeyPair keys;
    private final byte[] der;

    private CertificateRequest(SpiffeId id, KeyPair keys, byte[] der) {
        this.id = id;
        this.keys = keys;
        this.der = der;
    }

    /** Makes a key and signs a request for {@code id} with it. */
    public static CertificateRequest create(SpiffeId id) {
        try {
            KeyPair keys = generateKeys();
            byte[] info = info(id, keys.getPublic().getEncoded());
            Signature signature = Signature.getInstance("SHA256withECDSA");
            signature.initSign(keys.getPrivate());
            signature.update(info);
            byte[] der = Der.sequence(info, ECDSA_WITH_SHA256, Der.bitString(signature.sign()));
            return new CertificateRequest(id, keys, der);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK signs with P-256 and SHA-256", e);
        }
    }

    /** A new P-256 key pair. */
    public static KeyPair generateKeys() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK makes P-256 keys", e);
        }
    }

    /** The request as a CA takes it. */
    public String pem() {
        return Pem.encode("CERTIFICATE REQUEST", der);
    }

    /** The request in binary; a copy. */
    public byte[] der() {
        return der.clone();
    }

    /**
     * Joins the key with what the CA answered.
     *
     * @param chain leaf first
     * @throws IllegalArgumentException if the leaf is for another key or another id
     */
    public Svid accept(List<X509Certificate> chain) {
        return new Svid(id, new KeyMaterial(keys.getPrivate(), chain));
    }

    @Override
    public String toString() {
        return "CertificateRequest[" + id + "]";
    }

    private static byte[] info(SpiffeId id, byte[] publicKeyInfo) {
        byte[] names = Der.sequence(Der.taggedText(URI_NAME, id.toString()));
        byte[] extension = Der.sequence(SUBJECT_ALTERNATIVE_NAME, Der.yes(), Der.octetString(names));
        byte[] attribute = Der.sequence(EXTENSION_REQUEST, Der.element(Der.SET, Der.sequence(extension)));
        byte[] emptySubject = Der.sequence();
        return Der.sequence(Der.integer(0), emptySubject, publicKeyInfo, Der.element(ATTRIBUTES, attribute));
    }
}
