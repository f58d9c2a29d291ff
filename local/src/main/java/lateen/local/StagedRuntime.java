package lateen.local;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Copies of what the mesh's users run, in the run's folder: a checkout, or a JDK below somebody's home, may be closed to
 * them. Not safe for use by several threads, but for {@link #applications}.
 */
public final class StagedRuntime {
    private final Path lib;
    private final Path scratch;
    private final Path java;
    private @Nullable Path applications; // guarded by this

    private StagedRuntime(Path lib, Path scratch, Path java) {
        this.lib = lib;
        this.scratch = scratch;
        this.java = java;
    }

    static StagedRuntime create(RunDirectory run) throws IOException {
        Path home = Path.of(System.getProperty("java.home")).toRealPath();
        return new StagedRuntime(
                run.folder("lib"), run.scratch(), open(home, run.scratch().resolve("java")));
    }

    /** A runtime, or a copy of it, that every user may run. */
    private static Path open(Path home, Path copy) throws IOException {
        return openToAll(home) ? home : copyRuntime(home, copy);
    }

    /** The launcher of a Java runtime that every user may run. */
    public Path java() {
        return java.resolve("bin/java");
    }

    /**
     * The folder of {@code java} for applications: of the JDK that system property {@code lateen.jdk} names, with its
     * compiler for programs of a single source file; else of the runtime that all here run on.
     */
    synchronized Path applications() throws IOException {
        Path known = applications;
        if (known == null) {
            String jdk = System.getProperty("lateen.jdk", "");
            known = (jdk.isEmpty() ? java : open(Path.of(jdk).toRealPath(), scratch.resolve("jdk"))).resolve("bin");
            applications = known;
        }
        return known;
    }

    /** Stages jars and returns them as a class path. */
    public String classPath(List<Path> jars) throws IOException {
        List<Path> staged = new ArrayList<>();
        for (Path jar : jars) {
            staged.add(stage(jar));
        }
        return staged.stream().map(Path::toString).collect(Collectors.joining(":"));
    }

    /** Stages one file. Its time stamp stays: a start-up archive checks those of the jars it was made from. */
    Path stage(Path file) throws IOException {
        Path copy = lib.resolve(file.getFileName().toString());
        if (!Files.exists(copy)) {
            Files.copy(file, copy, StandardCopyOption.COPY_ATTRIBUTES);
            Files.setPosixFilePermissions(copy, PosixFilePermissions.fromString("rw-r--r--"));
        }
        return copy;
    }

    /**
     * Stages a program. Its users may run it and not read it: the kernel then lets none of them look into its memory,
     * where a private key may be (ptrace(2), PR_SET_DUMPABLE).
     */
    Path stageProgram(Path file) throws IOException {
        Path copy = scratch.resolve(file.getFileName().toString());
        if (!Files.exists(copy)) {
            Files.copy(file, copy);
            Files.setPosixFilePermissions(copy, PosixFilePermissions.fromString("rwx--x--x"));
        }
        return copy;
    }

    /** Whether any user may run this runtime where it is. */
    static boolean openToAll(Path home) throws IOException {
        for (Path folder = home; folder != null; folder = folder.getParent()) {
            if (!allows(folder, PosixFilePermission.OTHERS_EXECUTE)) {
                return false;
            }
        }
        return allows(home.resolve("bin/java"), PosixFilePermission.OTHERS_EXECUTE)
                && allows(home.resolve("lib/modules"), PosixFilePermission.OTHERS_READ);
    }

    private static boolean allows(Path path, PosixFilePermission what) throws IOException {
        return Files.getPosixFilePermissions(path.toRealPath()).contains(what);
    }

    /** All but what only compilers and linkers need. */
    private static Path copyRuntime(Path home, Path to) throws IOException {
        Set<Path> without = Set.of(home.resolve("jmods"), home.resolve("lib/src.zip"), home.resolve("lib/ct.sym"));
        Files.walkFileTree(home, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) throws IOException {
                if (without.contains(folder)) {
                    return FileVisitResult.SKIP_SUBTREE;
                }
                RunDirectory.openToOthers(Files.createDirectories(to.resolve(home.relativize(folder))));
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                if (!without.contains(file)) {
                    Path copy = Files.copy(file, to.resolve(home.relativize(file)));
                    Files.setPosixFilePermissions(
                            copy,
                            PosixFilePermissions.fromString(Files.isExecutable(file) ? "rwxr-xr-x" : "rw-r--r--"));
                }
                return FileVisitResult.CONTINUE;
            }
        });
        return to;
    }
}
