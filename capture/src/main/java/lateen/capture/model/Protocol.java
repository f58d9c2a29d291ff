package lateen.capture.model;

import java.util.Locale;

/** The transports that capture knows; everything else passes untouched. */
public enum Protocol {
    TCP,
    UDP;

    /** The name as rules have it. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }
}
