package lateen.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Stands in for the sidecar: reads its token, then answers every request with the number of the port that it reached. */
public final class SidecarMain {
    private SidecarMain() {}

    public static void main(String[] args) throws Exception {
        List<String> stdin =
                new BufferedReader(new InputStreamReader(System.in)).lines().toList();
        System.out.println("stdin " + stdin.getFirst().split(" ")[0] + " " + stdin.get(1));
        System.out.println("token " + stdin.getFirst().split(" ")[1]);
        System.out.println("env " + System.getenv("POD_NAME") + " " + System.getenv("CA_ADDR"));
        System.out.println("labels " + System.getenv("ISTIO_METAJSON_LABELS"));
        for (int port : new int[] {15001, 15006, 15021}) {
            ServerSocket listener = new ServerSocket();
            listener.bind(new InetSocketAddress(port));
            Thread.ofPlatform().start(() -> serve(listener));
        }
    }

    private static void serve(ServerSocket listener) {
        try {
            while (true) {
                try (Socket socket = listener.accept()) {
                    socket.getInputStream().read(new byte[4096]);
                    String body = "reached " + listener.getLocalPort() + "\n";
                    socket.getOutputStream()
                            .write(("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: " + body.length()
                                            + "\r\n\r\n" + body)
                                    .getBytes(StandardCharsets.US_ASCII));
                } catch (IOException e) {
                    System.out.println("gone " + e.getMessage());
                }
            }
        } catch (RuntimeException e) {
            throw new UncheckedIOException(new IOException(e));
        }
    }
}
