package lateen.proxy.http2;

import java.util.Objects;

/** A stream of ours that has its owner. */
final class Opened {
    private Opened() {}

    static Http2Stream by(Http2Session session, StreamEvents owner) {
        Http2Stream stream = Objects.requireNonNull(session.open());
        stream.attach(owner);
        return stream;
    }
}
