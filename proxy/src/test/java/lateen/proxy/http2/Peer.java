package lateen.proxy.http2;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import lateen.decision.config.Http2Options;
import lateen.proxy.http1.HeadLimits;
import lateen.proxy.http1.MalformedHead;
import org.jspecify.annotations.Nullable;

/** A session on a channel without a network, and the peer that writes its frames by hand. */
final class Peer implements SessionEvents, AutoCloseable {

    final EmbeddedChannel channel = new EmbeddedChannel();
    final Http2Session session;
    /** What the owner of the connection heard. */
    final List<String> events = new ArrayList<>();
    /** What owners of streams were given, in the order of streams. */
    final List<Recorder> streams = new ArrayList<>();

    final List<Http2Stream> opened = new ArrayList<>();
    private final Function<Http2Stream, StreamEvents> owners;
    private final DefaultHttp2HeadersDecoder hpack = new DefaultHttp2HeadersDecoder();
    private final CompositeByteBuf unread = Unpooled.compositeBuffer(4096);

    private Peer(
            boolean client,
            Http2Options options,
            HeadLimits limits,
            @Nullable Function<Http2Stream, StreamEvents> owners) {
        this.owners = owners != null ? owners : this::record;
        session = new Http2Session(client, false, options, limits, channel, this);
        channel.pipeline().addLast(new Http2Handler(session));
        session.start();
    }

    private StreamEvents record(Http2Stream stream) {
        Recorder recorder = new Recorder();
        streams.add(recorder);
        return recorder;
    }

    /** A server whose streams are recorded, past the exchange of settings. */
    static Peer server(Http2Options options) {
        return new Peer(false, options, HeadLimits.DEFAULT, null).greet(Frames.preface());
    }

    static Peer serverOf(Http2Options options, Function<Http2Stream, StreamEvents> owners) {
        return serverOf(options, HeadLimits.DEFAULT, owners);
    }

    static Peer serverOf(Http2Options options, HeadLimits limits, Function<Http2Stream, StreamEvents> owners) {
        return new Peer(false, options, limits, owners).greet(Frames.preface());
    }

    /** A server that has not heard anything yet. */
    static Peer silent(Http2Options options) {
        return new Peer(false, options, HeadLimits.DEFAULT, null);
    }

    static Peer silentOf(
            Http2Options options, HeadLimits limits, @Nullable Function<Http2Stream, StreamEvents> owners) {
        return new Peer(false, options, limits, owners);
    }

    static Peer client(Http2Options options) {
        Peer peer = new Peer(true, options, HeadLimits.DEFAULT, null);
        peer.sent();
        return peer;
    }

    private Peer greet(ByteBuf preface) {
        send(preface, Frames.settings());
        sent();
        return this;
    }

    /** The peer's bytes, as one read. */
    void send(ByteBuf... frames) {
        channel.writeInbound(Unpooled.wrappedBuffer(frames));
    }

    /** What the session has sent since the last call. */
    List<String> sent() {
        session.flush();
        ByteBuf bytes;
        while ((bytes = channel.readOutbound()) != null) {
            unread.addComponent(true, bytes);
        }
        if (session.client && unread.isReadable() && unread.getByte(unread.readerIndex()) == 'P') {
            unread.skipBytes(24);
        }
        List<String> frames = Frames.read(unread, hpack);
        unread.discardReadComponents();
        return frames;
    }

    Recorder stream(int index) {
        return streams.get(index);
    }

    @Override
    public StreamEvents opened(Http2Stream stream) {
        opened.add(stream);
        return owners.apply(stream);
    }

    @Override
    public void capacity() {
        events.add("capacity");
    }

    @Override
    public void goaway(int lastStreamId, long code) {
        events.add("goaway " + lastStreamId + " " + code);
    }

    @Override
    public void ended(long code, Complaint complaint) {
        events.add("ended " + code + " " + complaint);
    }

    @Override
    public void complained(int streamId, Complaint complaint, @Nullable MalformedHead detail) {
        events.add("complained " + streamId + " " + complaint + (detail == null ? "" : " " + detail));
    }

    @Override
    public void close() {
        if (unread.refCnt() > 0) {
            channel.finishAndReleaseAll();
            unread.release();
        }
    }
}
