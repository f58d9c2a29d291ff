package lateen.capture.apply;

import java.util.List;
import lateen.capture.host.CaptureException;
import lateen.capture.host.NamespaceCommands;
import lateen.capture.model.IpFamily;
import lateen.capture.model.RuleSet;
import lateen.capture.model.TableRules;
import lateen.capture.read.IptablesBackend;
import lateen.capture.read.KernelRules;

/** Writes whole texts into one network namespace. Blocking; used by one thread at a time. */
final class KernelWriter {
    private final NamespaceCommands commands;
    private final KernelRules kernel;

    KernelWriter(NamespaceCommands commands, KernelRules kernel) {
        this.commands = commands;
        this.kernel = kernel;
    }

    NamespaceCommands commands() {
        return commands;
    }

    KernelRules kernel() {
        return kernel;
    }

    /** Applies a text; each table of it in one step of the kernel. */
    void restore(IptablesBackend backend, IpFamily family, String text) throws CaptureException {
        if (!text.isEmpty()) {
            commands.run(List.of(backend.restore(family), "--noflush", "--wait", "5"), text);
        }
    }

    /**
     * Takes away the built-in chains that exist only because something of ours was in them: nft makes them with the first
     * rule, and each costs every packet a hook. The empty table stays; no iptables command removes it.
     */
    void prune(IptablesBackend backend, RuleSet removed) throws CaptureException {
        for (IpFamily family : IpFamily.values()) {
            if (removed.family(family).tables().isEmpty()) {
                continue;
            }
            RuleSet left = kernel.read(backend, family);
            for (TableRules table : removed.family(family).tables()) {
                boolean bare = left.table(family, table.table())
                        .filter(t -> new RuleSet(List.of(t)).isEmpty())
                        .filter(t -> t.chains().stream()
                                .allMatch(
                                        c -> c.policy().filter("ACCEPT"::equals).isPresent()))
                        .isPresent();
                if (bare) {
                    commands.succeeds(
                            List.of(backend.command(family), "-t", table.table().text(), "-X"));
                }
            }
        }
    }
}
