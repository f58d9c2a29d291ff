package lateen.proxy.tcp;

import io.netty.buffer.ByteBuf;

/** The host's end of a session: a connection of its own, or a tunnel through another. Owned by the connection's loop. */
interface TcpPeer {
    /** Written, not sent. The buffer is the peer's now. */
    void write(ByteBuf bytes);

    void flush();

    boolean isWritable();

    /** @param on false: the client cannot take more for now */
    void reading(boolean on);

    /** Ends our direction once all that was written before has gone out. */
    void shutdown();
}
