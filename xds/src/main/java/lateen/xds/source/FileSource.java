package lateen.xds.source;

import io.envoyproxy.envoy.service.discovery.v3.DiscoveryResponse;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import lateen.xds.ResourceType;
import lateen.xds.text.Problem;
import lateen.xds.text.TextForm;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A watched file that holds a {@code DiscoveryResponse} in YAML or JSON.
 *
 * <p>Envoy reads it again when another is moved into its place, or into the watched directory. Here any change in these
 * directories is looked at, and a file that is being written, so that it does not parse, is left until it does: what was
 * read before stays.
 */
public final class FileSource implements Source {

    private static final Logger LOG = LoggerFactory.getLogger(FileSource.class);
    /** Changes that no event tells of: a directory that itself was replaced, a file system without events. */
    private static final long LOOK_ANYWAY_SECONDS = 5;

    private final SourceRef.Files files;
    private final SourceEvents events;
    private final ClientThread thread;
    private final Map<ResourceType, Wanted> wanted = new EnumMap<>(ResourceType.class);
    private final WatchService watch;
    private @Nullable DiscoveryResponse content;
    private String complaint = "";
    private boolean closed;

    private record Wanted(Set<String> names, boolean wildcard) {}

    /** @param thread the client's */
    public FileSource(SourceRef.Files files, SourceEvents events, ClientThread thread) {
        this.files = files;
        this.events = events;
        this.thread = thread;
        try {
            this.watch = FileSystems.getDefault().newWatchService();
        } catch (IOException e) {
            throw new UncheckedIOException("files cannot be watched", e);
        }
    }

    @Override
    public void start() {
        Thread.ofPlatform().name("xds-file").daemon().start(this::watch);
    }

    @Override
    public void want(ResourceType type, Set<String> names, boolean wildcard) {
        Wanted now = new Wanted(Set.copyOf(names), wildcard);
        if (!now.equals(wanted.put(type, now)) && content != null) {
            // Not from within the call: the client is about to tell what else it wants.
            thread.run(() -> deliver(type));
        }
    }

    @Override
    public void reconnect(String reason) {
        // There is no connection.
    }

    @Override
    public void close() {
        closed = true;
        try {
            watch.close();
        } catch (IOException e) {
            LOG.debug("closing a watch", e);
        }
    }

    private void watch() {
        try {
            while (true) {
                register();
                read();
                WatchKey key = watch.poll(LOOK_ANYWAY_SECONDS, TimeUnit.SECONDS);
                if (key != null) {
                    key.pollEvents();
                    key.reset();
                }
            }
        } catch (ClosedWatchServiceException closed) {
            LOG.debug("{} is not watched any more", files.path());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Again each time: a directory may have been replaced; for one that was not this changes nothing. */
    private void register() {
        Set<Path> directories = new LinkedHashSet<>();
        directories.add(
                String.valueOf(files.path().toAbsolutePath().getParent()).isEmpty()
                        ? Path.of("/")
                        : files.path().toAbsolutePath().getParent());
        if (files.watched() != null) {
            directories.add(files.watched());
        }
        for (Path directory : directories) {
            try {
                var _ = directory.register(
                        watch,
                        StandardWatchEventKinds.ENTRY_CREATE,
                        StandardWatchEventKinds.ENTRY_MODIFY,
                        StandardWatchEventKinds.ENTRY_DELETE);
            } catch (IOException e) {
                LOG.debug("{} cannot be watched: {}", directory, e.toString());
            }
        }
    }

    private void read() {
        DiscoveryResponse.Builder response = DiscoveryResponse.newBuilder();
        List<Problem> problems = new ArrayList<>();
        try {
            if (!Files.exists(files.path())) {
                problems.add(new Problem(files.path().toString(), 0, "", "no such file"));
            } else {
                var _ = TextForm.read(files.path(), response, problems);
            }
        } catch (IOException e) {
            problems.add(new Problem(files.path().toString(), 0, "", "cannot be read: " + e));
        }
        DiscoveryResponse read = response.build();
        thread.run(() -> {
            if (problems.isEmpty()) {
                arrived(read);
            } else {
                complain(problems);
            }
        });
    }

    private void complain(List<Problem> problems) {
        String all = String.join("; ", problems.stream().map(Problem::toString).toList());
        if (!all.equals(complaint)) {
            complaint = all;
            LOG.warn("not read, what was read before stays: {}", all);
            events.disconnected(all);
        }
    }

    private void arrived(DiscoveryResponse read) {
        complaint = "";
        if (!read.equals(content)) {
            content = read;
            Set.copyOf(wanted.keySet()).forEach(this::deliver);
        }
    }

    private void deliver(ResourceType type) {
        DiscoveryResponse now = content;
        if (closed) {
            return;
        }
        Wanted names = wanted.get(type);
        if (now == null || names == null) {
            return;
        }
        Update all = StateDialect.read(type, now.getVersionInfo(), now.getResourcesList());
        List<Update.Item> items = all.items().stream()
                .filter(item -> names.wildcard || names.names.contains(item.name()))
                .toList();
        String refusal = events.received(new Update(type, all.version(), items, List.of(), all.whole()));
        if (refusal != null) {
            LOG.warn("{}: {}", files.path(), refusal);
        }
        events.answered();
    }
}
