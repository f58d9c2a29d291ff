package shop;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Optional;

/**
 * Starts one service of the shop, or says one line to a TCP service.
 *
 * <pre>
 *   shop.Main frontend|catalog|ratings [--http PORT] [--tcp PORT] [--next-http HOST:PORT] [--next-tcp HOST:PORT]
 *             [--version TEXT] [--trouble PORT]
 *   shop.Main say HOST PORT LINE…
 * </pre>
 *
 * {@code --version} is told in every answer; {@code --trouble} is the loopback port of {@link Trouble}.
 */
public final class Main {
    private static final String USAGE = """
            usage: shop.Main frontend|catalog|ratings [--http PORT] [--tcp PORT] [--next-http HOST:PORT] [--next-tcp HOST:PORT]
                             [--version TEXT] [--trouble PORT]
                   shop.Main say HOST PORT LINE...""";

    private Main() {}

    public static void main(String[] args) {
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        System.exit(run(new ArrayDeque<>(Arrays.asList(args)), out));
    }

    private static int run(Deque<String> args, PrintStream out) {
        try {
            String what = args.isEmpty() ? "" : args.pop();
            if (what.equals("say")) {
                return Say.run(args, out);
            }
            serve(what, args, out);
            return 0;
        } catch (IllegalArgumentException e) {
            System.err.println(e.getMessage());
            System.err.println(USAGE);
            return 2;
        } catch (IOException e) {
            System.err.println("shop: " + e);
            return 1;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return 130;
        }
    }

    private static void serve(String name, Deque<String> args, PrintStream out)
            throws IOException, InterruptedException {
        Optional<String> next = switch (name) {
            case "frontend" -> Optional.of("catalog");
            case "catalog" -> Optional.of("ratings");
            case "ratings" -> Optional.empty();
            default ->
                throw new IllegalArgumentException(
                        "service: \"" + name + "\" (expected: frontend, catalog, ratings or say)");
        };
        int http = 8080;
        int tcp = 9000;
        String version = "";
        int troublePort = 0;
        Optional<HostPort> nextHttp = next.map(host -> new HostPort(host, 80));
        Optional<HostPort> nextTcp = next.map(host -> new HostPort(host, 9000));
        while (!args.isEmpty()) {
            String option = args.pop();
            if (args.isEmpty()) {
                throw new IllegalArgumentException(option + ": no value");
            }
            String value = args.pop();
            switch (option) {
                case "--http" -> http = HostPort.port(value);
                case "--tcp" -> tcp = HostPort.port(value);
                case "--next-http" -> nextHttp = Optional.of(HostPort.parse(value));
                case "--next-tcp" -> nextTcp = Optional.of(HostPort.parse(value));
                case "--version" -> version = value;
                case "--trouble" -> troublePort = HostPort.port(value);
                default -> throw new IllegalArgumentException(option + ": no such option");
            }
        }
        ServedLog log = new ServedLog(name, out);
        Trouble trouble = troublePort == 0 ? new Trouble() : Trouble.listening(troublePort);
        try (trouble;
                HttpService web = HttpService.start(name, version, http, nextHttp, trouble, log);
                TcpService lines = TcpService.start(name, tcp, nextTcp, log)) {
            log.started(web.port(), lines.port());
            Thread.currentThread().join();
        }
    }
}
