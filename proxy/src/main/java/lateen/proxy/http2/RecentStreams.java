package lateen.proxy.http2;

/**
 * The streams that ended last, and whether we reset them: a peer that did not know yet may still send on those, which is
 * no fault of its. RFC 9113 section 5.1, "closed".
 */
final class RecentStreams {

    private static final int REMEMBERED = 128;

    private static final int[] NONE = {};

    /** Identifier twice, plus one for a stream that we reset. */
    private int[] ended = NONE;

    private int next;

    void add(int id, boolean weReset) {
        if (ended.length == 0) {
            ended = new int[REMEMBERED];
        }
        ended[next] = (id << 1) | (weReset ? 1 : 0);
        next = next + 1 & REMEMBERED - 1;
    }

    boolean weReset(int id) {
        return has((id << 1) | 1);
    }

    boolean ended(int id) {
        return has(id << 1);
    }

    private boolean has(int wanted) {
        for (int one : ended) {
            if (one == wanted) {
                return true;
            }
        }
        return false;
    }
}
