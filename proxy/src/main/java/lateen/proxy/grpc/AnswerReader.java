package lateen.proxy.grpc;

import io.netty.buffer.ByteBuf;
import lateen.decision.request.ByteSlice;
import lateen.decision.request.HeaderName;
import lateen.proxy.http1.HeaderLines;
import lateen.proxy.http1.KnownHeader;
import lateen.proxy.http1.ResponseHead;
import org.jspecify.annotations.Nullable;

/**
 * The answer to a unary call: headers, one message of at most {@link UnaryCall#LARGEST_ANSWER} bytes, trailers. gRPC
 * over HTTP/2 as in its {@code PROTOCOL-HTTP2}. Each step says null, or what is wrong with it.
 */
final class AnswerReader {
    private static final int PREFIX = 5;
    private static final HeaderName MESSAGE = HeaderName.of("grpc-message");

    private byte[] bytes = new byte[0];
    private int used;
    private boolean headed;
    private boolean ended;

    void reset() {
        used = 0;
        headed = false;
        ended = false;
    }

    @Nullable
    CallFailure head(ResponseHead head) {
        if (headed) {
            return CallFailure.refused("headers after the message that are no trailers");
        }
        headed = true;
        if (head.status() != 200) {
            return CallFailure.refused("HTTP status " + head.status() + " (expected: 200)");
        }
        String type = text(head, KnownHeader.CONTENT_TYPE);
        if (!type.startsWith("application/grpc")) {
            return CallFailure.refused("content-type " + type + " (expected: application/grpc)");
        }
        // The answer may be no more than this.
        return head.has(KnownHeader.GRPC_STATUS) ? trailers(head) : null;
    }

    @Nullable
    CallFailure trailers(HeaderLines lines) {
        ended = true;
        if (!lines.has(KnownHeader.GRPC_STATUS)) {
            return CallFailure.refused("no grpc-status");
        }
        String status = text(lines, KnownHeader.GRPC_STATUS);
        return status.equals("0") ? null : CallFailure.refused("grpc-status " + status + ": " + text(lines, MESSAGE));
    }

    @Nullable
    CallFailure data(ByteBuf data) {
        int more = data.readableBytes();
        if (more > 0) {
            if (used + more > PREFIX + UnaryCall.LARGEST_ANSWER) {
                return CallFailure.refused("more than " + UnaryCall.LARGEST_ANSWER + " bytes");
            }
            room(used + more);
            data.getBytes(data.readerIndex(), bytes, used, more);
            used += more;
            if (used >= PREFIX && used > PREFIX + length()) {
                return CallFailure.refused("more bytes than its length says");
            }
        }
        return used > 0 && bytes[0] != 0 ? CallFailure.refused("a compressed message, which was not asked for") : null;
    }

    private void room(int wanted) {
        if (bytes.length < wanted) {
            bytes = java.util.Arrays.copyOf(bytes, Math.max(wanted, 2 * bytes.length));
        }
    }

    private long length() {
        return ((bytes[1] & 0xffL) << 24) | ((bytes[2] & 0xff) << 16) | ((bytes[3] & 0xff) << 8) | (bytes[4] & 0xff);
    }

    /** After the last of it: null, or what is missing. */
    @Nullable
    CallFailure complete() {
        if (!ended) {
            return CallFailure.refused("no grpc-status");
        }
        return used >= PREFIX && used == PREFIX + length() ? null : CallFailure.refused("no complete message");
    }

    byte[] array() {
        return bytes;
    }

    int start() {
        return PREFIX;
    }

    int size() {
        return used - PREFIX;
    }

    private static String text(HeaderLines lines, HeaderName name) {
        ByteSlice value = new ByteSlice();
        if (lines.header(name, value) == 0) {
            return "";
        }
        String all = value.toString();
        return all.substring(0, Math.min(200, all.length())).replaceAll("[^ -~]", "?");
    }
}
