package lateen.proxy.http2;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.DefaultHttp2WindowUpdateFrame;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2ResetFrame;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2StreamChannelBootstrap;
import io.netty.handler.codec.http2.Http2StreamFrame;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** A client of Netty's own HTTP/2, with padding and a small window. */
final class NettyClient implements AutoCloseable {

    private final EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    private final Channel channel;

    NettyClient(int port) throws InterruptedException {
        channel = new Bootstrap()
                .group(loops)
                .channel(EpollSocketChannel.class)
                .handler(new ChannelInitializer<EpollSocketChannel>() {
                    @Override
                    protected void initChannel(EpollSocketChannel c) {
                        c.pipeline()
                                .addLast(
                                        Http2FrameCodecBuilder.forClient()
                                                .initialSettings(Http2Settings.defaultSettings()
                                                        .initialWindowSize(1000))
                                                .build(),
                                        new Http2MultiplexHandler(new ChannelInboundHandlerAdapter()));
                    }
                })
                .connect("127.0.0.1", port)
                .sync()
                .channel();
    }

    /** The answer's status and body. */
    String post(String path, ByteBuf body) throws Exception {
        CompletableFuture<String> answer = new CompletableFuture<>();
        Channel stream = new Http2StreamChannelBootstrap(channel)
                .handler(new SimpleChannelInboundHandler<Http2StreamFrame>() {
                    private final StringBuilder text = new StringBuilder();

                    @Override
                    protected void channelRead0(ChannelHandlerContext ctx, Http2StreamFrame frame) {
                        switch (frame) {
                            case Http2HeadersFrame headers -> {
                                text.append(headers.headers().status()).append(' ');
                                end(headers.isEndStream());
                            }
                            case Http2DataFrame data -> {
                                text.append(data.content().toString(StandardCharsets.US_ASCII));
                                ctx.write(new DefaultHttp2WindowUpdateFrame(data.initialFlowControlledBytes())
                                        .stream(data.stream()));
                                ctx.flush();
                                end(data.isEndStream());
                            }
                            case Http2ResetFrame reset ->
                                answer.completeExceptionally(new AssertionError("reset " + reset.errorCode()));
                            default -> {}
                        }
                    }

                    private void end(boolean last) {
                        if (last) {
                            answer.complete(text.toString());
                        }
                    }
                })
                .open()
                .sync()
                .getNow();
        stream.write(new DefaultHttp2HeadersFrame(
                new DefaultHttp2Headers()
                        .method("POST")
                        .scheme("http")
                        .path(path)
                        .authority("a"),
                false,
                7));
        stream.writeAndFlush(new DefaultHttp2DataFrame(body, true, 200));
        return answer.get(20, TimeUnit.SECONDS);
    }

    @Override
    public void close() throws InterruptedException {
        channel.close().sync();
        loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).sync();
    }
}
