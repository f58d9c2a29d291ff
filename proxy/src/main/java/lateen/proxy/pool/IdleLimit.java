package lateen.proxy.pool;

import java.nio.charset.StandardCharsets;
import lateen.decision.request.ByteSlice;

/**
 * After how long a host closes a connection that it is asked nothing on: as it says itself ({@code Keep-Alive:
 * timeout}), or as it was seen to do. A connection is not used near that moment, since a request that meets the host's
 * close is lost, and one that is not idempotent cannot be sent again. Owned by one loop.
 *
 * <p>Not every close tells a limit: a host that restarts closes connections of any age at once. So only closes count
 * that came at different times after about the same silence, and what was learned is forgotten after a while, since the
 * host may have been configured anew.
 */
final class IdleLimit {
    static final long UNKNOWN = Long.MAX_VALUE;

    private static final int SEEN = 3;
    private static final long APART_NANOS = 20_000_000L;
    private static final long FORGOTTEN_NANOS = 600_000_000_000L;
    private static final long MARGIN_NANOS = 500_000_000L;
    private static final byte[] TIMEOUT = "timeout=".getBytes(StandardCharsets.US_ASCII);

    private final long[] silences = new long[SEEN];
    private int seen;
    private long lastSeen;
    private long limit = UNKNOWN;

    /** How long a connection may have been silent to be used again, in nanoseconds. */
    long usable(long now) {
        if (limit != UNKNOWN && now - lastSeen > FORGOTTEN_NANOS) {
            limit = UNKNOWN;
            seen = 0;
        }
        return limit == UNKNOWN ? UNKNOWN : limit - Math.max(limit / 10, Math.min(limit / 2, MARGIN_NANOS));
    }

    /** The host has closed a connection that was silent for so long. */
    void closed(long silence, long now) {
        if (seen > 0 && now - lastSeen < APART_NANOS) {
            return;
        }
        if (seen > 0 && !alike(silence, silences[(seen - 1) % SEEN])) {
            seen = 0;
        }
        silences[seen % SEEN] = silence;
        seen++;
        lastSeen = now;
        if (seen >= SEEN) {
            long shortest = silences[0];
            for (long each : silences) {
                shortest = Math.min(shortest, each);
            }
            limit = shortest;
        }
    }

    private static boolean alike(long a, long b) {
        return Math.abs(a - b) <= Math.max(a, b) / 5;
    }

    /** @param keepAlive the value of a Keep-Alive line */
    void announced(ByteSlice keepAlive, long now) {
        long seconds = timeout(keepAlive);
        if (seconds > 0) {
            limit = seconds * 1_000_000_000L;
            lastSeen = now;
        }
    }

    /** Seconds; 0: it does not say. */
    private static long timeout(ByteSlice value) {
        for (int i = 0; i + TIMEOUT.length < value.length(); i++) {
            if (startsAt(value, i)) {
                long seconds = 0;
                for (int j = i + TIMEOUT.length; j < value.length() && seconds < 100_000; j++) {
                    int digit = value.at(j) - '0';
                    if (digit < 0 || digit > 9) {
                        break;
                    }
                    seconds = 10 * seconds + digit;
                }
                return seconds;
            }
        }
        return 0;
    }

    private static boolean startsAt(ByteSlice value, int at) {
        for (int i = 0; i < TIMEOUT.length; i++) {
            if ((value.at(at + i) | 0x20) != (TIMEOUT[i] | 0x20)) {
                return false;
            }
        }
        return true;
    }
}
