package lateen.proxy.http2;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Takes bytes apart into frames, however they are split, and checks what each frame's head alone shows: sizes, stream
 * identifiers, padding, the order of CONTINUATION. DATA goes on as it comes, without waiting for the rest of its frame;
 * everything else is gathered. RFC 9113 sections 4 and 6.
 */
final class FrameReader {

    private static final byte[] PREFACE = {
        'P', 'R', 'I', ' ', '*', ' ', 'H', 'T', 'T', 'P', '/', '2', '.', '0', '\r', '\n', '\r', '\n', 'S', 'M', '\r',
        '\n', '\r', '\n'
    };
    /** A block of full frames needs a handful; floods of empty ones are CVE-2024-27316 and its like. */
    private static final int MAX_CONTINUATIONS = 64;

    private static final int LEAST_BLOCK = 32 * 1024;
    private static final int KEPT_BYTES = 4096;

    private enum State {
        PREFACE,
        HEAD,
        GATHER,
        PAD_LENGTH,
        DATA,
        SKIP
    }

    private final FrameSink sink;
    private final int maxBlock;

    private State state;
    private boolean stopped;
    private boolean settled;
    private int prefaceSeen;

    private final byte[] head = new byte[FrameType.HEADER_LENGTH];
    private int headLength;

    private int type;
    private int flags;
    private int streamId;
    /** Bytes of the payload, without padding, that are still to come. */
    private int left;
    /** Padding at the end of a DATA frame. */
    private int padding;

    private @Nullable Http2Stream target;

    /** Payload of the frame, or header block so far. */
    private byte[] block = new byte[256];

    private int blockStart;
    private int blockEnd;
    /** Where the payload of the present frame begins. */
    private int payload;
    /** The stream whose header block goes on; 0: none does. */
    private int continued;

    private int continuations;
    private boolean lastOfStream;
    private int dependency;

    /**
     * @param expectPreface whether the peer is a client
     * @param maxHeadBytes the limit of a decoded head; a block may be twice as long, and must hold two frames
     */
    FrameReader(FrameSink sink, boolean expectPreface, int maxHeadBytes) {
        this.sink = sink;
        this.maxBlock = Math.max(LEAST_BLOCK, 2 * maxHeadBytes);
        this.state = expectPreface ? State.PREFACE : State.HEAD;
    }

    /** Nothing more is read: what is fed is taken and dropped. */
    void stop() {
        stopped = true;
    }

    /** Takes all the bytes, which stay the caller's; DATA is retained by who takes it. */
    void feed(ByteBuf in) {
        while (!stopped && in.isReadable()) {
            switch (state) {
                case PREFACE -> readPreface(in);
                case HEAD -> readHead(in);
                case GATHER -> gather(in);
                case PAD_LENGTH -> readPadLength(in);
                case DATA -> readData(in);
                case SKIP -> skip(in);
            }
        }
    }

    private void fail(Complaint complaint) {
        stopped = true;
        sink.fail(complaint);
    }

    private void readPreface(ByteBuf in) {
        while (in.isReadable() && prefaceSeen < PREFACE.length) {
            if (in.readByte() != PREFACE[prefaceSeen++]) {
                fail(Complaint.BAD_PREFACE);
                return;
            }
        }
        if (prefaceSeen == PREFACE.length) {
            state = State.HEAD;
        }
    }

    private void readHead(ByteBuf in) {
        if (headLength == 0 && in.readableBytes() >= FrameType.HEADER_LENGTH) {
            long first = in.readLong();
            begin(first, in.readByte());
            return;
        }
        int n = Math.min(FrameType.HEADER_LENGTH - headLength, in.readableBytes());
        in.readBytes(head, headLength, n);
        headLength += n;
        if (headLength == FrameType.HEADER_LENGTH) {
            headLength = 0;
            long first = 0;
            for (int i = 0; i < 8; i++) {
                first = (first << 8) | (head[i] & 0xFF);
            }
            begin(first, head[8]);
        }
    }

    private void begin(long first, byte last) {
        int length = (int) (first >>> 40);
        type = (int) (first >>> 32) & 0xFF;
        flags = (int) (first >>> 24) & 0xFF;
        streamId = (((int) first << 8) | (last & 0xFF)) & 0x7FFFFFFF;
        Complaint wrong = FrameForm.check(type, flags, length, streamId);
        if (!settled) {
            settled = true;
            if (type != FrameType.SETTINGS || (flags & FrameType.ACK) != 0) {
                wrong = Complaint.SETTINGS_FIRST;
            }
        }
        if (continued != 0 && (type != FrameType.CONTINUATION || streamId != continued)) {
            wrong = Complaint.EXPECTED_CONTINUATION;
        } else if (continued == 0 && type == FrameType.CONTINUATION) {
            wrong = Complaint.UNEXPECTED_CONTINUATION;
        }
        if (wrong != Complaint.NONE) {
            fail(wrong);
            return;
        }
        left = length;
        if (type == FrameType.DATA) {
            beginData(length);
        } else if (type > FrameType.CONTINUATION) {
            sink.unknown();
            state = State.SKIP;
            endIfNothingLeft();
        } else {
            beginGather(length);
        }
    }

