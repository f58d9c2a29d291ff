package lateen.decision.net;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class IpAddressTest {

    @Test
    void noPrefixHoldsTheEndOfAUnixSocket() {
        assertThat(Cidr.parse("0.0.0.0/0").contains(IpAddress.NONE)).isFalse();
        assertThat(Cidr.parse("::/0").contains(IpAddress.NONE)).isFalse();
        assertThat(SocketAddr.unix("/run/a")).hasToString("/run/a");
        assertThat(SocketAddr.unix("").isUnix()).isTrue();
    }

    /** RFC 5952, section 4. */
    @ParameterizedTest
    @CsvSource({
        "10.1.2.3, 10.1.2.3",
        "fd00:0:0:0:0:0:0:1, fd00::1",
        "0:0:0:0:0:0:0:0, ::",
        "0:0:0:0:0:0:0:1, ::1",
        "1:0:0:0:0:0:0:0, 1::",
        "2001:db8:0:1:1:1:1:1, 2001:db8:0:1:1:1:1:1",
        "2001:0:0:1:0:0:0:1, 2001:0:0:1::1",
        "2001:db8:0:0:1:0:0:1, 2001:db8::1:0:0:1",
        "FFFF:0A:0:0:0:0:0:0, ffff:a::"
    })
    void the_canonical_text_shortens_the_longest_run_of_zeros(String given, String canonical) {
        assertThat(IpAddress.parse(given).canonical()).isEqualTo(canonical);
        assertThat(IpAddress.parse(canonical)).isEqualTo(IpAddress.parse(given));
    }
}
