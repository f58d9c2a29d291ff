package lateen.control;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import lateen.control.source.ConfigDocument;
import lateen.control.source.ConfigParser;
import lateen.control.source.SourceText;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The objects in force, as they were written, in a file of the state directory that only its owner may read. A control
 * plane that is started again while files are broken goes back to them, so that no sidecar loses what had been accepted.
 *
 * <p>For each document a line with its line, its length in bytes and its file, then the document, then a line break.
 * Threading: one thread writes.
 */
final class KeptConfig {

    private static final Logger LOG = LoggerFactory.getLogger(KeptConfig.class);

    private final Path file;
    private byte[] written = new byte[0];
    private boolean complete = true;

    KeptConfig(Path stateDirectory) {
        this.file = stateDirectory.resolve("config-in-force");
    }

    /** Nothing was ever in force with this state directory. */
    boolean isFirst() {
        return !Files.exists(file);
    }

    /** Whether {@link #read} gave back all that was in force. */
    boolean complete() {
        return complete;
    }

    /** Documents that no longer are good, as after a change of version, are left out and said. */
    List<ConfigDocument> read() {
        List<ConfigDocument> documents = new ArrayList<>();
        if (isFirst()) {
            return documents;
        }
        try {
            byte[] all = Files.readAllBytes(file);
            int at = 0;
            while (at < all.length) {
                Entry entry = entry(all, at);
                at = entry.end;
                ConfigDocument document = ConfigParser.parse(entry.text);
                if (document.object() == null) {
                    complete = false;
                    LOG.warn("no longer good: {} {}", document, document.errors());
                } else {
                    documents.add(document);
                }
            }
        } catch (IOException | IllegalArgumentException e) {
            complete = false;
            LOG.warn("{} is read only in part: {}", file, e.toString());
        }
        return documents;
    }

    private record Entry(SourceText text, int end) {}

    private static Entry entry(byte[] all, int start) {
        int end = start;
        while (end < all.length && all[end] != '\n') {
            end++;
        }
        String[] words = new String(all, start, end - start, StandardCharsets.UTF_8).split(" ", 3);
        int length = words.length == 3 ? Integer.parseInt(words[1]) : -1;
        if (length < 0 || length > all.length - end - 2) {
            throw new IllegalArgumentException("at byte " + start + " stands no document");
        }
        String text = new String(all, end + 1, length, StandardCharsets.UTF_8);
        return new Entry(new SourceText(words[2], Integer.parseInt(words[0]), text), end + 1 + length + 1);
    }

    void write(List<ConfigDocument> inForce) {
        byte[] now = bytes(inForce);
        if (Arrays.equals(now, written) && !isFirst()) {
            return;
        }
        try {
            Path fresh = file.resolveSibling("config-in-force.new");
            Files.deleteIfExists(fresh);
            try (SeekableByteChannel out = Files.newByteChannel(
                    fresh,
                    Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE, StandardOpenOption.SYNC),
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
                ByteBuffer rest = ByteBuffer.wrap(now);
                while (rest.hasRemaining()) {
                    out.write(rest);
                }
            }
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
            written = now;
        } catch (IOException e) {
            LOG.warn("the configuration in force is not kept, a restart would not find it: {}", e.toString());
        }
    }

    private static byte[] bytes(List<ConfigDocument> inForce) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (ConfigDocument document : inForce) {
            SourceText source = document.source();
            if (source != null) {
                byte[] text = source.text().getBytes(StandardCharsets.UTF_8);
                String head =
                        source.line() + " " + text.length + " " + source.file().replace('\n', '?') + "\n";
                out.writeBytes(head.getBytes(StandardCharsets.UTF_8));
                out.writeBytes(text);
                out.write('\n');
            }
        }
        return out.toByteArray();
    }
}
