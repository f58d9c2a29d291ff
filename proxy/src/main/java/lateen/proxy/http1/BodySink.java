package lateen.proxy.http1;

import io.netty.buffer.ByteBuf;

/** Takes a body's payload. */
@FunctionalInterface
public interface BodySink {

    /**
     * One piece of the body, never empty.
     *
     * @param slice a retained slice of the buffer that was read; now the sink's to release
     */
    void payload(ByteBuf slice);
}
