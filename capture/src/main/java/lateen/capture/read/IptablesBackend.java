package lateen.capture.read;

import lateen.capture.host.CaptureException;
import lateen.capture.model.IpFamily;

/**
 * One of the kernel's two rule engines, as a set of commands.
 *
 * @param command name or path of the IPv4 command, like {@code iptables-nft}
 */
public record IptablesBackend(String command) {
    public static final IptablesBackend LEGACY = new IptablesBackend("iptables-legacy");
    public static final IptablesBackend NFT = new IptablesBackend("iptables-nft");
    public static final IptablesBackend PLAIN = new IptablesBackend("iptables");

    /** Reads what {@code --force-iptables-binary} takes. */
    public static IptablesBackend forced(String text) throws CaptureException {
        return switch (text) {
            case "legacy" -> LEGACY;
            case "nft" -> NFT;
            default -> {
                int slash = text.lastIndexOf('/');
                if (!text.startsWith("iptables", slash + 1)) {
                    throw new CaptureException("--force-iptables-binary: \"" + text
                            + "\" (expected: legacy, nft, or a command whose name begins with iptables)");
                }
                yield new IptablesBackend(text);
            }
        };
    }

    /** Whether it is known by its name to be the old engine; the plain command can be either. */
    public boolean isLegacy() {
        return command.endsWith("iptables-legacy");
    }

    /** The command that lists rules. */
    public String save(IpFamily family) {
        return of(family) + "-save";
    }

    /** The command that takes a text of rules. */
    public String restore(IpFamily family) {
        return of(family) + "-restore";
    }

    /** The command of this family. */
    public String command(IpFamily family) {
        return of(family);
    }

    private String of(IpFamily family) {
        int name = command.lastIndexOf('/') + 1;
        return family == IpFamily.IPV4 ? command : command.substring(0, name) + "ip6" + command.substring(name + 2);
    }

    @Override
    public String toString() {
        return command;
    }
}
