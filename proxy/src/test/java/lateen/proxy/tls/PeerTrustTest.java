package lateen.proxy.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.security.MessageDigest;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import lateen.decision.config.StringMatcher;
import lateen.decision.config.TlsValidation;
import lateen.decision.config.TlsValidation.SubjectName;
import lateen.decision.config.TlsValidation.SubjectName.Kind;
import lateen.identity.PeerVerifier.Role;
import lateen.testing.TestAuthority;
import lateen.testing.TestAuthority.Issued;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PeerTrustTest {
    private static final TestAuthority AUTHORITY = new TestAuthority("root");
    private static final String SHOP = "uri:spiffe://cluster.local/ns/shop/sa/frontend";

    private final AtomicReference<Instant> now = new AtomicReference<>(Instant.now());

    private PeerTrust trust(TlsValidation validation, boolean required) {
        InstantSource clock = now::get;
        return new PeerTrust(
                validation.trustSecret() == null ? null : new SecretStore.Roots(AUTHORITY.bundle(), true),
                Role.CLIENT,
                validation,
                required,
                clock);
    }

    private static X509Certificate[] chain(Issued issued) {
        return new X509Certificate[] {issued.certificate()};
    }

    /** A kind, how, and a text, as in {@code DNS exact a.b}; with {@code OTHER} an object identifier before the text. */
    private static SubjectName name(String text) {
        String[] words = text.split(" ");
        StringMatcher matcher = switch (words[1]) {
            case "exact" -> new StringMatcher.Exact(words[words.length - 1], false);
            case "prefix" -> new StringMatcher.Prefix(words[words.length - 1], false);
            case "suffix" -> new StringMatcher.Suffix(words[words.length - 1], false);
            default -> new StringMatcher.Regex(words[words.length - 1]);
        };
        return new SubjectName(Kind.valueOf(words[0]), words.length == 4 ? words[2] : "", matcher);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
            uri:spiffe://cluster.local/ns/shop/sa/frontend | URI exact spiffe://cluster.local/ns/shop/sa/frontend | true
            uri:spiffe://cluster.local/ns/shop/sa/frontend | URI prefix spiffe://cluster.local/ns/shop/             | true
            uri:spiffe://cluster.local/ns/shop/sa/frontend | URI exact spiffe://cluster.local/ns/shop/sa/other     | false
            uri:spiffe://cluster.local/ns/shop/sa/frontend | DNS exact spiffe://cluster.local/ns/shop/sa/frontend  | false
            uri:https://example.com/x                      | URI exact https://example.com/x                      | false
            uri:https://example.com/x                      | URI exact https://example.com/x;DNS exact q.q        | true
            dns:www.example.com                            | DNS exact www.example.com                            | true
            dns:www.example.com                            | DNS exact WWW.Example.com                            | true
            dns:*.example.com                              | DNS exact www.example.com                            | true
            dns:*.example.com                              | DNS exact a.www.example.com                          | false
            dns:*.example.com                              | DNS exact example.com                                | false
            dns:www.example.com                            | DNS suffix .example.com                              | true
            dns:www.example.com                            | DNS exact mail.example.com                           | false
            dns:www.example.com,dns:mail.example.com       | DNS exact mail.example.com                           | true
            dns:www.example.com                            | URI exact www.example.com;DNS exact x.y              | false
            email:a@example.com                            | EMAIL exact a@example.com                            | true
            email:a@example.com                            | EMAIL suffix @example.org                            | false
            ip:10.0.0.7                                    | IP exact 10.0.0.7                                    | true
            ip:10.0.0.7                                    | IP exact 10.0.0.8                                    | false
            ip:fd00::7                                     | IP exact fd00::7                                     | true
            dns:10.0.0.7                                   | IP exact 10.0.0.7                                    | false
            1.3.6.1.4.1.311.20.2.3:a@corp                  | OTHER exact 1.3.6.1.4.1.311.20.2.3 a@corp            | true
            1.3.6.1.4.1.311.20.2.3:a@corp                  | OTHER exact 1.3.6.1.4.1.311.20.2.4 a@corp            | false
            1.3.6.1.4.1.311.20.2.3:a@corp                  | OTHER regex 1.3.6.1.4.1.311.20.2.3 [a-z]@corp        | true
            """)
    void namesMatchByKind(String names, String matchers, boolean accepted) {
        TlsValidation validation = new TlsValidation(
                "ROOTCA",
                Arrays.stream(matchers.split(";")).map(PeerTrustTest::name).toList(),
                Set.of(),
                Set.of());
        PeerTrust trust = trust(validation, true);
        X509Certificate[] chain = chain(AUTHORITY.issue(names.split(",")));
        if (accepted) {
            assertThatCode(() -> trust.checkClientTrusted(chain, "")).doesNotThrowAnyException();
        } else {
            assertThatThrownBy(() -> trust.checkClientTrusted(chain, ""))
                    .isInstanceOf(CertificateException.class)
                    .hasMessageContaining("expected");
        }
    }

    @Test
    void aForeignAuthoritysCertificateIsRefusedWhateverItsNames() {
        PeerTrust trust = trust(new TlsValidation("ROOTCA", List.of(name("DNS exact a.b")), Set.of(), Set.of()), true);
        assertThatThrownBy(() -> trust.checkClientTrusted(chain(new TestAuthority("other").issue("dns:a.b")), ""))
                .hasMessageContaining("root");
    }

    @Test
    void aCertificateMayBePinned() throws Exception {
        Issued issued = AUTHORITY.issue(SHOP);
        MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
        String certificate =
                HexFormat.of().formatHex(sha256.digest(issued.certificate().getEncoded()));
        String key = Base64.getEncoder()
                .encodeToString(
                        sha256.digest(issued.certificate().getPublicKey().getEncoded()));
        String other = "00".repeat(32);
        for (TlsValidation accepting : List.of(
                new TlsValidation("ROOTCA", List.of(), Set.of(certificate, other), Set.of()),
                new TlsValidation("ROOTCA", List.of(), Set.of(), Set.of(key)),
                new TlsValidation("ROOTCA", List.of(), Set.of(other), Set.of(key)),
                new TlsValidation(null, List.of(), Set.of(certificate), Set.of()))) {
            assertThatCode(() -> trust(accepting, true).checkClientTrusted(chain(issued), ""))
                    .doesNotThrowAnyException();
        }
        for (TlsValidation refusing : List.of(
                new TlsValidation("ROOTCA", List.of(), Set.of(other), Set.of()),
                new TlsValidation(null, List.of(), Set.of(), Set.of("AAAA")))) {
            assertThatThrownBy(() -> trust(refusing, true).checkClientTrusted(chain(issued), ""))
                    .hasMessageContaining(certificate)
                    .hasMessageContaining(key);
        }
        // The chain counts as well as the pin.
        Issued foreign = new TestAuthority("other").issue(SHOP);
        String foreignHash =
                HexFormat.of().formatHex(sha256.digest(foreign.certificate().getEncoded()));
        TlsValidation both = new TlsValidation("ROOTCA", List.of(), Set.of(foreignHash), Set.of());
        assertThatThrownBy(() -> trust(both, true).checkClientTrusted(chain(foreign), ""))
                .hasMessageContaining("root");
    }

    @Test
    void aResumedSessionsPeerIsVerifiedAsOfNow() throws Exception {
        Issued issued = AUTHORITY.issue(Duration.ofHours(-1), Duration.ofMinutes(5), List.of(SHOP));
        PeerTrust trust = trust(new TlsValidation("ROOTCA", List.of()), true);
        trust.checkClientTrusted(chain(issued), "");
        trust.resumeClientTrusted(chain(issued), null);
        now.set(Instant.now().plus(Duration.ofMinutes(6)));
        assertThatThrownBy(() -> trust.resumeClientTrusted(chain(issued), null)).hasMessageContaining("expired at");
        assertThatThrownBy(() -> trust.resumeClientTrusted(null, null)).hasMessageContaining("no peer");
        assertThatCode(() ->
                        trust(new TlsValidation("ROOTCA", List.of()), false).resumeClientTrusted(null, null))
                .doesNotThrowAnyException();
    }

    @Test
    void sessionsAreBoundToAllThatMakesAnIdentity() {
        var own = AUTHORITY.svid("a").material();
        var config = new lateen.decision.config.DownstreamTls(
                "default",
                new TlsValidation("ROOTCA", List.of()),
                true,
                List.of(),
                lateen.decision.config.TlsVersion.TLS_1_2,
                lateen.decision.config.TlsVersion.TLS_1_3);
        var narrower = new lateen.decision.config.DownstreamTls(
                "default",
                new TlsValidation("ROOTCA", List.of(new StringMatcher.Exact("spiffe://a", false))),
                true,
                List.of(),
                lateen.decision.config.TlsVersion.TLS_1_2,
                lateen.decision.config.TlsVersion.TLS_1_3);
        byte[] one = SessionBinding.identity(config, List.of("h2"), own, AUTHORITY.bundle());
        assertThat(SessionBinding.identity(config, List.of("h2"), own, AUTHORITY.bundle()))
                .isEqualTo(one);
        assertThat(SessionBinding.identity(
                        config, List.of("h2"), AUTHORITY.svid("a").material(), AUTHORITY.bundle()))
                .isNotEqualTo(one);
        assertThat(SessionBinding.identity(config, List.of("h2"), own, new TestAuthority("root").bundle()))
                .isNotEqualTo(one);
        assertThat(SessionBinding.identity(config, List.of("h2"), own, null)).isNotEqualTo(one);
        assertThat(SessionBinding.identity(config, List.of(), own, AUTHORITY.bundle()))
                .isNotEqualTo(one);
        assertThat(SessionBinding.identity(narrower, List.of("h2"), own, AUTHORITY.bundle()))
                .isNotEqualTo(one);
    }
}
