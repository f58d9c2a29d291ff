package lateen.local;

import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes back what a run created. Goes on after a failure; what could not be removed is logged and returned. */
final class Removal {
    private static final Logger LOG = LoggerFactory.getLogger(Removal.class);
    private static final Duration KILL_LIMIT = Duration.ofSeconds(5);

    private final List<String> failures = new ArrayList<>();

    private Removal() {}

    /** Removes all, processes first; returns what is left, in words. */
    static List<String> of(List<Created> created) {
        Removal removal = new Removal();
        removal.processes(created);
        for (Created one : created.reversed()) {
            try {
                removal.remove(one);
            } catch (IOException e) {
                LOG.warn("could not remove {}: {}", one.line(), e.getMessage());
                removal.failures.add(one.line() + ": " + e.getMessage());
            }
        }
        return removal.failures;
    }

    private void processes(List<Created> created) {
        List<ProcessStamp> doomed = new ArrayList<>();
        for (Created one : created) {
            switch (one) {
                case Created.Child(ProcessStamp process) -> doomed.add(process);
                case Created.NetworkNamespace(String name) -> doomed.addAll(inside(name));
                case Created.Folder _, Created.SharedFolder _ -> {}
            }
        }
        doomed.forEach(ProcessStamp::kill);
        long deadline = System.nanoTime() + KILL_LIMIT.toNanos();
        while (doomed.stream().anyMatch(ProcessStamp::alive)) {
            if (System.nanoTime() > deadline) {
                failures.add("processes still alive: "
                        + doomed.stream().filter(ProcessStamp::alive).toList());
                return;
            }
            LockSupport.parkNanos(2_000_000);
        }
    }

    private static List<ProcessStamp> inside(String namespace) {
        List<ProcessStamp> found = new ArrayList<>();
        if (!Files.exists(Namespace.file(namespace))) {
            return found;
        }
        try {
            for (String pid :
                    Command.check("", "ip", "netns", "pids", namespace).split("\\s+")) {
                if (!pid.isEmpty()
                        && Long.parseLong(pid) != ProcessHandle.current().pid()) {
                    long id = Long.parseLong(pid);
                    ProcessStamp.started(id).ifPresent(started -> found.add(new ProcessStamp(id, started)));
                }
            }
        } catch (IOException e) {
            LOG.warn("processes of namespace {}: {}", namespace, e.getMessage());
        }
        return found;
    }

    private void remove(Created one) throws IOException {
        switch (one) {
            case Created.NetworkNamespace(String name) -> {
                if (Files.exists(Namespace.file(name))) {
                    Command.check("", "ip", "netns", "del", name);
                }
            }
            case Created.Child _ -> {}
            case Created.Folder(Path path) -> deleteTree(path);
            case Created.SharedFolder(Path path) -> deleteIfEmpty(path);
        }
    }

    static void deleteIfEmpty(Path folder) throws IOException {
        try {
            Files.deleteIfExists(folder);
        } catch (DirectoryNotEmptyException e) {
            // Somebody else's files live here: theirs to remove.
        }
    }

    static void deleteTree(Path root) throws IOException {
        if (!Files.exists(root, java.nio.file.LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        Files.walkFileTree(root, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.deleteIfExists(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
                if (e instanceof NoSuchFileException) {
                    return FileVisitResult.CONTINUE;
                }
                throw e;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path folder, @Nullable IOException e) throws IOException {
                if (e != null) {
                    throw e;
                }
                Files.deleteIfExists(folder);
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
