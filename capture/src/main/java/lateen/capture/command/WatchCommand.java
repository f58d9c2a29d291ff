package lateen.capture.command;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import lateen.capture.host.CaptureException;
import lateen.capture.model.Cidr;
import lateen.capture.model.HookChain;
import lateen.capture.model.HookRule;
import lateen.capture.model.HookTable;
import lateen.capture.plan.InvalidOptionException;
import lateen.capture.read.NamespaceReader;

/**
 * {@code capture watch}: counters that move, and the way of real packets as the kernel tells it. The rules that ask for
 * that stand in a table that belongs to a running {@code nft}: the kernel takes it away when that ends, however it ends.
 */
final class WatchCommand {
    static final String USAGE = """
            Usage: lateen capture watch [tcp|udp] [target] [--from ADDR] [--to ADDR] [--port PORT] [--seconds N]

            Prints for N seconds (1..600, default 10) how the counters of rules move, and the way through the rules of
            the first packets of connections that match. Rules of iptables-legacy are counted, not traced. Changes nothing
            for packets, and leaves nothing behind.
            """ + Place.HELP;

    // Several may watch one namespace: a table belongs to one of them alone.
    private static final String TABLE =
            HookTable.WATCH + ProcessHandle.current().pid();

    private record Request(Place place, String filter, int seconds) {}

    private WatchCommand() {}

    static int run(List<String> args, PrintStream out) throws InvalidOptionException, CaptureException, IOException {
        Request request = request(args);
        NamespaceReader reader = new NamespaceReader(request.place.commands());
        Map<String, Long> before = counters(reader);
        if (!request.place.commands().present("nft")) {
            out.println("nft is not installed: counters only");
            count(request, reader, before, out);
            return 0;
        }
        Process monitor = start(
                request.place, List.of("timeout", Integer.toString(request.seconds + 2), "nft", "monitor", "trace"));
        Process holder = start(request.place, List.of("nft", "-i"));
        try {
            // Threads of the system: a read that lasts would keep the carriers of virtual ones from all else.
            Thread printing = Thread.ofPlatform().daemon().start(() -> print(monitor.inputReader(), out));
            Thread.ofPlatform().daemon().start(() -> complaints(holder.inputReader(), out));
            Writer commands = holder.outputWriter();
            for (String line : table(request.filter)) {
                commands.write(line + "\n");
            }
            commands.flush();
            out.println("watching " + request.place.name() + " for " + request.seconds + " s: " + request.filter);
            count(request, reader, before, out);
            commands.close();
            holder.waitFor(5, TimeUnit.SECONDS);
            monitor.destroy();
            printing.join(1000);
            return 0;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while watching");
        } finally {
            holder.destroy();
            monitor.destroy();
        }
    }

    private static Request request(List<String> args) throws InvalidOptionException, IOException {
        Set<String> valued = new HashSet<>(Place.FLAGS);
        valued.addAll(List.of("--from", "--to", "--port", "--seconds"));
        Arguments arguments = Arguments.parse(args, valued, Set.of());
        List<String> words = new ArrayList<>(arguments.rest());
        boolean udp = words.remove("udp");
        boolean tcp = words.remove("tcp");
        if (udp && tcp) {
            throw new InvalidOptionException("protocol", "tcp udp", "one of them");
        }
        Place place = Place.of(arguments, words);
        List<String> filter = new ArrayList<>();
        for (String end : List.of("--from", "--to")) {
            Optional<String> text = arguments.value(end);
            if (text.isPresent()) {
                Cidr range = Cidr.parse(text.get())
                        .orElseThrow(() -> new InvalidOptionException(end, text.get(), "an address or a range"));
                filter.add((range.family().bits() == 32 ? "ip " : "ip6 ")
                        + (end.equals("--from") ? "saddr " : "daddr ")
                        + range);
            }
        }
        // Of TCP the first packet of each connection: it alone meets the nat table.
        filter.add(udp ? "meta l4proto udp" : "tcp flags & (syn | ack) == syn");
        if (arguments.has("--port")) {
            filter.add((udp ? "udp" : "tcp") + " dport " + arguments.number("--port", 1, 65535, 0));
        }
        return new Request(place, String.join(" ", filter), (int) arguments.number("--seconds", 1, 600, 10));
    }

    private static List<String> table(String filter) {
        List<String> lines = new ArrayList<>(List.of("add table inet " + TABLE + " { flags owner; }"));
        for (String hook : List.of("prerouting", "output")) {
            lines.add("add chain inet " + TABLE + " " + hook + " { type filter hook " + hook + " priority -350; }");
            lines.add(
                    "add rule inet " + TABLE + " " + hook + " " + filter + " limit rate 50/second meta nftrace set 1");
        }
        return lines;
    }

    private static Process start(Place place, List<String> command) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(place.namespace().inside(command)).redirectErrorStream(true);
        builder.environment().put("LC_ALL", "C");
        builder.environment().merge("PATH", "/usr/sbin:/sbin:/usr/bin:/bin", (own, system) -> own + ":" + system);
        return builder.start();
    }

    private static void print(BufferedReader lines, PrintStream out) {
        try (lines) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.contains(" packet: ") || !line.contains(" inet " + HookTable.WATCH)) {
                    out.println("  "
                            + line.replaceAll("inet " + HookTable.WATCH + "\\d+ ", "")
                                    .strip());
                }
            }
        } catch (IOException | UncheckedIOException e) {
            // The monitor was ended.
            return;
        }
    }

    /** What nft says against the rules, such as an old kernel's that knows no tables with an owner. */
    private static void complaints(BufferedReader lines, PrintStream out) {
        try (lines) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.contains("Error: ")) {
                    out.println("packets are not traced: nft: " + line.substring(line.indexOf("Error: ")));
                }
            }
        } catch (IOException | UncheckedIOException e) {
            // It was ended.
            return;
        }
    }

    private static void count(Request request, NamespaceReader reader, Map<String, Long> first, PrintStream out)
            throws CaptureException, IOException {
        Map<String, Long> before = first;
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(request.seconds);
        while (System.nanoTime() < end) {
            try {
                TimeUnit.NANOSECONDS.sleep(Math.min(end - System.nanoTime(), TimeUnit.SECONDS.toNanos(1)));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new InterruptedIOException("interrupted while watching");
            }
            Map<String, Long> now = counters(reader);
            for (var rule : now.entrySet()) {
                long more = rule.getValue() - before.getOrDefault(rule.getKey(), 0L);
                if (more > 0) {
                    out.println("+" + more + "  " + rule.getKey());
                }
            }
            before = now;
        }
    }

    private static Map<String, Long> counters(NamespaceReader reader) throws CaptureException {
        Map<String, Long> counters = new LinkedHashMap<>();
        for (HookTable table : Place.rules(reader.read()).tables()) {
            for (HookChain chain : table.chains()) {
                for (HookRule rule : chain.rules()) {
                    // A rule of nft carries its counter in its text.
                    String text = rule.text().replaceAll("counter packets \\d+ bytes \\d+", "counter");
                    rule.counters()
                            .ifPresent(c -> counters.merge(
                                    table.title() + " " + chain.name() + ": " + text, c.packets(), Long::sum));
                }
            }
        }
        return counters;
    }
}
