package lateen.proxy.http1;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import lateen.decision.request.ByteSlice;
import lateen.decision.request.HeaderName;
import org.junit.jupiter.api.Test;

class AllocationTest {

    static final String REQUEST = "GET /productpage?u=normal HTTP/1.1\r\nHost: productpage.shop:9080\r\n"
            + "User-Agent: Mozilla/5.0 (X11; Linux x86_64)\r\nAccept: text/html,application/json;q=0.9\r\n"
            + "Accept-Encoding: gzip, deflate\r\nX-Request-Id: 6a1d2b1e-12f4-4e6b-9d5e-1d2f3a4b5c6d\r\n"
            + "Cookie: session=0123456789abcdef\r\nConnection: keep-alive\r\n\r\n";

    private static final HeaderName PROTO = KnownHeader.X_FORWARDED_PROTO;
    private static final byte[] HTTP = {'h', 't', 't', 'p'};

    private final RequestHead head = new RequestHead();
    private final HeadParser parser = new HeadParser(head, HeadLimits.DEFAULT);
    private final ByteSlice slice = new ByteSlice();
    /** Without a leak detector, which would note each access of a buffer. */
    private final UnpooledByteBufAllocator buffers = new UnpooledByteBufAllocator(true, true);

    final ByteBuf in = buffers.directBuffer().writeBytes(REQUEST.getBytes(StandardCharsets.ISO_8859_1));
    private final ByteBuf out = buffers.directBuffer(2048);

    int request() {
        in.readerIndex(0);
        out.clear();
        parser.reset();
        if (parser.feed(in) != HeadProgress.COMPLETE || !head.keepAlive()) {
            throw new AssertionError("not complete");
        }
        int n = head.header(KnownHeader.X_REQUEST_ID, slice)
                + head.path().length()
                + head.authority().length();
        head.removeHopByHop(false);
        head.set(PROTO, HTTP);
        head.append(KnownHeader.X_FORWARDED_FOR, HTTP, 0, HTTP.length);
        head.setNumber(KnownHeader.X_ENVOY_UPSTREAM_SERVICE_TIME, 123);
        head.encode(out);
        return n + out.readableBytes();
    }

    @Test
    void aRequestAllocatesNothing() {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long id = Thread.currentThread().threadId();
        for (int i = 0; i < 20_000; i++) {
            request();
        }
        int rounds = 10_000;
        long before = threads.getThreadAllocatedBytes(id);
        for (int i = 0; i < rounds; i++) {
            request();
        }
        long perRequest = (threads.getThreadAllocatedBytes(id) - before) / rounds;
        assertThat(perRequest).isLessThanOrEqualTo(32);
    }
}
