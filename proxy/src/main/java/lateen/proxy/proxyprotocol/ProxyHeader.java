package lateen.proxy.proxyprotocol;

import java.util.List;
import lateen.decision.config.ProxyProtocol.Tlv;
import lateen.decision.net.SocketAddr;

/**
 * What a header says of a connection.
 *
 * @param source the client
 * @param destination where the client connected to
 * @param tlvs additions of version 2, as many as are kept
 */
public record ProxyHeader(SocketAddr source, SocketAddr destination, List<Tlv> tlvs) {
    public ProxyHeader {
        tlvs = List.copyOf(tlvs);
    }
}
