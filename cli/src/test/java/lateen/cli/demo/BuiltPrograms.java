package lateen.cli.demo;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;

/** A distribution made of this test's own class path, so that the demonstration runs on exactly what was compiled. */
public final class BuiltPrograms {
    private BuiltPrograms() {}

    public static void into(Path home) throws IOException {
        Path lib = Files.createDirectories(home.resolve("dist/lib"));
        Path scripts = Files.createDirectories(home.resolve("scripts"));
        try (Stream<Path> files = Files.list(Path.of("../scripts"))) {
            // Not a link: whoever runs these may not be able to reach the checkout.
            for (Path file : files.toList()) {
                Files.copy(file, scripts.resolve(file.getFileName()));
            }
        }
        List<String> names = new ArrayList<>();
        for (String entry : System.getProperty("java.class.path").split(":")) {
            Path from = Path.of(entry);
            if (from.endsWith("test-classes") || !Files.exists(from)) {
                continue;
            }
            String name =
                    Files.isDirectory(from) ? ownName(from) : from.getFileName().toString();
            if (Files.isDirectory(from)) {
                jar(from, lib.resolve(name));
            } else {
                Files.copy(from, lib.resolve(name));
            }
            names.add(name);
        }
        for (String list : List.of("full", "sidecar")) {
            Files.write(home.resolve("dist/" + list + ".cp"), names);
        }
    }

    /** For {@code …/MODULE/target/classes}. */
    private static String ownName(Path classes) {
        String module = classes.getParent().getParent().getFileName().toString();
        return (module.equals("shop") ? "lateen-sample-" : "lateen-") + module + ".jar";
    }

    private static void jar(Path classes, Path to) throws IOException {
        try (OutputStream file = Files.newOutputStream(to);
                JarOutputStream jar = new JarOutputStream(file);
                Stream<Path> files = Files.walk(classes)) {
            for (Path one : files.filter(Files::isRegularFile).toList()) {
                jar.putNextEntry(new JarEntry(classes.relativize(one).toString()));
                Files.copy(one, jar);
            }
        }
    }
}
