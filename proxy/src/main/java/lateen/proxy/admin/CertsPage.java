package lateen.proxy.admin;

import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import lateen.identity.KeyMaterial;
import lateen.proxy.tls.SecretStore;

/**
 * {@code /certs}: own certificates and the roots that peers are verified against; never a key. Envoy: {@code
 * admin.v3.Certificates}; {@code path} is the secret's name. On the page thread.
 */
final class CertsPage {
    /** Types of a subject alternative name, RFC 5280 section 4.2.1.6. */
    private static final Map<Integer, String> NAMES = Map.of(2, "dns", 6, "uri", 7, "ip_address");

    private final SecretStore secrets;
    private final InstantSource clock;

    CertsPage(SecretStore secrets, InstantSource clock) {
        this.secrets = secrets;
        this.clock = clock;
    }

    Reply reply() {
        Map<String, SecretStore.Roots> bundles = new TreeMap<>(secrets.bundles());
        Map<String, KeyMaterial> own = new TreeMap<>(secrets.certificates());
        Json json = new Json().open().array("certificates");
        if (!bundles.isEmpty() || !own.isEmpty()) {
            json.open().array("ca_cert");
            bundles.forEach((name, bundle) -> bundle.bundle().roots().forEach(root -> certificate(json, name, root)));
            json.closeArray().array("cert_chain");
            own.forEach((name, shown) -> certificate(json, name, shown.leaf()));
            json.closeArray().close();
        }
        return Reply.json(json.closeArray().close().text());
    }

    private void certificate(Json json, String name, X509Certificate certificate) {
        Instant until = certificate.getNotAfter().toInstant();
        json.open()
                .field("path", name)
                .field("serial_number", certificate.getSerialNumber().toString(16))
                .array("subject_alt_names");
        for (List<?> each : names(certificate)) {
            String type = NAMES.get((Integer) each.getFirst());
            if (type != null) {
                json.open().field(type, String.valueOf(each.get(1))).close();
            }
        }
        json.closeArray()
                .longField(
                        "days_until_expiration",
                        Math.max(0, Duration.between(clock.instant(), until).toDays()))
                .field("valid_from", time(certificate.getNotBefore().toInstant()))
                .field("expiration_time", time(until))
                .close();
    }

    private static Collection<List<?>> names(X509Certificate certificate) {
        try {
            Collection<List<?>> names = certificate.getSubjectAlternativeNames();
            return names == null ? List.of() : names;
        } catch (CertificateParsingException e) {
            return List.of();
        }
    }

    private static String time(Instant instant) {
        return instant.truncatedTo(ChronoUnit.SECONDS).toString();
    }
}
