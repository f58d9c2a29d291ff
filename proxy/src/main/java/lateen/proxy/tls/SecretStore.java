package lateen.proxy.tls;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import lateen.identity.KeyMaterial;
import lateen.identity.Svid;
import lateen.identity.TrustBundle;
import org.jspecify.annotations.Nullable;

/**
 * The secrets that TLS contexts name. A newer secret counts for connections made after it came; none is dropped.
 * Any thread may call.
 */
public final class SecretStore {
    private final ConcurrentHashMap<String, KeyMaterial> certificates = new ConcurrentHashMap<>();
    private final ConcurrentHashMap<String, Roots> bundles = new ConcurrentHashMap<>();

    /**
     * What peers are verified against.
     *
     * @param spiffe a peer must have exactly one SPIFFE id, as in a mesh; else any certificate of these roots will do, as
     *     with Envoy
     */
    public record Roots(TrustBundle bundle, boolean spiffe) {}

    /** Sets or replaces the certificate (and key) of that name, such as {@code default}. */
    public void certificate(String name, Svid svid) {
        certificate(name, svid.material());
    }

    /** The same for a certificate with names of any kind. */
    public void certificate(String name, KeyMaterial material) {
        certificates.put(name, material);
    }

    /** Sets or replaces the roots of that name, such as {@code ROOTCA}; peers must have SPIFFE ids. */
    public void trust(String name, TrustBundle bundle) {
        trust(name, new Roots(bundle, true));
    }

    /** Sets or replaces the roots of that name. */
    public void trust(String name, Roots roots) {
        bundles.put(name, roots);
    }

    /** Connections that were made with it go on. */
    public void forget(String name) {
        certificates.remove(name);
        bundles.remove(name);
    }

    /** Null: it has not arrived. */
    public @Nullable KeyMaterial certificate(String name) {
        return certificates.get(name);
    }

    /** Null: it has not arrived. */
    public @Nullable Roots trust(String name) {
        return bundles.get(name);
    }

    /** What is there now, by name. */
    public Map<String, KeyMaterial> certificates() {
        return Map.copyOf(certificates);
    }

    /** What is there now, by name. */
    public Map<String, Roots> bundles() {
        return Map.copyOf(bundles);
    }
}
