package lateen.proxy.accesslog;

/** One compiled command operator. Stateless, so far as the log thread is concerned. */
interface Operator {

    /** Writes the value; false: there is none, and nothing was written. */
    boolean write(LogEntry entry, LogBuffer out);

    /** Whether JSON has the value as a number. */
    default boolean numeric() {
        return false;
    }

    /** A number; never missing. */
    @FunctionalInterface
    interface OfNumber extends Operator {
        long value(LogEntry entry);

        @Override
        default boolean write(LogEntry entry, LogBuffer out) {
            out.number(value(entry));
            return true;
        }

        @Override
        default boolean numeric() {
            return true;
        }
    }
}
