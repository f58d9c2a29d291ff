package lateen.identity;

import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;

/**
 * A private key and the certificates that prove it, as a TLS end presents them.
 *
 * @param privateKey EC or RSA, never printed
 * @param chain leaf first, without the root or with it; at least one
 */
public record KeyMaterial(PrivateKey privateKey, List<X509Certificate> chain) {
    /**
     * Checks that the key belongs to the leaf.
     *
     * @throws IllegalArgumentException if the chain is empty or the key is another's
     */
    public KeyMaterial {
        chain = List.copyOf(chain);
        if (chain.isEmpty()) {
            throw new IllegalArgumentException("certificate chain: empty (expected: the leaf first)");
        }
        if (!belongsTo(chain.getFirst().getPublicKey(), privateKey)) {
            throw new IllegalArgumentException("certificate "
                    + chain.getFirst().getSerialNumber().toString(16) + ": its public key (expected: the one of the "
                    + privateKey.getAlgorithm() + " private key beside it)");
        }
    }

    /** The certificate of this end itself. */
    public X509Certificate leaf() {
        return chain.getFirst();
    }

    /** First instant of the leaf's validity. */
    public Instant notBefore() {
        return leaf().getNotBefore().toInstant();
    }

    /** Last instant of the leaf's validity. */
    public Instant notAfter() {
        return leaf().getNotAfter().toInstant();
    }

    /** Everything but the key. */
    @Override
    public String toString() {
        return "KeyMaterial[serial=" + leaf().getSerialNumber().toString(16) + ", notAfter=" + notAfter()
                + ", certificates=" + chain.size() + "]";
    }

    private static boolean belongsTo(PublicKey publicKey, PrivateKey privateKey) {
        if (!publicKey.getAlgorithm().equals(privateKey.getAlgorithm())) {
            return false;
        }
        try {
            byte[] probe = {1, 2, 3};
            Signature signature =
                    Signature.getInstance(privateKey.getAlgorithm().equals("EC") ? "SHA256withECDSA" : "SHA256withRSA");
            signature.initSign(privateKey);
            signature.update(probe);
            byte[] signed = signature.sign();
            signature.initVerify(publicKey);
            signature.update(probe);
            return signature.verify(signed);
        } catch (GeneralSecurityException e) {
            return false;
        }
    }
}
