package lateen.proxy.http2;

import lateen.decision.config.Http2Options;

/**
 * The windows that we grant. A peer gets new window when half of one has been consumed, so that a large body costs a
 * WINDOW_UPDATE for each half window and not for each frame. RFC 9113 section 5.2.
 */
final class Receiving {

    private final Http2Session session;
    private final int connectionSize;
    private final int streamSize;
    /** What the peer may send on all streams together. */
    private int window;

    private int ungranted;

    Receiving(Http2Session session, Http2Options options) {
        this.session = session;
        connectionSize = options.initialConnectionWindowSize();
        streamSize = options.initialStreamWindowSize();
        window = connectionSize;
    }

    /** A DATA frame of so many bytes began; whether the connection's window allows it. */
    boolean arrived(int length) {
        window -= length;
        return window >= 0;
    }

    /** The same for a stream's own window. */
    static boolean arrived(Http2Stream stream, int length) {
        stream.receiveWindow -= length;
        return stream.receiveWindow >= 0;
    }

    /** Bytes that no owner gets, or that it has done with: the connection's window gets them back. */
    void credit(int bytes) {
        ungranted += bytes;
        if (ungranted >= connectionSize / 2 && !session.over()) {
            window += ungranted;
            session.writer.windowUpdate(0, ungranted);
            ungranted = 0;
        }
    }

    /** Bytes of a stream that are out of the way, though its owner did not get them. */
    void credit(Http2Stream stream, int bytes) {
        credit(bytes);
        if (stream.open && !stream.remoteDone && !stream.deaf) {
            stream.ungranted += bytes;
            if (stream.ungranted >= streamSize / 2) {
                stream.receiveWindow += stream.ungranted;
                session.writer.windowUpdate(stream.id, stream.ungranted);
                stream.ungranted = 0;
            }
        }
    }

    void consumed(Http2Stream stream, int bytes) {
        int n = Math.min(bytes, stream.unconsumed);
        stream.unconsumed -= n;
        credit(stream, n);
    }
}
