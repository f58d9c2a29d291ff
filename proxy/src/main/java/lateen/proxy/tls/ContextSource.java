package lateen.proxy.tls;

import io.netty.handler.ssl.SslContext;
import lateen.identity.KeyMaterial;
import org.jspecify.annotations.Nullable;

/**
 * A TLS context that follows its secrets. The context is rebuilt by the loop that first sees a newer secret; two loops
 * may do so at once, the later result stays, which is harmless.
 */
final class ContextSource {
    /** Makes a context of what is there now. */
    interface Builder {
        SslContext build(@Nullable KeyMaterial own, SecretStore.@Nullable Roots roots);
    }

    private record Built(@Nullable KeyMaterial own, SecretStore.@Nullable Roots roots, SslContext context) {}

    private final SecretStore secrets;
    private final @Nullable String certificate;
    private final @Nullable String trust;
    private final Builder builder;
    private volatile @Nullable Built last;

    ContextSource(SecretStore secrets, @Nullable String certificate, @Nullable String trust, Builder builder) {
        this.secrets = secrets;
        this.certificate = certificate;
        this.trust = trust;
        this.builder = builder;
    }

    /** Null while a secret is missing: {@link #missing} says which. */
    @SuppressWarnings("ReferenceEquality") // a new secret is a new object
    @Nullable
    SslContext context() {
        KeyMaterial own = certificate == null ? null : secrets.certificate(certificate);
        SecretStore.Roots roots = trust == null ? null : secrets.trust(trust);
        if ((certificate != null && own == null) || (trust != null && roots == null)) {
            return null;
        }
        Built now = last;
        if (now == null || now.own != own || now.roots != roots) {
            now = new Built(own, roots, builder.build(own, roots));
            last = now;
        }
        return now.context;
    }

    String missing() {
        return certificate != null && secrets.certificate(certificate) == null
                ? "certificate '" + certificate + "'"
                : "trust bundle '" + trust + "'";
    }
}
