package lateen.proxy.http2;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import lateen.decision.request.HeaderName;
import lateen.proxy.http1.HeadBuilder;
import lateen.proxy.http1.HeadLimits;
import lateen.proxy.http1.KnownHeader;
import lateen.proxy.http1.RequestHead;
import lateen.proxy.http1.Scheme;
import org.junit.jupiter.api.Test;

/** A head that is decoded, edited and encoded for the other side allocates nothing. */
class HpackAllocationTest {

    private final HpackEncoder client = new HpackEncoder(4096);
    private final HpackDecoder decoder = new HpackDecoder(4096);
    private final HpackEncoder encoder = new HpackEncoder(4096);
    private final HeadBuilder builder = new HeadBuilder();
    private final RequestHead sent = new RequestHead();
    private final RequestHead head = new RequestHead();
    private long number;

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private int request() {
        sent.setNumber(KnownHeader.CONTENT_LENGTH, number++ % 100);
        int length = client.encode(sent, Scheme.HTTP);
        builder.begin(head, HeadLimits.DEFAULT, false);
        if (decoder.decode(client.block(), 0, length, builder) != HpackDecoder.Result.OK
                || builder.finish(false) != null) {
            throw new AssertionError("not decoded");
        }
        head.removeHopByHop(false);
        head.setNumber(KnownHeader.X_ENVOY_UPSTREAM_SERVICE_TIME, 12);
        return encoder.encode(head, Scheme.HTTPS);
    }

    private void start() {
        sent.start(ascii("POST"), ascii("/pkg.Service/Method"), ascii("service.shop:8080"));
        sent.set(KnownHeader.CONTENT_TYPE, ascii("application/grpc"));
        sent.set(KnownHeader.USER_AGENT, ascii("grpc-java-netty/1.80"));
        sent.set(KnownHeader.X_REQUEST_ID, ascii("6a1d2b1e-12f4-4e6b-9d5e-1d2f3a4b5c6d"));
        sent.set(HeaderName.of("te"), ascii("trailers"));
        sent.set(HeaderName.of("cookie"), ascii("a=b"));
    }

    @Test
    void aRequestAllocatesNothing() {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long id = Thread.currentThread().threadId();
        long bytes = 0;
        int rounds = 0;
        for (int i = 0; i < 40_000; i++) {
            // Anew at times: each edit lengthens the array of a head.
            if (i % 100 == 0) {
                start();
            }
            long before = threads.getThreadAllocatedBytes(id);
            request();
            if (i > 20_000 && i % 100 != 0) {
                bytes += threads.getThreadAllocatedBytes(id) - before;
                rounds++;
            }
        }
        assertThat(bytes / rounds).isLessThanOrEqualTo(32);
    }
}
