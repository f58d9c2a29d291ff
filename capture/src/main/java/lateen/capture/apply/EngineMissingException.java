package lateen.capture.apply;

import java.util.List;
import lateen.capture.host.CaptureException;
import lateen.capture.host.CommandRunner;

/** The program is there, but this kernel lacks the engine that it speaks to: nothing can be in it. */
final class EngineMissingException extends CaptureException {
    private static final long serialVersionUID = 1L;

    // What iptables 1.8 and nft 1.0 say of a kernel without ip_tables, and of one without nf_tables.
    private static final List<String> WORDS = List.of("do you need to insmod", "Protocol not supported");

    private EngineMissingException(String message) {
        super(message);
    }

    /** Throws when a program has ended so. */
    static void check(String engine, String modules, CommandRunner.Result result) throws EngineMissingException {
        if (!result.ok() && WORDS.stream().anyMatch(result.errors()::contains)) {
            throw new EngineMissingException("this kernel cannot do " + engine + ": "
                    + result.errors().lines().findFirst().orElse("").strip() + " (expected: kernel module " + modules
                    + ", which `modprobe` loads on the node; nothing was changed)");
        }
    }
}
