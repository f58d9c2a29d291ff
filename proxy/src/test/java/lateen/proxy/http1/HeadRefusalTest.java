package lateen.proxy.http1;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HeadRefusalTest {

    private static final String[] GOOD = {
        "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /a?b=c HTTP/1.1\r\nHost: a:80\r\nA:b\r\nA: \t c \t\r\nEmpty:\r\n\r\n",
        "\r\nPOST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n",
        "GET http://u.example/x HTTP/1.1\r\nHost: a\r\n\r\n",
        "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n",
        "CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n",
        "GET / HTTP/1.0\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: [::1]:80\r\nTransfer-Encoding: Chunked\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nX: \u00e9\r\n\r\n",
    };

    @ParameterizedTest(name = "{1} for {0}")
    @CsvSource(quoteCharacter = '"', delimiter = '|', ignoreLeadingAndTrailingWhitespace = true, textBlock = """
            "(GET / HTTP/1.1~~"                                        | BAD_METHOD
            "GET(/ HTTP/1.1~Host: a~~"                                 | BAD_METHOD
            " GET / HTTP/1.1~Host: a~~"                                | BAD_METHOD
            "GET~Host: a~~"                                            | BAD_REQUEST_LINE
            "GET /~Host: a~~"                                          | BAD_REQUEST_LINE
            "GET  / HTTP/1.1~Host: a~~"                                | BAD_REQUEST_LINE
            "GET /  HTTP/1.1~Host: a~~"                                | BAD_VERSION
            "GET / HTTP/1.1 ~Host: a~~"                                | BAD_VERSION
            "GET /a b HTTP/1.1~Host: a~~"                              | BAD_VERSION
            "GET /a^09b HTTP/1.1~Host: a~~"                            | BAD_TARGET
            "GET /^E9 HTTP/1.1~Host: a~~"                              | BAD_TARGET
            "GET /^00 HTTP/1.1~Host: a~~"                              | BAD_TARGET
            "GET /#x HTTP/1.1~Host: a~~"                               | BAD_TARGET
            "GET a HTTP/1.1~Host: a~~"                                 | BAD_TARGET
            "GET * HTTP/1.1~Host: a~~"                                 | BAD_TARGET
            "GET ftp://a/ HTTP/1.1~Host: a~~"                          | BAD_TARGET
            "GET http:///x HTTP/1.1~Host: a~~"                         | BAD_HOST
            "GET http://u@a/x HTTP/1.1~Host: a~~"                      | BAD_HOST
            "CONNECT a HTTP/1.1~Host: a~~"                             | BAD_TARGET
            "CONNECT /x HTTP/1.1~Host: a~~"                            | BAD_TARGET
            "CONNECT a:1 HTTP/1.1~Host: a~Content-Length: 1~~"         | BODY_NOT_ALLOWED
            "GET / http/1.1~Host: a~~"                                 | BAD_VERSION
            "GET / HTTP/11~Host: a~~"                                  | BAD_VERSION
            "GET / HTTP/2.0~Host: a~~"                                 | UNSUPPORTED_VERSION
            "PRI * HTTP/2.0~~"                                         | UNSUPPORTED_VERSION
            "~~~GET / HTTP/1.1~Host: a~~"                              | BAD_REQUEST_LINE
            "GET / HTTP/1.1^0AHost: a~~"                               | BARE_CR_OR_LF
            "GET / HTTP/1.1~Host: a^0A^0A"                             | BARE_CR_OR_LF
            "GET / HTTP/1.1~Host: a~X: a^0Db~~"                        | BARE_CR_OR_LF
            "GET / HTTP/1.1~Host: a~X: a^0D~~"                         | BARE_CR_OR_LF
            "GET / HTTP/1.1~Host: a~X: a~ b~~"                         | OBSOLETE_FOLDING
            "GET / HTTP/1.1~ Host: a~~"                                | OBSOLETE_FOLDING
            "GET / HTTP/1.1~Host: a~X : b~~"                           | BAD_HEADER_NAME
            "GET / HTTP/1.1~Host: a~: b~~"                             | BAD_HEADER_NAME
            "GET / HTTP/1.1~Host: a~X~~"                               | BAD_HEADER_NAME
            "GET / HTTP/1.1~Host: a~X^00: b~~"                         | BAD_HEADER_NAME
            "GET / HTTP/1.1~Host: a~X^E9: b~~"                         | BAD_HEADER_NAME
            "GET / HTTP/1.1~Host: a~X: ^00~~"                          | BAD_HEADER_VALUE
            "GET / HTTP/1.1~Host: a~X: ^7F~~"                          | BAD_HEADER_VALUE
            "GET / HTTP/1.1~~"                                         | MISSING_HOST
            "GET http://a/ HTTP/1.1~~"                                 | MISSING_HOST
            "GET / HTTP/1.1~Host: a~Host: a~~"                         | REPEATED_HOST
            "GET / HTTP/1.1~Host: a b~~"                               | BAD_HOST
            "GET / HTTP/1.1~Host: a/b~~"                               | BAD_HOST
            "GET / HTTP/1.1~Host: u@b~~"                               | BAD_HOST
            "GET / HTTP/1.1~Host: a~Content-Length: ~~"                | BAD_CONTENT_LENGTH
            "GET / HTTP/1.1~Host: a~Content-Length: +1~~"              | BAD_CONTENT_LENGTH
            "GET / HTTP/1.1~Host: a~Content-Length: -1~~"              | BAD_CONTENT_LENGTH
            "GET / HTTP/1.1~Host: a~Content-Length: 0x1~~"             | BAD_CONTENT_LENGTH
            "GET / HTTP/1.1~Host: a~Content-Length: 1, 1~~"            | BAD_CONTENT_LENGTH
            "GET / HTTP/1.1~Host: a~Content-Length: 9223372036854775808~~" | BAD_CONTENT_LENGTH
            "GET / HTTP/1.1~Host: a~Content-Length: 1~Content-Length: 1~~" | BAD_CONTENT_LENGTH
            "GET / HTTP/1.1~Host: a~Content-Length: 1~content-length: 2~~" | BAD_CONTENT_LENGTH
            "GET / HTTP/1.1~Host: a~Content-Length: 1~Transfer-Encoding: chunked~~" | LENGTH_AND_CHUNKED
            "GET / HTTP/1.1~Host: a~Transfer-Encoding: chunked~Content-Length: 0~~" | LENGTH_AND_CHUNKED
            "GET / HTTP/1.1~Host: a~Transfer-Encoding: gzip, chunked~~" | BAD_TRANSFER_ENCODING
            "GET / HTTP/1.1~Host: a~Transfer-Encoding: chunked, gzip~~" | BAD_TRANSFER_ENCODING
            "GET / HTTP/1.1~Host: a~Transfer-Encoding: xchunked~~"     | BAD_TRANSFER_ENCODING
            "GET / HTTP/1.1~Host: a~Transfer-Encoding: identity~~"     | BAD_TRANSFER_ENCODING
            "GET / HTTP/1.1~Host: a~Transfer-Encoding: ^0Bchunked~~"   | BAD_HEADER_VALUE
            "GET / HTTP/1.1~Host: a~Transfer-Encoding: chunked~Transfer-Encoding: chunked~~" | BAD_TRANSFER_ENCODING
            "GET / HTTP/1.0~Transfer-Encoding: chunked~~"              | BODY_NOT_ALLOWED
            """)
    void aRequestThatTwoReadersCouldReadDifferentlyIsRefusedHoweverItIsSplit(String line, HeadError expected) {
        String text = unescape(line);
        assertThat(Wire.result(new RequestHead(), text)).isEqualTo(expected);
        for (int cut = 0; cut <= text.length(); cut++) {
            HeadParser parser = new HeadParser(new RequestHead(), HeadLimits.DEFAULT);
            assertThat(Wire.fed(parser, text, cut)).as("cut at %d", cut).isEqualTo(expected);
        }
        assertThat(expected.status()).isIn(400, 431, 501, 505);
    }

    @ParameterizedTest(name = "{1} for {0}")
    @CsvSource(quoteCharacter = '"', delimiter = '|', ignoreLeadingAndTrailingWhitespace = true, textBlock = """
            "XTTP/1.1 200 OK~~"                                   | BAD_STATUS_LINE
            "~HTTP/1.1 200 OK~~"                                  | BAD_STATUS_LINE
            "HTTP/1.1~~"                                          | BAD_STATUS_LINE
            "HTTP/1.1 20~~"                                       | BAD_STATUS_LINE
            "HTTP/1.1 2000~~"                                     | BAD_STATUS_LINE
            "HTTP/1.1 099 x~~"                                    | BAD_STATUS_LINE
            "HTTP/1.1 2x0 x~~"                                    | BAD_STATUS_LINE
            "HTTP/1.1 200 a^01~~"                                 | BAD_STATUS_LINE
            "HTTP/3.0 200 OK~~"                                   | UNSUPPORTED_VERSION
            "HTTP/1.1 200 OK~Content-Length: 1~Content-Length: 2~~" | BAD_CONTENT_LENGTH
            "HTTP/1.1 200 OK~Content-Length: 1~Transfer-Encoding: chunked~~" | LENGTH_AND_CHUNKED
            "HTTP/1.1 204 No~Transfer-Encoding: chunked~~"        | BODY_NOT_ALLOWED
            "HTTP/1.1 100 Go~Transfer-Encoding: chunked~~"        | BODY_NOT_ALLOWED
            """)
    void aBadResponseIsRefused(String line, HeadError expected) {
        assertThat(Wire.result(new ResponseHead(), unescape(line))).isEqualTo(expected);
    }

    @Test
    void aGoodHeadIsReadTheSameHoweverItIsSplitAndNothingAfterItIsTaken() {
        for (String text : GOOD) {
            String whole = Wire.encoded(Wire.request(text));
            RequestHead head = new RequestHead();
            HeadParser parser = new HeadParser(head, HeadLimits.DEFAULT);
            for (int cut = 0; cut < text.length(); cut++) {
                parser.reset();
                assertThat(parser.feed(Wire.bytes(text.substring(0, cut)))).isEqualTo(HeadProgress.NEED_MORE);
                ByteBuf rest = Wire.bytes(text.substring(cut) + "next");
                assertThat(parser.feed(rest)).isEqualTo(HeadProgress.COMPLETE);
                assertThat(Wire.text(rest)).isEqualTo("next");
                assertThat(Wire.encoded(head)).isEqualTo(whole);
            }
        }
    }

    @Test
    void aHeadIsRefusedAtTheFirstByteBeyondItsLimitHoweverItIsSplit() {
        String fits = "GET / HTTP/1.1\r\nHost: a\r\nX: " + "x".repeat(60) + "\r\n\r\n";
        HeadLimits limits = new HeadLimits(fits.length(), 10);
        String big = fits.replace("X: ", "X: y");
        for (int cut = 0; cut < fits.length(); cut++) {
            assertThat(Wire.fed(new HeadParser(new RequestHead(), limits), fits, cut))
                    .isEqualTo(HeadProgress.COMPLETE);
            assertThat(Wire.fed(new HeadParser(new RequestHead(), limits), big, cut))
                    .isEqualTo(HeadError.TOO_LARGE);
        }
    }

    @Test
    void moreHeadersThanTheLimitAreRefused() {
        HeadLimits limits = new HeadLimits(60_000, 3);
        String three = "GET / HTTP/1.1\r\nHost: a\r\nA: 1\r\nA: 2\r\n";
        assertThat(new HeadParser(new RequestHead(), limits).feed(Wire.bytes(three + "\r\n")))
                .isEqualTo(HeadProgress.COMPLETE);
        assertThat(new HeadParser(new RequestHead(), limits).feed(Wire.bytes(three + "A: 3\r\n\r\n")))
                .isEqualTo(HeadError.TOO_MANY_HEADERS);
    }

    @Test
    void bytesOfAnotherProtocolAreRefusedAtTheFirstOne() {
        HeadParser parser = new HeadParser(new RequestHead(), HeadLimits.DEFAULT);
        assertThat(parser.feed(Wire.bytes("\u0016\u0003\u0001\u0002"))).isEqualTo(HeadError.BAD_METHOD);
    }

    /** {@code ~} is CRLF, {@code ^XX} a byte. */
    private static String unescape(String line) {
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < line.length(); i++) {
            char c = line.charAt(i);
            if (c == '~') {
                out.append("\r\n");
            } else if (c == '^') {
                out.append((char) Integer.parseInt(line.substring(i + 1, i + 3), 16));
                i += 2;
            } else {
                out.append(c);
            }
        }
        return out.toString();
    }
}
