package lateen.capture.apply;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import lateen.capture.host.CaptureException;
import lateen.capture.host.CommandRunner;
import lateen.capture.host.NamespaceCommands;
import lateen.capture.model.IpFamily;
import lateen.capture.model.RuleSet;
import lateen.capture.read.IptablesBackend;
import lateen.capture.read.RuleFormatException;
import lateen.capture.read.SavedRules;

/**
 * Which of the two iptables is in use in a namespace, and what they hold. Starts as few programs as it can, one after the
 * other: unlike {@link lateen.capture.read.NamespaceReader}, which looks at everything, this is waited for by a pod that
 * starts. Blocking; used by one thread at a time.
 */
final class IptablesInUse {
    private final NamespaceCommands commands;
    private final Optional<IptablesBackend> forced;
    private final Map<String, RuleSet> seen = new HashMap<>();
    private Optional<IptablesBackend> detected = Optional.empty();

    /** @param forced the back end to use whatever is found */
    IptablesInUse(NamespaceCommands commands, Optional<IptablesBackend> forced) {
        this.commands = commands;
        this.forced = forced;
    }

    /** Legacy if it has rules here, else nft, else whatever the plain command is. */
    IptablesBackend backend() throws CaptureException {
        if (detected.isEmpty()) {
            detected = Optional.of(forced.isPresent() ? forced.get() : detect());
        }
        return detected.get();
    }

    private IptablesBackend detect() throws CaptureException {
        Optional<IptablesBackend> usable = Optional.empty();
        for (IptablesBackend backend : present(IptablesBackend.LEGACY)) {
            try {
                if (holdsRules(backend)) {
                    return backend;
                }
                usable = Optional.of(backend);
            } catch (EngineMissingException e) {
                // Then the other engine is the one.
                usable = Optional.empty();
            }
        }
        for (IptablesBackend backend : present(IptablesBackend.NFT)) {
            try {
                seen.put(backend.save(IpFamily.IPV4), read(backend, IpFamily.IPV4));
                return backend;
            } catch (EngineMissingException e) {
                return usable.orElseThrow(() -> e);
            }
        }
        return IptablesBackend.PLAIN;
    }

    private boolean holdsRules(IptablesBackend backend) throws CaptureException {
        for (IpFamily family : IpFamily.values()) {
            RuleSet found;
            try {
                found = read(backend, family);
                // Nothing has changed since: the next reader gets what was found here.
                seen.put(backend.save(family), found);
            } catch (CaptureException e) {
                if (family == IpFamily.IPV4) {
                    throw e;
                }
                // A node without IPv6 has no rules of it.
                return false;
            }
            if (!found.isEmpty()) {
                return true;
            }
        }
        return false;
    }

    /** The back ends that are installed, the one in use first. */
    List<IptablesBackend> allBackends() throws CaptureException {
        List<IptablesBackend> all = new ArrayList<>(List.of(backend()));
        if (backend().equals(IptablesBackend.PLAIN)) {
            return all;
        }
        // A command given by its path is one of the two under another name.
        boolean legacy = backend().isLegacy();
        if (!legacy && !backend().equals(IptablesBackend.NFT)) {
            legacy = commands.run(List.of(backend().command(IpFamily.IPV4), "--version"), "")
                    .contains("(legacy)");
        }
        all.addAll(present(legacy ? IptablesBackend.NFT : IptablesBackend.LEGACY));
        return all;
    }

    private List<IptablesBackend> present(IptablesBackend backend) throws CaptureException {
        return commands.present(backend.save(IpFamily.IPV4)) ? List.of(backend) : List.of();
    }

    /** What one back end holds of one family, with counters. */
    RuleSet read(IptablesBackend backend, IpFamily family) throws CaptureException {
        String command = backend.save(family);
        RuleSet known = seen.remove(command);
        if (known != null) {
            return known;
        }
        try {
            CommandRunner.Result result = commands.end(List.of(command, "-c"), "");
            String table = family == IpFamily.IPV4 ? "ip" : "ip6";
            EngineMissingException.check(
                    backend.toString(),
                    backend.isLegacy() ? table + "_tables and its tables " + table + "table_*" : "nf_tables",
                    result);
            return SavedRules.parse(family, commands.output(List.of(command, "-c"), result));
        } catch (RuleFormatException e) {
            throw new CaptureException(command + ": " + e.getMessage(), e);
        }
    }
}
