package lateen.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * Runs chapters and writes their tables and raw output, or judges the gate ({@code gate} instead of chapters).
 *
 * <p>Arguments: Envoy's binary, the work folder (certificates are there already; {@code table.md} and {@code raw/CHAPTER.txt} come
 * there), the project's folder, rounds, seconds a round, seconds of warm-up, chapters (none: all). Exits 1 with the reason when any
 * run had a failed request, or the gate is shut.
 */
public final class Bench {

    private static final int FIXED_ARGUMENTS = 6;

    private Bench() {}

    public static void main(String[] arguments) throws IOException {
        if (arguments.length < FIXED_ARGUMENTS) {
            throw new IllegalArgumentException("expected: ENVOY WORK PROJECT ROUNDS SECONDS WARMUP [CHAPTER …], got "
                    + arguments.length + " arguments");
        }
        Machine machine = new Machine(Path.of(arguments[0]), Path.of(arguments[1]), Path.of(arguments[2]));
        Effort effort = new Effort(
                Integer.parseInt(arguments[3]), Integer.parseInt(arguments[4]), Integer.parseInt(arguments[5]));
        List<String> names = Arrays.asList(arguments).subList(FIXED_ARGUMENTS, arguments.length);
        if (names.equals(List.of("gate"))) {
            List<String> violations = new Gate(machine).run();
            violations.forEach(violation -> System.err.println("bench: " + violation));
            System.exit(violations.isEmpty() ? 0 : 1);
        }
        Chapters chapters = new Chapters(machine, effort);
        Path raw = Files.createDirectories(machine.work().resolve("raw"));
        StringBuilder table = new StringBuilder();
        for (String name : names.isEmpty() ? chapters.names() : names) {
            Report report = chapters.run(name);
            table.append(report.table());
            System.out.print(report.table());
            // The work folder is another one each time.
            Files.writeString(
                    raw.resolve(name + ".txt"),
                    report.raw().replace(machine.work().toString(), "WORK"));
        }
        Files.writeString(machine.work().resolve("table.md"), table);
    }
}
