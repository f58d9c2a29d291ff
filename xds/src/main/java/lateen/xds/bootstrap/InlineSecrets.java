package lateen.xds.bootstrap;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import io.envoyproxy.envoy.config.core.v3.DataSource;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.CertificateValidationContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.Secret;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.TlsCertificate;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Set;
import lateen.identity.KeyMaterial;
import lateen.identity.Pem;
import lateen.identity.TrustBundle;
import lateen.xds.decode.SecretConfig;

/** Certificates, keys and roots as files and servers bring them. What a problem says never holds what is secret. */
final class InlineSecrets {

    private static final Set<String> CERTIFICATE_FIELDS = Set.of("certificate_chain", "private_key");

    private final DataSources data;

    InlineSecrets(DataSources data) {
        this.data = data;
    }

    /** A secret with a name of its own. */
    SecretConfig secret(Secret secret, String path) {
        if (secret.getName().isEmpty()) {
            throw new Unsupported(path + ".name", "missing (expected: text)");
        }
        return switch (secret.getTypeCase()) {
            case TLS_CERTIFICATE ->
                certificate(secret.getName(), secret.getTlsCertificate(), path + ".tls_certificate");
            case VALIDATION_CONTEXT -> {
                CertificateValidationContext context = secret.getValidationContext();
                only(context, Set.of("trusted_ca"), path + ".validation_context");
                yield roots(secret.getName(), context.getTrustedCa(), path + ".validation_context.trusted_ca");
            }
            case SESSION_TICKET_KEYS, GENERIC_SECRET, TYPE_NOT_SET ->
                throw new Unsupported(
                        path, secret.getTypeCase() + " (expected: tls_certificate or validation_context)");
        };
    }

    /** One that stands where it is used. Its name is made of what is public in it. */
    SecretConfig certificate(TlsCertificate certificate, String path) {
        only(certificate, CERTIFICATE_FIELDS, path);
        String chain = data.text(certificate.getCertificateChain(), path + ".certificate_chain");
        return certificate(named(chain), certificate, path);
    }

    private SecretConfig certificate(String name, TlsCertificate certificate, String path) {
        only(certificate, CERTIFICATE_FIELDS, path);
        String chain = data.text(certificate.getCertificateChain(), path + ".certificate_chain");
        String key = data.text(certificate.getPrivateKey(), path + ".private_key");
        String part = "certificate_chain";
        try {
            var certificates = Pem.certificates(chain);
            part = "private_key";
            return new SecretConfig.Certificate(name, new KeyMaterial(Pem.privateKey(key), certificates));
        } catch (IllegalArgumentException e) {
            throw new Unsupported(path + "." + part, String.valueOf(e.getMessage()));
        }
    }

    SecretConfig roots(DataSource source, String path) {
        return roots(named(data.text(source, path)), source, path);
    }

    private SecretConfig roots(String name, DataSource source, String path) {
        String pem = data.text(source, path);
        try {
            var _ = TrustBundle.fromPem(pem);
        } catch (IllegalArgumentException e) {
            throw new Unsupported(path, String.valueOf(e.getMessage()));
        }
        return new SecretConfig.Roots(name, pem);
    }

    private static void only(Message message, Set<String> supported, String path) {
        for (FieldDescriptor field : message.getAllFields().keySet()) {
            if (!supported.contains(field.getName())) {
                throw new Unsupported(path + "." + field.getName(), "unsupported field (supported: " + supported + ")");
            }
        }
    }

    private static String named(String content) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(content.getBytes(StandardCharsets.UTF_8));
            return "inline:" + HexFormat.of().formatHex(digest, 0, 12);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
