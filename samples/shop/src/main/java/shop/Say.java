package shop;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Deque;

/**
 * A caller of the TCP chain: sends the lines, ends its own side, and prints what comes back until the other side ends.
 *
 * <p>Exit status: 0 when there was an answer for each line and then a clean end, 1 otherwise (with the reason on standard
 * error).
 */
final class Say {
    /** As long as the demonstration's curl waits: the first conversation of new processes on a busy machine is slow. */
    private static final int TIMEOUT_MILLIS = 15_000;

    private Say() {}

    static int run(Deque<String> args, PrintStream out) {
        if (args.size() < 3) {
            throw new IllegalArgumentException("say: too few arguments");
        }
        String host = args.pop();
        int port = HostPort.port(args.pop());
        int answers = 0;
        try (Socket socket = new Socket()) {
            socket.setSoTimeout(TIMEOUT_MILLIS);
            socket.connect(new InetSocketAddress(host, port), TIMEOUT_MILLIS);
            socket.getOutputStream().write((String.join("\n", args) + "\n").getBytes(StandardCharsets.UTF_8));
            socket.shutdownOutput();
            BufferedReader lines =
                    new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                out.println(line);
                answers++;
            }
        } catch (IOException e) {
            System.err.println("say: after " + answers + " answers: " + e);
            return 1;
        }
        if (answers != args.size()) {
            System.err.println("say: connection closed after " + answers + " answers (expected: " + args.size() + ")");
            return 1;
        }
        return 0;
    }
}
