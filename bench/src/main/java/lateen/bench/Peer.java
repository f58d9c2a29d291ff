package lateen.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * One contestant: one or more processes that together stand between generator and backend, all on the same core.
 *
 * @param port where the generator goes
 */
record Peer(String name, int port, List<Process> processes, Duration startToFirstAnswer) implements AutoCloseable {

    private static final Duration START_LIMIT = Duration.ofSeconds(30);

    /** Starts every command pinned to {@code core} and waits until a request is answered with 200. */
    static Peer start(String name, int port, int core, Path log, List<List<String>> commands) {
        return start(name, port, core, log, commands, Peer::answers);
    }

    /** The same, until somebody listens: for a server that does not speak HTTP/1. */
    static Peer listening(String name, int port, int core, Path log, List<String> command) {
        return start(name, port, core, log, List.of(command), Peer::listens);
    }

    private static Peer start(
            String name, int port, int core, Path log, List<List<String>> commands, Predicate<Peer> ready) {
        long begin = System.nanoTime();
        List<Process> processes = new ArrayList<>();
        try {
            for (List<String> command : commands) {
                processes.add(new ProcessBuilder(Machine.pinned(core, command))
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                        .start());
            }
        } catch (IOException e) {
            processes.forEach(Process::destroyForcibly);
            throw new UncheckedIOException("cannot start " + name + ": " + commands, e);
        }
        Peer peer = new Peer(name, port, processes, Duration.ZERO);
        while (!ready.test(peer)) {
            if (System.nanoTime() - begin > START_LIMIT.toNanos()
                    || processes.stream().anyMatch(p -> !p.isAlive())) {
                peer.close();
                throw new IllegalStateException(name + " gave no answer on port " + port + "; its output is in " + log);
            }
        }
        return new Peer(name, port, processes, Duration.ofNanos(System.nanoTime() - begin));
    }

    private boolean listens() {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return socket.isConnected();
        } catch (IOException notYet) {
            Thread.onSpinWait();
            return false;
        }
    }

    private boolean answers() {
        try (Socket socket = new Socket()) {
            socket.setSoTimeout(2000);
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1000);
            socket.getOutputStream()
                    .write("GET / HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n\r\n"
                            .getBytes(StandardCharsets.US_ASCII));
            return new String(socket.getInputStream().readNBytes(12), StandardCharsets.US_ASCII).equals("HTTP/1.1 200");
        } catch (IOException notYet) {
            Thread.onSpinWait();
            return false;
        }
    }

    /** User and system time of all processes so far, in microseconds. */
    long cpuMicros() {
        return processes.stream().mapToLong(p -> ProcFs.cpuMicros(p.pid())).sum();
    }

    Memory memory() {
        return Memory.of(processes.stream().map(Process::pid).toList());
    }

    @Override
    public void close() {
        processes.forEach(Process::destroy);
        for (Process process : processes) {
            try {
                if (!process.waitFor(Duration.ofSeconds(5))) {
                    process.destroyForcibly().waitFor();
                }
            } catch (InterruptedException e) {
                process.destroyForcibly();
                Thread.currentThread().interrupt();
            }
        }
    }
}
