package lateen.bench;

import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;

/**
 * Requests at a fixed rate, whether or not the last one has been answered: the n-th is due n intervals after the first, and its
 * latency counts from that moment, also when it had to wait for a free connection. A generator that waits for answers leaves out
 * just the requests that a stall would have hit.
 *
 * <p>One thread that does not sleep, since a sleeper wakes up too late for intervals of some 50 µs; it lets others of its core go
 * first.
 */
final class OpenLoop implements AutoCloseable {

    private static final byte[] REQUEST = "GET / HTTP/1.1\r\nHost: bench\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(60);

    private final Selector selector;
    private final Deque<Connection> free = new ArrayDeque<>();
    private long[] latencies = {};
    private int answered;

    /** One kept connection with at most one request on its way. */
    private static final class Connection {
        final SocketChannel channel;
        final ByteBuffer request = ByteBuffer.allocateDirect(REQUEST.length).put(REQUEST);
        final HttpAnswer answer = new HttpAnswer();
        /** Of {@link System#nanoTime}. */
        long due;

        Connection(SocketChannel channel) {
            this.channel = channel;
        }

        void send(long due) throws IOException {
            this.due = due;
            request.rewind();
            if (channel.write(request) != REQUEST.length) {
                throw new IOException("a request did not fit into an empty socket");
            }
        }

        /** @return whether the answer is complete */
        boolean receive() throws IOException {
            if (channel.read(answer.buffer()) < 0) {
                throw new EOFException("a connection was closed before its answer was complete");
            }
            return answer.complete();
        }
    }

    OpenLoop(int port, int connections) {
        try {
            selector = Selector.open();
            for (int i = 0; i < connections; i++) {
                SocketChannel channel =
                        SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
                channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
                channel.configureBlocking(false);
                Connection connection = new Connection(channel);
                channel.register(selector, SelectionKey.OP_READ, connection);
                free.add(connection);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot connect to port " + port, e);
        }
    }

    /**
     * @param perSecond requests
     * @param count of them
     * @return for each request the nanoseconds from when it was due to the end of its answer; in the order of the answers
     * @throws IllegalStateException when one was not answered with 200
     */
    @SuppressWarnings("ThreadPriorityCheck") // What it yields to is the backend on the same core.
    long[] run(double perSecond, int count) {
        latencies = new long[count];
        answered = 0;
        int sent = 0;
        double interval = 1e9 / perSecond;
        long begin = System.nanoTime();
        long limit = begin + (long) (count * interval) + PATIENCE_NANOS;
        try {
            while (answered < count) {
                long now = System.nanoTime();
                if (now > limit) {
                    throw new IllegalStateException(answered + " of " + count + " requests were answered in time");
                }
                long due = begin + (long) (sent * interval);
                while (sent < count && due <= now && !free.isEmpty()) {
                    free.removeFirst().send(due);
                    sent++;
                    due = begin + (long) (sent * interval);
                }
                if (selector.selectNow(this::receive) == 0) {
                    Thread.yield();
                }
            }
        } catch (IOException | UncheckedIOException e) {
            throw new IllegalStateException("request " + answered + " of " + count + " failed", e);
        }
        return latencies;
    }

    private void receive(SelectionKey key) {
        Connection connection = (Connection) key.attachment();
        try {
            if (connection.receive()) {
                latencies[answered++] = System.nanoTime() - connection.due;
                free.addLast(connection);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        try {
            for (SelectionKey key : selector.keys()) {
                key.channel().close();
            }
            selector.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
