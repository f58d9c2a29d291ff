package lateen.cli.sidecar;

import java.io.Serial;

/** A command line that is not understood; says what was expected. */
final class WrongArguments extends RuntimeException {

    @Serial
    private static final long serialVersionUID = 1;

    WrongArguments(String message) {
        super(message, null, false, false);
    }
}
