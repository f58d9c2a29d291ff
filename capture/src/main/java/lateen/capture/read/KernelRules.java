package lateen.capture.read;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import lateen.capture.host.CaptureException;
import lateen.capture.host.NamespaceCommands;
import lateen.capture.host.NetworkNamespace;
import lateen.capture.host.ProcessRunner;
import lateen.capture.model.IpFamily;
import lateen.capture.model.RuleSet;
import lateen.capture.model.TableRules;

/** Reads the rules of one network namespace, and finds the back end that they are in. Blocking; used by one thread at a time. */
public final class KernelRules {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    private final NamespaceCommands commands;
    private final Optional<IptablesBackend> forced;
    private final Map<String, RuleSet> seen = new HashMap<>();
    private Optional<IptablesBackend> detected = Optional.empty();

    public KernelRules(NetworkNamespace namespace) {
        this(new NamespaceCommands(new ProcessRunner(LIMIT), namespace), Optional.empty());
    }

    /** @param forced the back end to use whatever is found */
    public KernelRules(NamespaceCommands commands, Optional<IptablesBackend> forced) {
        this.commands = commands;
        this.forced = forced;
    }

    /** Legacy if it has rules here, else nft, else whatever the plain command is. */
    public IptablesBackend backend() throws CaptureException {
        if (detected.isEmpty()) {
            detected = Optional.of(forced.isPresent() ? forced.get() : detect());
        }
        return detected.get();
    }

    private IptablesBackend detect() throws CaptureException {
        for (IptablesBackend backend : present(IptablesBackend.LEGACY)) {
            if (holdsRules(backend)) {
                return backend;
            }
        }
        List<IptablesBackend> nft = present(IptablesBackend.NFT);
        return nft.isEmpty() ? IptablesBackend.PLAIN : nft.getFirst();
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
    public List<IptablesBackend> allBackends() throws CaptureException {
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

    /** Everything that the detected back end holds, with counters. */
    public RuleSet read() throws CaptureException {
        List<TableRules> tables = new ArrayList<>();
        for (IpFamily family : IpFamily.values()) {
            tables.addAll(read(backend(), family).tables());
        }
        return new RuleSet(tables);
    }

    /** What one back end holds of one family, with counters. */
    public RuleSet read(IptablesBackend backend, IpFamily family) throws CaptureException {
        String command = backend.save(family);
        RuleSet known = seen.remove(command);
        if (known != null) {
            return known;
        }
        try {
            return SavedRules.parse(family, commands.run(List.of(command, "-c"), ""));
        } catch (RuleFormatException e) {
            throw new CaptureException(command + ": " + e.getMessage(), e);
        }
    }
}
