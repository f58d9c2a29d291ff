package lateen.control;

import java.util.List;
import java.util.stream.Collectors;
import lateen.control.source.Problem;

/** The configuration is wrong and there is none that was good before; the message has a line for each problem. */
public final class ConfigRefused extends Exception {

    private final transient List<Problem> problems;

    ConfigRefused(List<Problem> problems) {
        super("the configuration has " + problems.size() + (problems.size() == 1 ? " problem" : " problems") + ":\n"
                + problems.stream().map(Problem::toString).collect(Collectors.joining("\n")));
        this.problems = List.copyOf(problems);
    }

    public List<Problem> problems() {
        return problems;
    }
}
