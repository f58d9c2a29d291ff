package lateen.decision;

import java.util.List;
import lateen.decision.net.IpAddress;
import lateen.decision.request.ConnectionView;

/** A connection given by its values. */
public record TestConnection(
        IpAddress destinationIp,
        int destinationPort,
        IpAddress directSourceIp,
        int directSourcePort,
        IpAddress sourceIp,
        String transportProtocol,
        String serverName,
        List<String> applicationProtocols,
        boolean peerAuthenticated,
        List<String> peerUriNames)
        implements ConnectionView {

    public static TestConnection to(String ip, int port) {
        IpAddress source = IpAddress.parse("10.9.0.1");
        return new TestConnection(
                IpAddress.parse(ip), port, source, 40000, source, "raw_buffer", "", List.of(), false, List.of());
    }

    public TestConnection tls(String name, String... protocols) {
        return new TestConnection(
                destinationIp,
                destinationPort,
                directSourceIp,
                directSourcePort,
                sourceIp,
                "tls",
                name,
                List.of(protocols),
                peerAuthenticated,
                peerUriNames);
    }

    public TestConnection from(String direct, String client, int port) {
        return new TestConnection(
                destinationIp,
                destinationPort,
                IpAddress.parse(direct),
                port,
                IpAddress.parse(client),
                transportProtocol,
                serverName,
                applicationProtocols,
                peerAuthenticated,
                peerUriNames);
    }

    public TestConnection peer(String... uris) {
        return new TestConnection(
                destinationIp,
                destinationPort,
                directSourceIp,
                directSourcePort,
                sourceIp,
                transportProtocol,
                serverName,
                applicationProtocols,
                true,
                List.of(uris));
    }
}
