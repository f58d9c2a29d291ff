package lateen.decision.config;

import java.util.Arrays;
import java.util.List;

/**
 * What a handshake may use. Envoy: {@code TlsParameters}.
 *
 * @param minimum version
 * @param maximum version
 * @param cipherSuites of TLS 1.2 by their IANA names, best first, such as {@code TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256};
 *     TLS 1.3 has its own, all of which are used; empty: the library's
 * @param groups for key exchange by their IANA names, best first, such as {@code x25519}; empty: the library's
 */
public record TlsAlgorithms(TlsVersion minimum, TlsVersion maximum, List<String> cipherSuites, List<String> groups) {

    public TlsAlgorithms {
        cipherSuites = List.copyOf(cipherSuites);
        groups = List.copyOf(groups);
    }

    public TlsAlgorithms(TlsVersion minimum, TlsVersion maximum) {
        this(minimum, maximum, List.of(), List.of());
    }

    /** The versions from minimum to maximum, as TLS libraries for Java name them. */
    public List<String> versions() {
        return Arrays.stream(TlsVersion.values())
                .filter(each -> each.compareTo(minimum) >= 0 && each.compareTo(maximum) <= 0)
                .map(TlsVersion::text)
                .toList();
    }
}
