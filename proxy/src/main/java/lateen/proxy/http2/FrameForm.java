package lateen.proxy.http2;

/** What a frame's type asks of its length and stream, and how its payload is laid out. RFC 9113 section 6. */
final class FrameForm {

    private FrameForm() {}

    /** {@link Complaint#NONE}: it can be read on. */
    static Complaint check(int type, int flags, int length, int streamId) {
        if (length > FrameType.DEFAULT_MAX_FRAME_SIZE) {
            return Complaint.FRAME_TOO_LARGE;
        }
        boolean ofStream = switch (type) {
            case FrameType.DATA,
                    FrameType.HEADERS,
                    FrameType.PRIORITY,
                    FrameType.RST_STREAM,
                    FrameType.PUSH_PROMISE,
                    FrameType.CONTINUATION -> true;
            default -> false;
        };
        boolean ofConnection = type == FrameType.SETTINGS || type == FrameType.PING || type == FrameType.GOAWAY;
        if ((ofStream && streamId == 0) || (ofConnection && streamId != 0)) {
            return Complaint.FRAME_STREAM;
        }
        boolean padded = (flags & FrameType.PADDED) != 0;
        boolean fits = switch (type) {
            case FrameType.DATA -> !padded || length > 0;
            case FrameType.HEADERS -> length >= (padded ? 1 : 0) + ((flags & FrameType.WITH_PRIORITY) != 0 ? 5 : 0);
            // RFC 9113 section 6.3 makes this a stream error, which nobody can be sent for an idle stream.
            case FrameType.PRIORITY -> length == 5;
            case FrameType.RST_STREAM, FrameType.WINDOW_UPDATE -> length == 4;
            case FrameType.SETTINGS -> (flags & FrameType.ACK) != 0 ? length == 0 : length % 6 == 0;
            case FrameType.PING -> length == 8;
            case FrameType.GOAWAY -> length >= 8;
            default -> true;
        };
        if (!fits) {
            return Complaint.FRAME_LENGTH;
        }
        return type == FrameType.PUSH_PROMISE ? Complaint.PUSH_PROMISE : Complaint.NONE;
    }

    static int integer(byte[] a, int at) {
        return (a[at] << 24) | ((a[at + 1] & 0xFF) << 16) | ((a[at + 2] & 0xFF) << 8) | (a[at + 3] & 0xFF);
    }

    /** Hands on a frame that was gathered and is not part of a header block. */
    static void dispatch(int type, int flags, int streamId, byte[] block, int start, int end, FrameSink sink) {
        boolean ack = (flags & FrameType.ACK) != 0;
        switch (type) {
            case FrameType.PRIORITY -> sink.priority(streamId, integer(block, start) & 0x7FFFFFFF);
            case FrameType.RST_STREAM -> sink.rstStream(streamId, integer(block, start) & 0xFFFFFFFFL);
            case FrameType.SETTINGS -> {
                if (ack) {
                    sink.settingsAck();
                } else {
                    sink.settings(block, end - start);
                }
            }
            case FrameType.PING ->
                sink.ping(((long) integer(block, start) << 32) | (integer(block, start + 4) & 0xFFFFFFFFL), ack);
            case FrameType.GOAWAY ->
                sink.goaway(integer(block, start) & 0x7FFFFFFF, integer(block, start + 4) & 0xFFFFFFFFL);
            case FrameType.WINDOW_UPDATE -> sink.windowUpdate(streamId, integer(block, start) & 0x7FFFFFFF);
            default -> throw new IllegalStateException("frame type " + type);
        }
    }
}
