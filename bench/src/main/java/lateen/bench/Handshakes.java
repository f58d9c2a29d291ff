package lateen.bench;

import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Full handshakes of TLS 1.3 with certificates of both ends by {@code openssl s_time}, each followed by one request, without which
 * nobody knew whether the server liked the certificate. A connection is a session of its own: nothing is resumed.
 *
 * @param clients processes, each with one connection at a time
 * @param folder of {@code client.pem}, {@code client.key} and {@code root.pem}
 */
record Handshakes(int clients, Path folder) implements Load {

    private static final Pattern RESULT =
            Pattern.compile("(\\d+) connections in \\d+ real seconds, (\\d+) bytes read per connection");
    /** It writes the path as it is given, then " HTTP/1.0", which a server that closes does not read. */
    private static final String REQUEST = "/ HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n\r\n";
    /** The body alone has 100; an answer with an error is shorter than this. */
    private static final int SHORTEST_ANSWER = 200;

    @Override
    public Outcome run(int port, int core, int seconds) {
        List<String> command = List.of(
                "openssl",
                "s_time",
                "-connect",
                "127.0.0.1:" + port,
                "-new",
                "-tls1_3",
                "-cert",
                folder.resolve("client.pem").toString(),
                "-key",
                folder.resolve("client.key").toString(),
                "-CAfile",
                folder.resolve("root.pem").toString(),
                "-time",
                Integer.toString(seconds),
                "-www",
                REQUEST);
        long begin = System.nanoTime();
        List<Output> outputs = Load.sideBySide(clients, core, seconds, command);
        double elapsed = (System.nanoTime() - begin) / 1e9;
        long handshakes = 0;
        for (Output output : outputs) {
            Matcher result = RESULT.matcher(output.text());
            if (!result.find() || Integer.parseInt(result.group(2)) < SHORTEST_ANSWER) {
                throw output.failed();
            }
            handshakes += Long.parseLong(result.group(1));
        }
        // Its asterisks, one a connection, say nothing.
        String raw = outputs.stream()
                .map(output -> output.raw().replaceAll("[*]+", ""))
                .collect(Collectors.joining());
        return new Outcome(handshakes, handshakes / elapsed, raw);
    }
}
