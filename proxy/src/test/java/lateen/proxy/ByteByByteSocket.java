package lateen.proxy;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;

/** A client's socket that sends each byte in a packet of its own. */
final class ByteByByteSocket extends Socket {
    ByteByByteSocket(InetSocketAddress to) throws IOException {
        connect(to);
        setTcpNoDelay(true);
        setSoTimeout(10_000);
    }

    @Override
    public OutputStream getOutputStream() throws IOException {
        OutputStream out = super.getOutputStream();
        return new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                out.write(b);
                out.flush();
            }
        };
    }
}
