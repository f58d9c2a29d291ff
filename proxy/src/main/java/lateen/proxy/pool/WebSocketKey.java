package lateen.proxy.pool;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.concurrent.ThreadLocalRandom;
import lateen.decision.request.ByteSlice;
import lateen.decision.request.HeaderName;
import lateen.proxy.http1.KnownHeader;
import lateen.proxy.http1.RequestHead;
import org.jspecify.annotations.Nullable;

/**
 * The question and answer by which HTTP/1 peers of a WebSocket know that both mean it (RFC 6455 section 1.3). HTTP/2 has
 * none (RFC 8441 section 5), so that the side which misses it gets it here.
 */
final class WebSocketKey {
    static final HeaderName ACCEPT = HeaderName.of("sec-websocket-accept");

    private static final HeaderName KEY = HeaderName.of("sec-websocket-key");
    private static final HeaderName WEBSOCKET = HeaderName.of("websocket");
    private static final byte[] SUFFIX = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11".getBytes(StandardCharsets.US_ASCII);

    private WebSocketKey() {}

    /** Asks, where the request does not. */
    static void ask(RequestHead upgrade) {
        if (isWebSocket(upgrade) && !upgrade.has(KEY)) {
            byte[] random = new byte[16];
            ThreadLocalRandom.current().nextBytes(random);
            upgrade.set(KEY, Base64.getEncoder().encode(random));
        }
    }

    /** The answer that the request waits for; null: it asks nothing. */
    static byte @Nullable [] answer(RequestHead upgrade) {
        ByteSlice key = new ByteSlice();
        if (!isWebSocket(upgrade) || upgrade.header(KEY, key) == 0) {
            return null;
        }
        try {
            MessageDigest sha1 = MessageDigest.getInstance("SHA-1");
            sha1.update(key.array(), key.start(), key.length());
            return Base64.getEncoder().encode(sha1.digest(SUFFIX));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-1", e);
        }
    }

    private static boolean isWebSocket(RequestHead upgrade) {
        ByteSlice protocol = new ByteSlice();
        return upgrade.header(KnownHeader.UPGRADE, protocol) == 1
                && WEBSOCKET.matches(protocol.array(), protocol.start(), protocol.end());
    }
}
