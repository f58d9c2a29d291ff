package lateen.proxy.accesslog;

import org.jspecify.annotations.Nullable;

/**
 * An operator as written: {@code %NAME%}, {@code %NAME(argument)%} or {@code %NAME(argument):length%}.
 *
 * @param start its first {@code %} in the format
 * @param end after its last {@code %}
 */
record OperatorText(
        String format, int start, String name, @Nullable String argument, int max, int end) {

    static OperatorText read(String format, int start) {
        int at = start + 1;
        while (at < format.length() && nameChar(format.charAt(at))) {
            at++;
        }
        String name = format.substring(start + 1, at);
        String argument = null;
        if (at < format.length() && format.charAt(at) == '(') {
            int close = format.indexOf(')', at);
            if (close < 0) {
                throw bad(format, start, "has no ')'");
            }
            argument = format.substring(at + 1, close);
            at = close + 1;
        }
        int max = Integer.MAX_VALUE;
        if (at < format.length() && format.charAt(at) == ':') {
            int digits = ++at;
            while (at < format.length() && Character.isDigit(format.charAt(at))) {
                at++;
            }
            if (at == digits || at - digits > 9) {
                throw bad(format, start, "has no length of 1 to 9 digits after ':'");
            }
            max = Integer.parseInt(format.substring(digits, at));
        }
        if (at >= format.length() || format.charAt(at) != '%' || name.isEmpty()) {
            throw bad(
                    format,
                    start,
                    "is no operator (expected: %NAME%, %NAME(argument)%, %NAME(argument):length% or %%)");
        }
        return new OperatorText(format, start, name, argument, max, at + 1);
    }

    private static boolean nameChar(char c) {
        return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
    }

    Operator compile(Operators operators) {
        if (name.equals("TRAILER") || name.equals("GRPC_STATUS")) {
            throw bad(format.substring(0, end), start, "reads trailers, which are not kept");
        }
        try {
            Operator operator = operators.compile(name, argument, max);
            if (operator == null) {
                throw bad(format.substring(0, end), start, "is not a known access-log operator");
            }
            return operator;
        } catch (IllegalArgumentException e) {
            String problem = String.valueOf(e.getMessage());
            throw problem.startsWith("access log format") ? e : bad(format.substring(0, end), start, problem);
        }
    }

    private static IllegalArgumentException bad(String format, int start, String problem) {
        return new IllegalArgumentException(
                "access log format: '" + format.substring(start) + "' at character " + (start + 1) + " " + problem);
    }
}
