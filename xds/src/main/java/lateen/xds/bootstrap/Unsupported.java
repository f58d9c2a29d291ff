package lateen.xds.bootstrap;

import java.io.Serial;

/** Leaves a message from any depth; never leaves this package. */
final class Unsupported extends RuntimeException {

    @Serial
    private static final long serialVersionUID = 1;

    private final String path;
    private final String reason;

    /** @param path of the field, within the message that is being read */
    Unsupported(String path, String reason) {
        super(path + ": " + reason, null, false, false);
        this.path = path;
        this.reason = reason;
    }

    String path() {
        return path;
    }

    String reason() {
        return reason;
    }
}
