package lateen.proxy.grpc;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http2.Http2Headers;
import org.jspecify.annotations.Nullable;

/**
 * The answer to a unary call: headers, one message of at most {@link UnaryCall#LARGEST_ANSWER} bytes, trailers. gRPC
 * over HTTP/2 as in its {@code PROTOCOL-HTTP2}. Each step says null, or what is wrong with it.
 */
final class AnswerReader {
    private static final int PREFIX = 5;

    private byte[] bytes = new byte[0];
    private int used;
    private boolean headed;

    void reset() {
        used = 0;
        headed = false;
    }

    /** @param last no frame follows */
    @Nullable
    CallFailure headers(Http2Headers headers, boolean last) {
        if (!headed) {
            headed = true;
            if (!"200".contentEquals(text(headers.status()))) {
                return CallFailure.refused("HTTP status " + printable(headers.status()) + " (expected: 200)");
            }
            if (!text(headers.get("content-type")).toString().startsWith("application/grpc")) {
                return CallFailure.refused(
                        "content-type " + printable(headers.get("content-type")) + " (expected: application/grpc)");
            }
            if (!last) {
                return null;
            }
        } else if (!last) {
            return CallFailure.refused("headers after the message that are no trailers");
        }
        CharSequence status = headers.get("grpc-status");
        if (status == null) {
            return CallFailure.refused("no grpc-status");
        }
        return "0".contentEquals(status)
                ? null
                : CallFailure.refused(
                        "grpc-status " + printable(status) + ": " + printable(headers.get("grpc-message")));
    }

    @Nullable
    CallFailure data(ByteBuf data, boolean last) {
        int more = data.readableBytes();
        if (!headed) {
            return CallFailure.refused("a message before its headers");
        }
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
        if (used > 0 && bytes[0] != 0) {
            return CallFailure.refused("a compressed message, which was not asked for");
        }
        return last ? CallFailure.refused("no grpc-status") : null;
    }

    private void room(int wanted) {
        if (bytes.length < wanted) {
            bytes = java.util.Arrays.copyOf(bytes, Math.max(wanted, 2 * bytes.length));
        }
    }

    private long length() {
        return ((bytes[1] & 0xffL) << 24) | ((bytes[2] & 0xff) << 16) | ((bytes[3] & 0xff) << 8) | (bytes[4] & 0xff);
    }

    /** After good trailers: null, or what is missing. */
    @Nullable
    CallFailure complete() {
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

    private static CharSequence text(@Nullable CharSequence value) {
        return value == null ? "" : value;
    }

    private static String printable(@Nullable CharSequence value) {
        String all = text(value).toString();
        return all.substring(0, Math.min(200, all.length())).replaceAll("[^ -~]", "?");
    }
}
