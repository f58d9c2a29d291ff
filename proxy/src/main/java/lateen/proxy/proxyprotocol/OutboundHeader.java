package lateen.proxy.proxyprotocol;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import lateen.decision.config.OutboundProxyProtocol;
import lateen.decision.config.ProxyProtocol.Tlv;
import lateen.decision.net.IpAddress;
import lateen.decision.net.SocketAddr;
import org.jspecify.annotations.Nullable;

/**
 * Sends a header as the first bytes of a connection to a host; stands before TLS, and leaves when the header is sent.
 * Envoy: {@code envoy.transport_sockets.upstream_proxy_protocol}.
 */
public final class OutboundHeader extends ChannelInboundHandlerAdapter {
    private final OutboundProxyProtocol config;
    private final @Nullable ProxyHeader client;

    /**
     * @param client whose connection it is, with all additions that came with it; null: the proxy's own, which version 2
     *     says so, and of which version 1 has the addresses, as in Envoy
     */
    public OutboundHeader(OutboundProxyProtocol config, @Nullable ProxyHeader client) {
        this.config = config;
        this.client = client;
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        ByteBuf out = ctx.alloc().buffer();
        if (config.version() == 1) {
            SocketAddr source = client == null ? address(ctx.channel().localAddress()) : client.source();
            SocketAddr destination = client == null ? address(ctx.channel().remoteAddress()) : client.destination();
            out.writeCharSequence(TextHeader.of(source, destination), StandardCharsets.US_ASCII);
        } else {
            BinaryHeader.write(
                    client == null ? null : new ProxyHeader(client.source(), client.destination(), tlvs(client)), out);
        }
        ctx.writeAndFlush(out);
        ctx.fireChannelActive();
        ctx.pipeline().remove(this);
    }

    private List<Tlv> tlvs(ProxyHeader of) {
        List<Tlv> all = new ArrayList<>(config.added());
        for (Tlv each : of.tlvs()) {
            boolean replaced = config.added().stream().anyMatch(added -> added.type() == each.type());
            if (!replaced && config.passed().keeps(each.type())) {
                all.add(each);
            }
        }
        return all;
    }

    private static SocketAddr address(SocketAddress address) {
        return address instanceof InetSocketAddress inet
                ? new SocketAddr(IpAddress.of(inet.getAddress()), inet.getPort())
                : SocketAddr.unix("");
    }
}
