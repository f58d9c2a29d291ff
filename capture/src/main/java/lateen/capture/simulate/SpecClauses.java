package lateen.capture.simulate;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import lateen.capture.model.Clause;
import lateen.capture.model.IpFamily;

/**
 * The text of any rule of {@code iptables-save} as clauses (iptables-extensions(8)). What is not understood becomes an
 * unknown condition or action; no text makes it fail.
 */
final class SpecClauses {
    private static final int MAX_WORDS = 400;

    private final IpFamily family;
    private final SpecWords words;
    private final SpecConditions conditions;
    private final List<Clause> clauses = new ArrayList<>();

    private SpecClauses(IpFamily family, SpecWords words) {
        this.family = family;
        this.words = words;
        this.conditions = new SpecConditions(family, words);
    }

    static List<Clause> of(IpFamily family, String spec) {
        SpecWords words = new SpecWords(spec);
        if (words.size() > MAX_WORDS) {
            return List.of(
                    new Clause.UnknownCondition(spec),
                    new Clause.UnknownAction("a rule of " + words.size() + " words"));
        }
        SpecClauses reader = new SpecClauses(family, words);
        reader.read();
        return reader.clauses;
    }

    private void read() {
        while (!words.atEnd()) {
            int begin = words.place();
            boolean not = words.take("!");
            String word = words.next();
            switch (word) {
                case "-m" -> conditions.module(words.next());
                case "-g" -> {
                    clauses.add(forGood(words.next()));
                    return;
                }
                case "-j" -> {
                    clauses.add(SpecTargets.of(family, words, words.next()));
                    return;
                }
                default -> {
                    Optional<Clause> condition = conditions.condition(word, not);
                    if (condition.isEmpty()) {
                        words.back(begin + (not ? 2 : 1));
                        words.skipValues();
                        condition = Optional.of(unknown(words.since(begin)));
                    }
                    add(condition.get());
                }
            }
        }
    }

    private Clause forGood(String chain) {
        int begin = words.place();
        if (words.atEnd()) {
            return new Clause.Jump(chain, true);
        }
        words.skipAll();
        return new Clause.UnknownAction("-g " + chain + " " + words.since(begin));
    }

    /** Options of one match that are not known are one condition. */
    private void add(Clause condition) {
        String begin = "-m " + conditions.module() + " ";
        if (condition instanceof Clause.UnknownCondition(String text)
                && !clauses.isEmpty()
                && clauses.getLast() instanceof Clause.UnknownCondition(String before)
                && !conditions.module().isEmpty()
                && before.startsWith(begin)
                && text.startsWith(begin)) {
            clauses.set(clauses.size() - 1, new Clause.UnknownCondition(before + text.substring(begin.length() - 1)));
        } else {
            clauses.add(condition);
        }
    }

    /** An option that is not known, with all words up to the next option: {@code -m statistic --mode random …}. */
    private Clause unknown(String option) {
        return new Clause.UnknownCondition(
                (conditions.module().isEmpty() ? "" : "-m " + conditions.module() + " ") + option);
    }
}
