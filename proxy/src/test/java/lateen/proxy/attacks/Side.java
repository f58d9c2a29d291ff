package lateen.proxy.attacks;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import lateen.proxy.Proxy;
import lateen.proxy.ProxySettings;
import lateen.proxy.RealEnvoy;
import lateen.proxy.Rig;
import lateen.xds.bootstrap.StandaloneBootstrap;

/**
 * One of the two proxies, in front of a back end of its own, both with the same bootstrap.
 *
 * @param gauges of ours; null: it is another
 */
record Side(String name, int port, RecordingBackend backend, Gauges gauges) {

    static Side lateen(Rig rig, Path dir) throws Exception {
        return lateen(rig, dir, "");
    }

    /** @param more fields of the connection manager, each with a comma behind it */
    static Side lateen(Rig rig, Path dir, String more) throws Exception {
        RecordingBackend backend = rig.with(new RecordingBackend());
        Path file = dir.resolve("lateen.json");
        Files.writeString(file, Bootstraps.http(0, 0, backend.port(), false, more));
        Proxy proxy = rig.proxy(
                ProxySettings.defaults().withWorkers(1),
                StandaloneBootstrap.usable(file).config());
        return new Side("lateen", Rig.address(proxy, "l").getPort(), backend, new Gauges(proxy));
    }

    /** Before a back end of HTTP/2. */
    static Side lateen(Rig rig, Path dir, Http2Backend backend) throws Exception {
        Path file = dir.resolve("lateen2.json");
        Files.writeString(file, Bootstraps.http(0, 0, backend.port(), true, ""));
        Proxy proxy = rig.proxy(
                ProxySettings.defaults().withWorkers(1),
                StandaloneBootstrap.usable(file).config());
        return new Side("lateen", Rig.address(proxy, "l").getPort(), null, new Gauges(proxy));
    }

    static Side envoy(Rig rig, Path dir) throws Exception {
        return envoy(rig, dir, "");
    }

    static Side envoy(Rig rig, Path dir, String more) throws Exception {
        RecordingBackend backend = rig.with(new RecordingBackend());
        int admin;
        int port;
        try (ServerSocket one = new ServerSocket(0);
                ServerSocket two = new ServerSocket(0)) {
            admin = one.getLocalPort();
            port = two.getLocalPort();
        }
        Path file = dir.resolve("envoy.json");
        Files.writeString(
                file,
                Bootstraps.http(
                        admin,
                        port,
                        backend.port(),
                        false,
                        // As this proxy always has it (RFC 9113 section 8.1.1), so that answers can be compared.
                        "'http2_protocol_options':{'override_stream_error_on_invalid_http_message':true}," + more));
        rig.with(new RealEnvoy(file, admin));
        return new Side("envoy", port, backend, null);
    }

    /** No proxy at all: what a row that is to be refused must not look like. */
    static Side none(Rig rig) throws Exception {
        RecordingBackend backend = rig.with(new RecordingBackend());
        return new Side("none", backend.port(), backend, null);
    }

    Socket open() throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setTcpNoDelay(true);
        return socket;
    }
}
