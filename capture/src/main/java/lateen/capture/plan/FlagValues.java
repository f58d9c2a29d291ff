package lateen.capture.plan;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The text given for each flag, before anything is made of it. Syntax: GNU long and short forms, as Go's pflag reads them. */
final class FlagValues {
    private static final Set<String> TRUE = Set.of("1", "t", "T", "true", "TRUE", "True");
    private static final Set<String> FALSE = Set.of("0", "f", "F", "false", "FALSE", "False");

    private final Map<Flag, String> values = new EnumMap<>(Flag.class);
    private final Map<Flag, String> origins = new EnumMap<>(Flag.class);

    private FlagValues() {}

    static FlagValues parse(List<String> args, Map<String, String> env) throws InvalidOptionException {
        FlagValues result = new FlagValues();
        for (Flag flag : Flag.values()) {
            for (String name : flag.environment()) {
                String value = env.getOrDefault(name, "");
                if (!value.isEmpty()) {
                    result.values.put(flag, value);
                    result.origins.put(flag, "$" + name);
                    break;
                }
            }
        }
        Deque<String> rest = new ArrayDeque<>(args);
        while (!rest.isEmpty()) {
            result.take(rest.pop(), rest);
        }
        return result;
    }

    private void take(String arg, Deque<String> rest) throws InvalidOptionException {
        if (arg.startsWith("--") && arg.length() > 2) {
            int equals = arg.indexOf('=');
            String name = equals < 0 ? arg.substring(2) : arg.substring(2, equals);
            Flag flag = find(name, false, arg);
            put(flag, equals < 0 ? following(flag, rest) : arg.substring(equals + 1));
        } else if (arg.startsWith("-") && arg.length() > 1 && !arg.equals("--")) {
            Flag flag = find(arg.substring(1, 2), true, arg);
            String attached = arg.substring(2);
            if (attached.isEmpty()) {
                put(flag, following(flag, rest));
            } else if (flag.kind == Flag.Kind.SWITCH && !attached.startsWith("=")) {
                put(flag, "true");
                take("-" + attached, rest);
            } else {
                put(flag, attached.startsWith("=") ? attached.substring(1) : attached);
            }
        } else {
            throw new InvalidOptionException("argument", arg, "flags only; see --help");
        }
    }

    private static Flag find(String name, boolean brief, String arg) throws InvalidOptionException {
        for (Flag flag : Flag.values()) {
            if (name.equals(brief ? flag.shortName : flag.longName) && !name.isEmpty()) {
                return flag;
            }
        }
        throw new InvalidOptionException("flag", arg, "one that --help lists");
    }

    private static String following(Flag flag, Deque<String> rest) throws InvalidOptionException {
        if (flag.kind == Flag.Kind.SWITCH) {
            return "true";
        }
        if (rest.isEmpty()) {
            throw new InvalidOptionException(flag.display(), "", "a value after the flag");
        }
        // Flags that were quoted away by a shell leave a name without a value; the next flag is not that value.
        String value = rest.pop();
        if (value.length() > 1 && value.startsWith("-")) {
            throw new InvalidOptionException(
                    flag.display(), value, "a value after the flag; an empty one is '' or --" + flag.longName + "=");
        }
        return value;
    }

    private void put(Flag flag, String value) {
        values.put(flag, value);
        origins.put(flag, flag.display());
    }

    String text(Flag flag) {
        return values.getOrDefault(flag, flag.defaultValue).strip();
    }

    boolean on(Flag flag) throws InvalidOptionException {
        String text = text(flag);
        if (TRUE.contains(text)) {
            return true;
        }
        if (FALSE.contains(text)) {
            return false;
        }
        throw invalid(flag, text, "true or false");
    }

    /** An error that names where the value came from: the flag, or the environment variable. */
    InvalidOptionException invalid(Flag flag, String value, String expected) {
        String origin = origins.getOrDefault(flag, flag.display());
        String name = origin.startsWith("$") ? origin + " (for " + flag.display() + ")" : origin;
        return new InvalidOptionException(name, value, expected);
    }
}
