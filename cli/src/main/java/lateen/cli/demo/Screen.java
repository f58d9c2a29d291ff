package lateen.cli.demo;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;

/** What the steps print, and what of it did not hold. Owned by the demo's one thread. */
final class Screen {
    private final PrintStream out;
    private final List<String> failures = new ArrayList<>();
    private String step = "";
    private int number;

    Screen(PrintStream out) {
        this.out = out;
    }

    void step(int number, String title) {
        this.number = number;
        this.step = title;
        out.println();
        out.println(" " + number + "  " + title);
    }

    void say(String line) {
        out.println("      " + line);
    }

    void plain(String line) {
        out.println(line);
    }

    /** Notes a failure of the current step unless the condition holds. */
    boolean expect(boolean condition, String otherwise) {
        if (!condition) {
            out.println("    ✘ " + otherwise);
            failures.add("step " + number + " (" + step + "): " + otherwise);
        }
        return condition;
    }

    List<String> failures() {
        return List.copyOf(failures);
    }

    boolean held(int number) {
        return failures.stream().noneMatch(failure -> failure.startsWith("step " + number + " "));
    }
}