    private void beginData(int length) {
        padding = 0;
        target = sink.beginData(streamId, length, flags);
        if ((flags & FrameType.PADDED) != 0) {
            state = State.PAD_LENGTH;
            return;
        }
        beginBody();
    }

    private void beginBody() {
        state = State.DATA;
        if (target != null) {
            target = sink.body(target, left, (flags & FrameType.END_STREAM) != 0);
        }
        if (left == 0) {
            // An end without bytes must be heard of.
            endData();
        }
    }

    private void readPadLength(ByteBuf in) {
        padding = in.readUnsignedByte();
        left -= 1 + padding;
        if (left < 0) {
            fail(Complaint.BAD_PADDING);
            return;
        }
        sink.dropped(target, streamId, 1 + padding);
        beginBody();
    }

    private void endData() {
        if (target != null) {
            sink.data(target, streamId, Unpooled.EMPTY_BUFFER, 0, (flags & FrameType.END_STREAM) != 0);
        }
        skipPadding();
    }

    private void readData(ByteBuf in) {
        int n = Math.min(left, in.readableBytes());
        left -= n;
        boolean last = left == 0 && (flags & FrameType.END_STREAM) != 0;
        if (target == null) {
            in.skipBytes(n);
            sink.dropped(null, streamId, n);
        } else {
            sink.data(target, streamId, in, n, last);
        }
        if (left == 0) {
            skipPadding();
        }
    }

    private void skipPadding() {
        target = null;
        left = padding;
        state = State.SKIP;
        endIfNothingLeft();
    }

    private void skip(ByteBuf in) {
        int n = Math.min(left, in.readableBytes());
        in.skipBytes(n);
        left -= n;
        endIfNothingLeft();
    }

    private void endIfNothingLeft() {
        if (left == 0) {
            state = State.HEAD;
        }
    }

    private void beginGather(int length) {
        if (type == FrameType.CONTINUATION && ++continuations > MAX_CONTINUATIONS) {
            fail(Complaint.CONTINUATION_FLOOD);
            return;
        }
        payload = blockEnd;
        int need = blockEnd + length;
        if (need > maxBlock) {
            fail(Complaint.HEADERS_FLOOD);
            return;
        }
        if (block.length < need) {
            block = Arrays.copyOf(block, Math.max(need, 2 * block.length));
        }
        state = State.GATHER;
        if (length == 0) {
            endGather();
        }
    }

    private void gather(ByteBuf in) {
        int n = Math.min(left, in.readableBytes());
        in.readBytes(block, payload, n);
        payload += n;
        left -= n;
        if (left == 0) {
            endGather();
        }
    }

    private void endGather() {
        state = State.HEAD;
        int start = blockEnd;
        int end = payload;
        switch (type) {
            case FrameType.HEADERS -> {
                if (!headersPayload(end)) {
                    return;
                }
            }
            case FrameType.CONTINUATION -> blockEnd = end;
            default -> {
                FrameForm.dispatch(type, flags, streamId, block, start, end, sink);
                return;
            }
        }
        if ((flags & FrameType.END_HEADERS) == 0) {
            continued = streamId;
            return;
        }
        int to = blockEnd;
        continued = 0;
        continuations = 0;
        blockEnd = 0;
        sink.headers(streamId, block, blockStart, to, lastOfStream, dependency);
        if (block.length > KEPT_BYTES) {
            block = new byte[KEPT_BYTES];
        }
    }

    /** Bytes of heap that a header block takes which is not whole yet. */
    int held() {
        return block.length;
    }

    /** Leaves padding and priority out of the block. */
    private boolean headersPayload(int payloadEnd) {
        int start = 0;
        int end = payloadEnd;
        if ((flags & FrameType.PADDED) != 0) {
            end -= block[start++] & 0xFF;
        }
        dependency = -1;
        if ((flags & FrameType.WITH_PRIORITY) != 0) {
            dependency = FrameForm.integer(block, start) & 0x7FFFFFFF;
            start += 5;
        }
        if (start > end) {
            fail(Complaint.BAD_PADDING);
            return false;
        }
        blockStart = start;
        blockEnd = end;
        lastOfStream = (flags & FrameType.END_STREAM) != 0;
        return true;
    }
}
