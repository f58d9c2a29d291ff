package lateen.cli.sidecar;

import java.io.IOException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets go, every few seconds, of the pages of files that only starting or compiling needed: of the start-up archive and of
 * libraries' code. What is still in use comes back with its next use, from the page cache, by a soft fault for each 64 KiB;
 * what is not stays out of this process and can be dropped by a kernel that needs memory.
 *
 * <p>Only mappings that nobody can have written: private and read-only, of the archive; private and executable, of any
 * file. {@code madvise(2)}, MADV_DONTNEED: such pages are read from their file again.
 */
final class ColdPages {

    private static final Logger LOG = LoggerFactory.getLogger(ColdPages.class);
    private static final Path MAPS = Path.of("/proc/self/maps");
    private static final int MADV_DONTNEED = 4;
    private static final Duration INTERVAL = Duration.ofSeconds(5);

    private final MethodHandle madvise;

    /** @param length bytes; both of whole pages */
    record Mapping(long address, long length) {}

    private ColdPages() {
        Linker linker = Linker.nativeLinker();
        madvise = linker.downcallHandle(
                linker.defaultLookup().findOrThrow("madvise"),
                FunctionDescriptor.of(
                        ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_LONG, ValueLayout.JAVA_INT));
    }

    /** From now until the process ends, on a thread of its own. */
    static void keepLettingGo() {
        ColdPages pages = new ColdPages();
        Thread.ofPlatform().name("lateen-pages").daemon().start(pages::run);
    }

    private void run() {
        try {
            while (true) {
                Thread.sleep(INTERVAL);
                for (Mapping mapping : droppable(Files.readAllLines(MAPS))) {
                    drop(mapping);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException | IllegalStateException e) {
            // A seccomp profile may forbid it, and all else works.
            LOG.info("pages that are not needed stay in memory", e);
        }
    }

    private void drop(Mapping mapping) {
        int result;
        try {
            result = (int)
                    madvise.invokeExact(MemorySegment.ofAddress(mapping.address()), mapping.length(), MADV_DONTNEED);
        } catch (Throwable e) {
            throw new IllegalStateException("madvise could not be called", e);
        }
        if (result != 0) {
            throw new IllegalStateException("madvise of " + mapping + ": " + result + " (expected: 0)");
        }
    }

    /** Of lines of {@code /proc/PID/maps}: {@code from-to permissions offset device inode path}. */
    static List<Mapping> droppable(List<String> maps) {
        List<Mapping> found = new ArrayList<>();
        for (String line : maps) {
            String[] words = line.split(" +", 6);
            if (words.length == 6 && isDroppable(words[1], words[5])) {
                int dash = words[0].indexOf('-');
                long from = HexFormat.fromHexDigitsToLong(words[0], 0, dash);
                long to = HexFormat.fromHexDigitsToLong(words[0], dash + 1, words[0].length());
                found.add(new Mapping(from, to - from));
            }
        }
        return found;
    }

    /** Other read-only data of libraries was written before it became read-only (relocations). */
    private static boolean isDroppable(String permissions, String path) {
        return switch (permissions) {
            case "r-xp" -> path.startsWith("/");
            case "r--p" -> path.startsWith("/") && path.endsWith(".aot");
            default -> false;
        };
    }
}
