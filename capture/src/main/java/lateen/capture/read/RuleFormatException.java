package lateen.capture.read;

/** Output of a program that cannot be read: the message names the place and what was expected. */
public final class RuleFormatException extends Exception {
    private static final long serialVersionUID = 1L;

    RuleFormatException(int line, String what) {
        this("iptables-save, line " + line, what);
    }

    RuleFormatException(String place, String what) {
        super(place + ": " + what);
    }
}
