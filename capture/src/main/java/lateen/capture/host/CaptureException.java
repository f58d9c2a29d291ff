package lateen.capture.host;

import java.io.IOException;

/** Rules could not be read, written or removed: the message says what, why, and what to do. */
public class CaptureException extends Exception {
    private static final long serialVersionUID = 1L;

    public CaptureException(String message) {
        super(message);
    }

    public CaptureException(IOException cause) {
        super(String.valueOf(cause.getMessage()), cause);
    }

    public CaptureException(String message, Throwable cause) {
        super(message, cause);
    }
}
