package lateen.local;

import java.net.InetSocketAddress;
import java.net.ServerSocket;

/** Stands in for an application: accepts connections on the port given, says nothing. */
public final class IdleApplication {
    private IdleApplication() {}

    public static void main(String[] args) throws Exception {
        try (ServerSocket listener = new ServerSocket()) {
            listener.bind(new InetSocketAddress(Integer.parseInt(args[0])));
            while (true) {
                listener.accept().close();
            }
        }
    }
}
