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

    /** Everything from here on belongs to this chapter. */
    void begin(Chapter chapter) {
        number = chapter.number();
    }

    void title(String title) {
        titles.put(number, title);
        out.println();
        out.println(String.format("%2d  %s", number, title));
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

    boolean held(Chapter chapter) {
        return !failures.containsKey(chapter.number());
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
