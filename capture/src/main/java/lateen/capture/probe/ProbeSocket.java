package lateen.capture.probe;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import lateen.capture.model.IpFamily;

/** A TCP socket of one family with a limit on the time of every call. Confined to one thread; to be closed. */
final class ProbeSocket implements AutoCloseable {
    private static final int STREAM = 1 | 0x80000; // SOCK_STREAM, SOCK_CLOEXEC
    private static final int SOL_SOCKET = 1;
    private static final int SOL_IP = 0;
    private static final int SOL_IPV6 = 41;

    /** An address and a port. */
    record End(InetAddress address, int port) {}

    private final IpFamily family;
    private final int descriptor;

    private ProbeSocket(IpFamily family, int descriptor) {
        this.family = family;
        this.descriptor = descriptor;
    }

    /** Made by whom the thread is at this moment: that is the owner the kernel's rules see. */
    static ProbeSocket open(IpFamily family, Duration limit) throws LinuxCalls.CallException {
        int descriptor = LinuxCalls.socket(family == IpFamily.IPV4 ? 2 : 10, STREAM);
        ProbeSocket socket = new ProbeSocket(family, descriptor);
        try {
            byte[] time = ByteBuffer.allocate(16)
                    .order(ByteOrder.nativeOrder())
                    .putLong(limit.toSeconds())
                    .putLong(limit.toNanosPart() / 1000)
                    .array();
            LinuxCalls.set(descriptor, SOL_SOCKET, 20, time); // SO_RCVTIMEO, for accept
            LinuxCalls.set(descriptor, SOL_SOCKET, 21, time); // SO_SNDTIMEO, for connect
            socket.set(SOL_SOCKET, 2, 1); // SO_REUSEADDR
            if (family == IpFamily.IPV6) {
                socket.set(SOL_IPV6, 26, 1); // IPV6_V6ONLY
            }
            return socket;
        } catch (LinuxCalls.CallException e) {
            socket.close();
            throw e;
        }
    }

    void mark(int mark) throws LinuxCalls.CallException {
        set(SOL_SOCKET, 36, mark);
    }

    /** Takes calls for any address that the rules hand over. */
    void transparent() throws LinuxCalls.CallException {
        set(family == IpFamily.IPV4 ? SOL_IP : SOL_IPV6, family == IpFamily.IPV4 ? 19 : 75, 1);
    }

    /** At every address of the family. */
    void listen(int port) throws LinuxCalls.CallException {
        LinuxCalls.bind(
                "listen at port " + port, descriptor, encoded(new End(InetAddress.ofLiteral(family.any()), port)));
        LinuxCalls.listen(descriptor);
    }

    void connect(End target) throws LinuxCalls.CallException {
        LinuxCalls.connect(descriptor, encoded(target));
    }

    /** The connection that this other end has made; those of strangers are turned away. */
    ProbeSocket accept(End from) throws LinuxCalls.CallException {
        while (true) {
            byte[] peer = new byte[length()];
            ProbeSocket accepted = new ProbeSocket(family, LinuxCalls.accept(descriptor, peer));
            if (decoded(peer).equals(from)) {
                return accepted;
            }
            accepted.close();
        }
    }

    End local() throws LinuxCalls.CallException {
        return decoded(LinuxCalls.name(descriptor, length()));
    }

    /** Where an accepted connection was meant to go, before any rule; its own end when nothing was translated. */
    End originalDestination() throws LinuxCalls.CallException {
        byte[] original;
        try {
            original = LinuxCalls.get(descriptor, family == IpFamily.IPV4 ? SOL_IP : SOL_IPV6, 80, length());
        } catch (LinuxCalls.CallException e) {
            // Nothing follows connections here, so nothing was translated.
            return local();
        }
        return decoded(original);
    }

    private void set(int level, int option, int value) throws LinuxCalls.CallException {
        LinuxCalls.set(
                descriptor,
                level,
                option,
                ByteBuffer.allocate(4)
                        .order(ByteOrder.nativeOrder())
                        .putInt(value)
                        .array());
    }

    private int length() {
        return family == IpFamily.IPV4 ? 16 : 28;
    }

    /** struct sockaddr_in and sockaddr_in6: ip(7), ipv6(7). */
    private byte[] encoded(End end) {
        ByteBuffer bytes = ByteBuffer.allocate(length());
        bytes.order(ByteOrder.nativeOrder()).putShort((short) (family == IpFamily.IPV4 ? 2 : 10));
        bytes.order(ByteOrder.BIG_ENDIAN).putShort((short) end.port());
        return bytes.put(family == IpFamily.IPV4 ? 4 : 8, end.address().getAddress())
                .array();
    }

    private End decoded(byte[] bytes) {
        byte[] address = new byte[family.bits() / 8];
        ByteBuffer.wrap(bytes).get(family == IpFamily.IPV4 ? 4 : 8, address);
        int port = Short.toUnsignedInt(ByteBuffer.wrap(bytes).getShort(2));
        try {
            return new End(InetAddress.getByAddress(address), port);
        } catch (UnknownHostException e) {
            throw new IllegalStateException("an address of " + address.length + " bytes", e);
        }
    }

    @Override
    public void close() {
        LinuxCalls.close(descriptor);
    }
}
