package lateen.capture.plan;

/** A flag or an environment variable cannot be used: the message names it, its value, and what was expected. */
public final class InvalidOptionException extends Exception {
    private static final long serialVersionUID = 1L;

    /** @param value as it was given; control characters are replaced, and long texts cut */
    public InvalidOptionException(String name, String value, String expected) {
        super(name + ": \"" + printable(value) + "\" (expected: " + expected + ")");
    }

    InvalidOptionException(String message) {
        super(message);
    }

    // Whatever came in on the command line must not drive the terminal of who reads the message.
    private static String printable(String value) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < Math.min(value.length(), 200); i++) {
            char c = value.charAt(i);
            text.append(Character.isISOControl(c) ? '?' : c);
        }
        return value.length() > 200 ? text + "…" : text.toString();
    }
}
