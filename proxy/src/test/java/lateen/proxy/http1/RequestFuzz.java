package lateen.proxy.http1;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;

/** Jazzer: requests of HTTP/1, heads and bodies. */
public final class RequestFuzz {
    private RequestFuzz() {}

    public static void fuzzerTestOneInput(byte[] input) {
        new MessageFuzz(true).run(input);
    }

    public static List<byte[]> seeds() {
        return Stream.of(
                        "GET /a?b HTTP/1.1\r\nHost: a:80\r\nConnection: close, x\r\nX: y\r\n\r\nGET / HTTP/1.0\r\n\r\n",
                        "POST http://b/x HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhelloGET / HTTP/1.1\r\nHost: a\r\n\r\n",
                        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5;a=b\r\nhello\r\n0\r\nT: u\r\n\r\n",
                        "CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n",
                        "OPTIONS * HTTP/1.1\r\nHost: [::1]\r\nExpect: 100-continue\r\n\r\n")
                .map(each -> (char) 7 + each)
                .map(each -> each.getBytes(StandardCharsets.ISO_8859_1))
                .toList();
    }
}
