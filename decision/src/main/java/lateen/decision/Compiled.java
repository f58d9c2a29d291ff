package lateen.decision;

/**
 * The outcome of compiling configuration in which two parts may claim the same traffic.
 *
 * @param <T> the program
 */
public sealed interface Compiled<T> {

    record Ready<T>(T program) implements Compiled<T> {}

    /**
     * Nothing was compiled.
     *
     * @param message the two rivals by name, what both claim, and what to do
     */
    record Conflict<T>(String first, String second, String message) implements Compiled<T> {}
}
