package lateen.proxy.tls;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import lateen.identity.Svid;
import lateen.identity.TrustBundle;
import org.jspecify.annotations.Nullable;

/**
 * The secrets that TLS contexts name. A newer secret counts for connections made after it came; none is dropped.
 * Any thread may call.
 */
public final class SecretStore {
    private final ConcurrentHashMap<String, Svid> certificates = new ConcurrentHashMap<>();
    private final ConcurrentHashMap<String, TrustBundle> bundles = new ConcurrentHashMap<>();

    /** Sets or replaces the certificate (and key) of that name, such as {@code default}. */
    public void certificate(String name, Svid svid) {
        certificates.put(name, svid);
    }

    /** Sets or replaces the roots of that name, such as {@code ROOTCA}. */
    public void trust(String name, TrustBundle bundle) {
        bundles.put(name, bundle);
    }

    /** Null: it has not arrived. */
    public @Nullable Svid certificate(String name) {
        return certificates.get(name);
    }

    /** Null: it has not arrived. */
    public @Nullable TrustBundle trust(String name) {
        return bundles.get(name);
    }

    /** What is there now, by name. */
    public Map<String, Svid> certificates() {
        return Map.copyOf(certificates);
    }

    /** What is there now, by name. */
    public Map<String, TrustBundle> bundles() {
        return Map.copyOf(bundles);
    }
}
