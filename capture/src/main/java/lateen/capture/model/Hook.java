package lateen.capture.model;

import java.util.Locale;
import java.util.Optional;

/** The five places where the kernel calls rules, under iptables' names of their chains. */
public enum Hook {
    PREROUTING,
    INPUT,
    FORWARD,
    OUTPUT,
    POSTROUTING;

    /** The hook of this name, in iptables' capitals or nft's small letters; empty for those that packets here never meet. */
    public static Optional<Hook> of(String name) {
        for (Hook hook : values()) {
            if (hook.name().equals(name.toUpperCase(Locale.ROOT))) {
                return Optional.of(hook);
            }
        }
        return Optional.empty();
    }
}
