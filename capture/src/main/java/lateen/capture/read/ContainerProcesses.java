package lateen.capture.read;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import lateen.capture.model.Numbers;

/** The processes of this node that run in containers, by their cgroups. What may not be seen, or has ended, is left out. */
final class ContainerProcesses {
    /**
     * One process.
     *
     * @param name of its program, as {@code comm} has it
     * @param first true for the container's first process
     */
    record Member(long pid, String name, boolean first, ContainerCgroup cgroup) {
        /** A pause process does nothing but hold the pod's network; a first process lives as long as its container. */
        static final Comparator<Member> BEST = Comparator.comparingInt((Member m) -> m.name.equals("pause") ? 0 : 1)
                .thenComparingInt(m -> m.first ? 0 : 1)
                .thenComparingLong(Member::pid);
    }

    private ContainerProcesses() {}

    /** @param proc where the kernel shows processes: {@code /proc} */
    static List<Member> of(Path proc) throws IOException {
        List<Member> members = new ArrayList<>();
        try (DirectoryStream<Path> processes = Files.newDirectoryStream(proc, "[0-9]*")) {
            for (Path process : processes) {
                member(process).ifPresent(members::add);
            }
        } catch (UncheckedIOException | DirectoryIteratorException e) {
            throw new IOException("reading " + proc + ": " + e.getMessage(), e);
        }
        return members;
    }

    private static Optional<Member> member(Path process) {
        try {
            long pid = Numbers.parseLong(process.getFileName().toString(), 1, Integer.MAX_VALUE);
            Optional<ContainerCgroup> cgroup = ContainerCgroup.read(text(process.resolve("cgroup")));
            if (pid < 0 || cgroup.isEmpty()) {
                return Optional.empty();
            }
            String status = text(process.resolve("status"));
            // What has ended and is not fetched yet has no network any more.
            return line(status, "State:").strip().startsWith("Z")
                    ? Optional.empty()
                    : Optional.of(new Member(
                            pid,
                            text(process.resolve("comm")).strip(),
                            line(status, "NSpid:").endsWith("\t1"),
                            cgroup.get()));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private static String line(String status, String name) {
        return status.lines()
                .filter(l -> l.startsWith(name))
                .map(l -> l.substring(name.length()))
                .findFirst()
                .orElse("");
    }

    private static String text(Path file) throws IOException {
        try (InputStream stream = Files.newInputStream(file)) {
            return new String(stream.readNBytes(ContainerCgroup.MAX_TEXT), StandardCharsets.UTF_8);
        }
    }
}
