package lateen.proxy.http2;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/** Takes frames from the {@link FrameReader}, whose form is right. After {@link #fail} it gets no more. */
interface FrameSink {

    /**
     * A DATA frame begins.
     *
     * @param length of the payload with its padding, which flow control counts
     * @return the stream that takes it; null: its bytes are to be dropped
     */
    @Nullable
    Http2Stream beginData(int streamId, int length, int flags);

    /**
     * The size of that frame's body is known. Its bytes follow by {@link #data}, in one or more parts.
     *
     * @param last whether the stream ends with it
     * @return the stream that still takes it
     */
    @Nullable
    Http2Stream body(Http2Stream stream, int length, boolean last);

    /**
     * A part of the DATA frame that was begun.
     *
     * @param bytes where the part is, from its reader index on; it is taken from there
     * @param last whether the stream ends with it
     */
    void data(Http2Stream stream, int streamId, ByteBuf bytes, int length, boolean last);

    /** Bytes of a DATA frame that nobody gets: padding, or those of a stream that is over. */
    void dropped(@Nullable Http2Stream stream, int streamId, int length);

    /**
     * A whole header block.
     *
     * @param dependency the stream that it depends on; -1: not said
     */
    void headers(int streamId, byte[] block, int start, int end, boolean last, int dependency);

    void priority(int streamId, int dependency);

    void rstStream(int streamId, long code);

    /** @param length a multiple of 6 */
    void settings(byte[] payload, int length);

    void settingsAck();

    void ping(long payload, boolean ack);

    void goaway(int lastStreamId, long code);

    void windowUpdate(int streamId, int increment);

    /** A frame of a type that we do not know, which is ignored. RFC 9113 section 5.5. */
    void unknown();

    /** The connection cannot go on. */
    void fail(Complaint complaint);
}
