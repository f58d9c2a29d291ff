package lateen.capture.command;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import lateen.capture.model.Numbers;
import lateen.capture.plan.InvalidOptionException;

/** The words of a command line: flags with a value, switches, and the rest in order. Each flag at most once. */
final class Arguments {
    private final Map<String, String> flags = new HashMap<>();
    private final List<String> rest = new ArrayList<>();

    private Arguments() {}

    /**
     * @param valued flags that take a value, after a blank or an equals sign
     * @param switches flags that take none
     */
    static Arguments parse(List<String> args, Set<String> valued, Set<String> switches) throws InvalidOptionException {
        Arguments read = new Arguments();
        for (int i = 0; i < args.size(); i++) {
            String arg = args.get(i);
            int equals = arg.startsWith("--") ? arg.indexOf('=') : -1;
            String flag = equals < 0 ? arg : arg.substring(0, equals);
            if (valued.contains(flag)) {
                String value = equals >= 0 ? arg.substring(equals + 1) : ++i < args.size() ? args.get(i) : "";
                if (value.isEmpty() || (equals < 0 && value.startsWith("--"))) {
                    throw new InvalidOptionException(flag, value, "a value");
                }
                read.put(flag, value);
            } else if (switches.contains(arg)) {
                read.put(arg, "");
            } else if (arg.startsWith("-") && arg.length() > 1) {
                List<String> known = new ArrayList<>(valued);
                known.addAll(switches);
                throw new InvalidOptionException(
                        "argument",
                        arg,
                        "one of " + String.join(" ", known.stream().sorted().toList()));
            } else {
                read.rest.add(arg);
            }
        }
        return read;
    }

    private void put(String flag, String value) throws InvalidOptionException {
        if (flags.put(flag, value) != null) {
            throw new InvalidOptionException(flag, value, "given once");
        }
    }

    boolean has(String flag) {
        return flags.containsKey(flag);
    }

    Optional<String> value(String flag) {
        return Optional.ofNullable(flags.get(flag));
    }

    /** A number, or the default without the flag. */
    long number(String flag, long low, long high, long absent) throws InvalidOptionException {
        String text = flags.get(flag);
        if (text == null) {
            return absent;
        }
        long value = Numbers.parseLong(text, low, high);
        if (value < 0) {
            throw new InvalidOptionException(flag, text, low + ".." + high);
        }
        return value;
    }

    /** What is no flag. */
    List<String> rest() {
        return rest;
    }
}
