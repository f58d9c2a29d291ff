package lateen.proxy.admin;

import java.time.Duration;

/**
 * What a client may take of the interface; each limit is for one port.
 *
 * @param connections open at a time; one more is closed at once
 * @param request for a request to arrive whole, from the connection's or the request's first byte
 * @param idle between two requests
 * @param reply for an answer to be made and taken by the client
 */
public record AdminLimits(int connections, Duration request, Duration idle, Duration reply) {

    public static final AdminLimits DEFAULT =
            new AdminLimits(64, Duration.ofSeconds(10), Duration.ofSeconds(75), Duration.ofSeconds(30));

    /** Bytes of request line and headers. */
    static final int HEAD_BYTES = 8 * 1024;

    static final int HEADERS = 64;
    /** Bytes of a request's body, which is read and dropped. */
    static final int BODY_BYTES = 64 * 1024;
    /** Answers that are being made or sent: each can be as large as the whole configuration. */
    static final int REPLIES = 2;
}
