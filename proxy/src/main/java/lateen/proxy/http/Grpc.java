package lateen.proxy.http;

import java.nio.charset.StandardCharsets;
import lateen.decision.request.ByteSlice;
import lateen.decision.request.HeaderName;
import lateen.proxy.http1.HeaderLines;
import lateen.proxy.http1.KnownHeader;
import lateen.proxy.http1.ResponseHead;
import lateen.proxy.stats.RequestMetrics;

/**
 * gRPC's part of a request and its answer: told by the content type, with a status of its own. An answer made here is
 * put in its words, as Envoy does, since a gRPC client looks at nothing else.
 */
final class Grpc {
    /** The highest status there is. */
    private static final int LAST = 16;

    private static final byte[] TYPE = {'a', 'p', 'p', 'l', 'i', 'c', 'a', 't', 'i', 'o', 'n', '/', 'g', 'r', 'p', 'c'};
    private static final HeaderName MESSAGE = HeaderName.of("grpc-message");
    private static final char[] HEX = "0123456789ABCDEF".toCharArray();

    private Grpc() {}

    /** {@code application/grpc}, alone or with a format after {@code +}. Envoy: {@code isGrpcRequestHeaders}. */
    static boolean isRequest(HeaderLines head, ByteSlice slice) {
        if (head.header(KnownHeader.CONTENT_TYPE, slice) == 0 || slice.length() < TYPE.length) {
            return false;
        }
        for (int i = 0; i < TYPE.length; i++) {
            if (HeaderName.lower(slice.at(i)) != TYPE[i]) {
                return false;
            }
        }
        return slice.length() == TYPE.length || slice.at(TYPE.length) == '+';
    }

    /** The status in a head or trailers; {@link RequestMetrics#NO_GRPC_STATUS}: none, or no status that there is. */
    static int status(HeaderLines lines, ByteSlice slice) {
        if (lines.header(KnownHeader.GRPC_STATUS, slice) == 0 || slice.length() < 1 || slice.length() > 2) {
            return RequestMetrics.NO_GRPC_STATUS;
        }
        int status = 0;
        for (int i = 0; i < slice.length(); i++) {
            int digit = slice.at(i) - '0';
            if (digit < 0 || digit > 9) {
                return RequestMetrics.NO_GRPC_STATUS;
            }
            status = 10 * status + digit;
        }
        return status <= LAST ? status : RequestMetrics.NO_GRPC_STATUS;
    }

    /** The HTTP status for a status, as an outlier detector wants it. Envoy: {@code Grpc::Utility::grpcToHttpStatus}. */
    static int toHttp(int status) {
        return switch (status) {
            case 0 -> 200;
            case 1 -> 499;
            case 3, 9, 11 -> 400;
            case 4 -> 504;
            case 5 -> 404;
            case 6, 10 -> 409;
            case 7 -> 403;
            case 8 -> 429;
            case 12 -> 501;
            case 14 -> 503;
            case 16 -> 401;
            default -> 500;
        };
    }

    /** The status for an HTTP status. gRPC: "HTTP to gRPC Status Code Mapping". */
    static int ofHttp(int status) {
        return switch (status) {
            case 400 -> 13;
            case 401 -> 16;
            case 403 -> 7;
            case 404 -> 12;
            case 429, 502, 503, 504 -> 14;
            default -> 2;
        };
    }

    /** Fills the head of an answer made here: 200 and a status, without body. */
    static void fill(ResponseHead head, Answers.Answer answer, byte[] server) {
        head.start(200);
        head.set(KnownHeader.CONTENT_TYPE, TYPE);
        head.setNumber(KnownHeader.GRPC_STATUS, ofHttp(answer.status()));
        if (!answer.body().isEmpty()) {
            head.set(MESSAGE, encoded(answer.body()));
        }
        Answers.date(head);
        head.set(KnownHeader.SERVER, server);
    }

    /** As gRPC wants messages: all but printable ASCII, and the sign itself, after a percent sign. */
    private static byte[] encoded(String text) {
        StringBuilder out = new StringBuilder();
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
            if (b >= ' ' && b <= '~' && b != '%') {
                out.append((char) b);
            } else {
                out.append('%').append(HEX[b >> 4 & 15]).append(HEX[b & 15]);
            }
        }
        return out.toString().getBytes(StandardCharsets.US_ASCII);
    }
}
