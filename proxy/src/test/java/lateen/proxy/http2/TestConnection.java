package lateen.proxy.http2;

import io.netty.channel.Channel;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import lateen.decision.config.Http2Options;
import lateen.proxy.http1.HeadLimits;
import lateen.proxy.http1.MalformedHead;
import org.jspecify.annotations.Nullable;

/** Owns a connection of the test server. */
final class TestConnection implements SessionEvents {

    final Http2Session session;
    final List<String> complaints = new CopyOnWriteArrayList<>();
    volatile @Nullable Complaint ended;
    volatile long endedCode;

    TestConnection(Http2Options options, Channel channel, boolean secure) {
        session = new Http2Session(false, secure, options, HeadLimits.DEFAULT, channel, this);
    }

    @Override
    public StreamEvents opened(Http2Stream stream) {
        return new TestExchange(stream);
    }

    @Override
    public void capacity() {}

    @Override
    public void goaway(int lastStreamId, long code) {}

    @Override
    public void ended(long code, Complaint complaint) {
        endedCode = code;
        ended = complaint;
    }

    @Override
    public void complained(int streamId, Complaint complaint, @Nullable MalformedHead detail) {
        complaints.add(complaint + (detail == null ? "" : "/" + detail));
    }
}
