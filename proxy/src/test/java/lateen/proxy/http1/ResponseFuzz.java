package lateen.proxy.http1;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;

/** Jazzer: answers of HTTP/1, heads and bodies. */
public final class ResponseFuzz {
    private ResponseFuzz() {}

    public static void fuzzerTestOneInput(byte[] input) {
        new MessageFuzz(false).run(input);
    }

    public static List<byte[]> seeds() {
        return Stream.of(
                        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhelloHTTP/1.1 204 No\r\n\r\n",
                        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
                        "HTTP/1.0 404 Not here\r\nA: b\r\n\r\nrest",
                        "HTTP/1.1 101 Up\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nbytes")
                .map(each -> (char) 7 + each)
                .map(each -> each.getBytes(StandardCharsets.ISO_8859_1))
                .toList();
    }
}
