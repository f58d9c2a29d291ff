package lateen.capture;

import java.io.IOException;

/** Rules could not be read, written or removed: the message says what, why, and what to do. */
public final class CaptureException extends Exception {
    private static final long serialVersionUID = 1L;

    CaptureException(String message) {
        super(message);
    }

    CaptureException(IOException cause) {
        super(String.valueOf(cause.getMessage()), cause);
    }

    CaptureException(String message, Throwable cause) {
        super(message, cause);
    }
}
