package lateen.identity;

import java.net.Socket;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/**
 * Presents the newest key and chain in each handshake, so that a renewed certificate needs neither a new TLS context
 * nor a reconnection.
 *
 * <p>A handshake asks three times (alias, chain, key). The alias names a generation, and the one before the current
 * is still answered, so that an exchange in between never mixes one generation's key with another's chain. Any thread
 * may call any method.
 */
public final class ReloadingKeyManager extends X509ExtendedKeyManager {
    private final AtomicReference<@Nullable Generation> current = new AtomicReference<>();

    private record Generation(
            long number, KeyMaterial material, @Nullable KeyMaterial previous) {
        String alias() {
            return Long.toString(number);
        }
    }

    /** Presents nothing until the first {@link #set}: as a client anonymous, as a server failing handshakes. */
    public ReloadingKeyManager() {}

    /** Handshakes that begin after this present {@code material}. */
    public void set(KeyMaterial material) {
        current.updateAndGet(before -> before == null
                ? new Generation(0, material, null)
                : new Generation(before.number + 1, material, before.material));
    }

    /** What is presented now, null before the first {@link #set}. */
    public @Nullable KeyMaterial current() {
        Generation now = current.get();
        return now == null ? null : now.material;
    }

    @Override
    public X509Certificate @Nullable [] getCertificateChain(String alias) {
        KeyMaterial material = byAlias(alias);
        return material == null ? null : material.chain().toArray(X509Certificate[]::new);
    }

    @Override
    public @Nullable PrivateKey getPrivateKey(String alias) {
        KeyMaterial material = byAlias(alias);
        return material == null ? null : material.privateKey();
    }

    // Issuers are not matched: a mesh has one authority, and during a rotation the peer's list may be behind.

    @Override
    public @Nullable String chooseEngineClientAlias(
            String @Nullable [] keyTypes, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
        return alias(keyTypes);
    }

    @Override
    public @Nullable String chooseClientAlias(
            String @Nullable [] keyTypes, Principal @Nullable [] issuers, @Nullable Socket socket) {
        return alias(keyTypes);
    }

    @Override
    public @Nullable String chooseEngineServerAlias(
            String keyType, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
        return alias(keyType);
    }

    @Override
    public @Nullable String chooseServerAlias(String keyType, Principal @Nullable [] issuers, @Nullable Socket socket) {
        return alias(keyType);
    }

    @Override
    public String @Nullable [] getClientAliases(String keyType, Principal @Nullable [] issuers) {
        return aliases(keyType);
    }

    @Override
    public String @Nullable [] getServerAliases(String keyType, Principal @Nullable [] issuers) {
        return aliases(keyType);
    }

    private String @Nullable [] aliases(String keyType) {
        String alias = alias(keyType);
        return alias == null ? null : new String[] {alias};
    }

    private @Nullable String alias(String @Nullable ... keyTypes) {
        Generation now = current.get();
        if (now == null || keyTypes == null) {
            return null;
        }
        String algorithm = now.material.privateKey().getAlgorithm();
        for (String keyType : keyTypes) {
            // JSSE asks for "EC" or "RSA", and under TLS 1.2 for names such as "EC_EC".
            if (keyType.equals(algorithm) || keyType.startsWith(algorithm + "_")) {
                return now.alias();
            }
        }
        return null;
    }

    private @Nullable KeyMaterial byAlias(String alias) {
        Generation now = current.get();
        if (now == null) {
            return null;
        }
        if (alias.equals(now.alias())) {
            return now.material;
        }
        return alias.equals(Long.toString(now.number - 1)) ? now.previous : null;
    }
}
