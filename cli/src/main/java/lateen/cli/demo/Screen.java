package lateen.cli.demo;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What the steps print, and what of it did not hold. Owned by the demo's one thread. */
final class Screen {
    private final PrintStream out;
    private final Map<Integer, String> titles = new TreeMap<>();
    private final Map<Integer, List<String>> failures = new TreeMap<>();
    private int number;

    Screen(PrintStream out) {
        this.out = out;
    }

    void step(int number, String title) {
        this.number = number;
        titles.put(number, title);
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
            String line = oneLine(otherwise);
            out.println("    ✘ " + line);
            failures.computeIfAbsent(number, _ -> new ArrayList<>()).add(line);
        }
        return condition;
    }

    /** How many there were. */
    int steps() {
        return titles.size();
    }

    boolean held(int number) {
        return !failures.containsKey(number);
    }

    /** One line for each step that did not hold: its number, its title, and what was first found wrong. */
    List<String> failed() {
        List<String> lines = new ArrayList<>();
        failures.forEach((number, found) -> lines.add("step " + number + ", " + titles.get(number) + ": "
                + found.getFirst() + (found.size() > 1 ? " (and " + (found.size() - 1) + " more)" : "")));
        return lines;
    }

    /** What a program said may have several lines, of which the first says enough here. */
    static String oneLine(String text) {
        return text.strip().replaceAll("\\s*\\R\\s*", " | ");
    }
}
