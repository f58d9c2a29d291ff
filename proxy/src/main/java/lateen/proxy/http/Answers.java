package lateen.proxy.http;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import lateen.decision.config.HeaderEdits;
import lateen.decision.request.HeaderName;
import lateen.proxy.Failure;
import lateen.proxy.http1.KnownHeader;
import lateen.proxy.http1.ResponseHead;

/** The one place where a failure becomes an answer: Envoy's statuses and texts. */
public final class Answers {
    static final HeaderName LOCATION = HeaderName.of("location");
    private static final byte[] TEXT = "text/plain".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] CLOSE = "close".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] KEEP_ALIVE = "keep-alive".getBytes(StandardCharsets.US_ASCII);
    private static final DateTimeFormatter DATE = DateTimeFormatter.ofPattern(
                    "EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ROOT)
            .withZone(ZoneOffset.UTC);
    private static final String RESET = "upstream connect error or disconnect/reset before headers. reset reason: ";
    private static final String RETRIED =
            "upstream connect error or disconnect/reset before headers. retried and the latest reset reason: ";
    private static final HeaderName OVERLOADED = HeaderName.of("x-envoy-overloaded");
    private static final byte[] TRUE = "true".getBytes(StandardCharsets.US_ASCII);

    private static volatile Now now = new Now(0, new byte[0]);

    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Now(long second, byte[] text) {}

    private Answers() {}

    /** An answer made here. */
    record Answer(int status, String body, boolean overloaded) {
        Answer(int status, String body) {
            this(status, body, false);
        }
    }

    /** @param retried the failure is what the last of several attempts met */
    static Answer of(Failure failure, boolean retried) {
        String reset = retried ? RETRIED : RESET;
        return switch (failure) {
            case Failure.NoFilterChain ignored -> new Answer(0, "");
            case Failure.NoRoute ignored -> new Answer(404, "");
            case Failure.NoCluster ignored -> new Answer(503, "");
            case Failure.NoHealthyHost ignored -> new Answer(503, "no healthy upstream");
            case Failure.Overflow ignored -> new Answer(503, RESET + "overflow", true);
            case Failure.ConnectFailed connect -> new Answer(503, reset + connectReason(connect));
            case Failure.StreamReset stream ->
                new Answer(503, reset + (stream.refused() ? "remote refused stream reset" : "remote reset"));
            case Failure.UpstreamReset ignored -> new Answer(503, reset + "connection termination");
            case Failure.UpstreamProtocol ignored -> new Answer(502, reset + "protocol error");
            case Failure.Timeout ignored -> new Answer(504, "upstream request timeout");
            case Failure.StreamIdle idle -> new Answer(idle.requested() ? 504 : 408, "stream timeout");
            case Failure.TryTimeout ignored -> new Answer(504, "upstream request timeout");
            case Failure.RateLimited limited -> new Answer(limited.status(), "local_rate_limited");
            case Failure.Denied ignored -> new Answer(403, "RBAC: access denied");
            case Failure.ExternallyDenied denied -> new Answer(denied.status(), denied.body());
            case Failure.ExternallyUndecided none -> new Answer(none.status(), none.body());
            case Failure.Overloaded ignored -> new Answer(503, "envoy overloaded");
            case Failure.BadRequest bad -> new Answer(bad.status(), reason(bad.status()));
            case Failure.UpgradeRefused ignored -> new Answer(403, "");
            case Failure.ClientGone ignored -> new Answer(0, "");
        };
    }

    private static String reason(int status) {
        return switch (status) {
            case 408 -> "Request Timeout";
            case 413 -> "Payload Too Large";
            case 431 -> "Request Header Fields Too Large";
            case 501 -> "Not Implemented";
            case 505 -> "HTTP Version Not Supported";
            default -> "Bad Request";
        };
    }

    private static String connectReason(Failure.ConnectFailed connect) {
        String what = connect.timeout() ? "connection timeout" : "remote connection failure";
        return connect.transport().isEmpty() || !connect.inTls()
                ? what
                : what + ", transport failure reason: " + connect.transport();
    }

    /** What an authorization server wants to be in the answer. */
    static HeaderEdits edits(Failure failure) {
        return switch (failure) {
            case Failure.ExternallyDenied denied -> denied.headers();
            case Failure.ExternallyUndecided none -> none.headers();
            default -> HeaderEdits.NONE;
        };
    }

    /** Whether a status is without body, whoever asks (RFC 9110 section 6.4.1). */
    static boolean bodiless(int status) {
        return status == 204 || status == 304;
    }

    /** Fills the head of an answer made here, and its framing. */
    static void fill(ResponseHead head, Answer answer, byte[] server) {
        head.start(answer.status());
        if (!bodiless(answer.status())) {
            head.setNumber(KnownHeader.CONTENT_LENGTH, answer.body().getBytes(StandardCharsets.UTF_8).length);
        }
        if (!answer.body().isEmpty()) {
            head.set(KnownHeader.CONTENT_TYPE, TEXT);
        }
        if (answer.overloaded()) {
            head.set(OVERLOADED, TRUE);
        }
        date(head);
        head.set(KnownHeader.SERVER, server);
    }

    /** RFC 9110 section 6.6.1. */
    static void date(ResponseHead head) {
        if (!head.has(KnownHeader.DATE)) {
            long second = System.currentTimeMillis() / 1000;
            Now current = now;
            if (current.second != second) {
                current = new Now(
                        second, DATE.format(Instant.ofEpochSecond(second)).getBytes(StandardCharsets.US_ASCII));
                now = current;
            }
            head.set(KnownHeader.DATE, current.text);
        }
    }

    static void connection(ResponseHead head, boolean close, boolean http10) {
        if (close) {
            head.set(KnownHeader.CONNECTION, CLOSE);
        } else if (http10) {
            head.set(KnownHeader.CONNECTION, KEEP_ALIVE);
        }
    }
}
