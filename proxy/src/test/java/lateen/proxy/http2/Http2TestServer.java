package lateen.proxy.http2;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.handler.ssl.SslContext;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import lateen.decision.config.Http2Options;
import lateen.proxy.Edited;
import org.jspecify.annotations.Nullable;

/** A server of its own for each test: port 0, one loop, and {@link TestExchange} for what it answers. */
final class Http2TestServer implements AutoCloseable {

    private final EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    private final Channel listening;
    final List<TestConnection> connections = new CopyOnWriteArrayList<>();

    Http2TestServer(Http2Options options) throws InterruptedException {
        this(options, 0, null);
    }

    Http2TestServer(Http2Options options, int port, @Nullable SslContext tls) throws InterruptedException {
        listening = new ServerBootstrap()
                .group(loops)
                .channel(EpollServerSocketChannel.class)
                .childOption(ChannelOption.ALLOCATOR, PooledByteBufAllocator.DEFAULT)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, new WriteBufferWaterMark(32 * 1024, 64 * 1024))
                .childHandler(new ChannelInitializer<EpollSocketChannel>() {
                    @Override
                    protected void initChannel(EpollSocketChannel channel) {
                        if (tls != null) {
                            channel.pipeline().addLast(tls.newHandler(channel.alloc()));
                        }
                        TestConnection connection = new TestConnection(options, channel, tls != null);
                        connections.add(connection);
                        channel.pipeline().addLast(new Http2Handler(connection.session));
                        connection.session.start();
                    }
                })
                .bind("127.0.0.1", port)
                .sync()
                .channel();
    }

    int port() {
        return ((InetSocketAddress) listening.localAddress()).getPort();
    }

    @Override
    public void close() throws InterruptedException {
        listening.close().sync();
        loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).sync();
    }

    /** For people: {@code h2load}, {@code h2spec}, {@code curl --http2-prior-knowledge} against this port. */
    public static void main(String[] args) throws Exception {
        int port = args.length == 0 ? 8080 : Integer.parseInt(args[0]);
        try (Http2TestServer server =
                new Http2TestServer(Edited.with(Http2Options.DEFAULT, "allowConnect", true), port, null)) {
            System.out.println("listening on " + server.port());
            server.listening.closeFuture().sync();
        }
    }
}
