package lateen.capture.read;

/** Output of {@code iptables-save} that cannot be read: the message names the line and what was expected. */
public final class RuleFormatException extends Exception {
    private static final long serialVersionUID = 1L;

    RuleFormatException(int line, String what) {
        super("iptables-save, line " + line + ": " + what);
    }
}
