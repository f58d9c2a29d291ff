package lateen.control.source;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** The YAML files directly in one directory ({@code *.yaml}, {@code *.yml}; hidden files are left out). */
public final class ConfigDirectory {

    private final Path directory;

    public ConfigDirectory(Path directory) {
        this.directory = directory;
    }

    Path path() {
        return directory;
    }

    /**
     * Reads all files, ordered by name. One that cannot be read is among them, with the reason.
     *
     * @throws IOException naming the path, when the directory cannot be listed or a file went meanwhile
     */
    public List<SourceFile> read() throws IOException {
        List<SourceFile> files = new ArrayList<>();
        for (Path file : files()) {
            files.add(read(file));
        }
        return files;
    }

    private static SourceFile read(Path file) throws IOException {
        String name = file.getFileName().toString();
        try (InputStream in = Files.newInputStream(file)) {
            // One byte more than allowed is enough for the parser to see that there is too much.
            return new SourceFile(name, in.readNBytes(ConfigParser.MAX_FILE_BYTES + 1));
        } catch (NoSuchFileException e) {
            throw e;
        } catch (IOException e) {
            return new SourceFile(name, new byte[0], e.toString());
        }
    }

    /** Changes when a file appears, goes, is replaced or is written; cheap enough to ask every second. */
    String fingerprint() throws IOException {
        StringBuilder out = new StringBuilder();
        for (Path file : files()) {
            BasicFileAttributes facts = Files.readAttributes(file, BasicFileAttributes.class);
            out.append(file.getFileName())
                    .append(' ')
                    .append(facts.size())
                    .append(' ')
                    .append(facts.lastModifiedTime())
                    .append(' ')
                    .append(facts.fileKey())
                    .append('\n');
        }
        return out.toString();
    }

    /** Directories in which a change of the files, or of a link that leads to them, can happen. */
    Set<Path> places() throws IOException {
        Set<Path> places = new HashSet<>();
        places.add(directory.toRealPath());
        if (Files.isSymbolicLink(directory)) {
            places.add(parent(directory.toAbsolutePath()));
        }
        for (Path file : files()) {
            if (Files.isSymbolicLink(file)) {
                places.add(parent(file.toRealPath()));
            }
        }
        return places;
    }

    private static Path parent(Path path) {
        Path parent = path.getParent();
        return parent == null ? path : parent;
    }

    private List<Path> files() throws IOException {
        List<Path> files = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
            for (Path entry : entries) {
                String name = entry.getFileName().toString();
                boolean yaml = name.endsWith(".yaml") || name.endsWith(".yml");
                if (yaml && !name.startsWith(".") && Files.isRegularFile(entry)) {
                    files.add(entry);
                }
            }
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        files.sort(Comparator.comparing(f -> f.getFileName().toString()));
        return files;
    }
}
