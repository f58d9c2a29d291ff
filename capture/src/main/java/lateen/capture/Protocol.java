package lateen.capture;

import java.util.Locale;

/** The transports that capture knows; everything else passes untouched. */
public enum Protocol {
    TCP,
    UDP;

    String text() {
        return name().toLowerCase(Locale.ROOT);
    }
}
