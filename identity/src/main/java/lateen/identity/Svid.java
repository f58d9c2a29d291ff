package lateen.identity;

import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;

/**
 * A workload's X.509-SVID: who it is and what proves it.
 *
 * @param id the only URI subject alternative name of the leaf
 * @param material key and chain
 */
public record Svid(SpiffeId id, KeyMaterial material) {
    /**
     * Checks that the leaf carries {@code id}.
     *
     * @throws IllegalArgumentException if the leaf names another or more than one
     */
    public Svid {
        SpiffeId named = SubjectNames.spiffeId(material.leaf());
        if (!named.equals(id)) {
            throw new IllegalArgumentException("certificate for " + named + " (expected: " + id + ")");
        }
    }

    /**
     * The SVID that a chain proves.
     *
     * @param chain leaf first
     * @throws IllegalArgumentException if the key is not the leaf's, or the leaf has not exactly one SPIFFE id
     */
    public static Svid of(PrivateKey key, List<X509Certificate> chain) {
        KeyMaterial material = new KeyMaterial(key, chain);
        return new Svid(SubjectNames.spiffeId(material.leaf()), material);
    }

    /** The workload's own certificate. */
    public X509Certificate leaf() {
        return material.leaf();
    }

    /** Leaf first. */
    public List<X509Certificate> chain() {
        return material.chain();
    }

    /** The leaf's key; never print it. */
    public PrivateKey privateKey() {
        return material.privateKey();
    }

    /** First instant of validity. */
    public Instant notBefore() {
        return material.notBefore();
    }

    /** Last instant of validity. */
    public Instant notAfter() {
        return material.notAfter();
    }

    @Override
    public String toString() {
        return "Svid[" + id + ", " + material + "]";
    }
}
