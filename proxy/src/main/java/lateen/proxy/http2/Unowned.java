package lateen.proxy.http2;

import io.netty.buffer.ByteBuf;
import lateen.proxy.http1.Head;
import lateen.proxy.http1.HeadError;
import lateen.proxy.http1.Trailers;

/** Hears of streams that have no owner: those released. */
final class Unowned implements StreamEvents {

    static final Unowned EVENTS = new Unowned();

    private Unowned() {}

    @Override
    public void head(Head head, boolean last) {}

    @Override
    public void tooLarge(Head partial, HeadError error) {}

    @Override
    public void data(ByteBuf bytes, boolean last) {
        bytes.release();
    }

    @Override
    public void trailers(Trailers trailers) {}

    @Override
    public void reset(long code, boolean unprocessed) {}

    @Override
    public void writable() {}
}
