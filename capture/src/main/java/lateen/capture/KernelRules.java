package lateen.capture;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The rules of one network namespace: finds the back end, reads, and writes whole texts atomically. Blocking; used by
 * one thread at a time.
 */
public final class KernelRules {
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final String PACKAGE =
            " (expected: the iptables commands; install the Debian package iptables, with nsenter from util-linux)";

    private final CommandRunner runner;
    private final NetworkNamespace namespace;
    private final Optional<IptablesBackend> forced;
    private Optional<IptablesBackend> detected = Optional.empty();

    public KernelRules(NetworkNamespace namespace) {
        this(new ProcessRunner(LIMIT), namespace, Optional.empty());
    }

    KernelRules(CommandRunner runner, NetworkNamespace namespace, Optional<IptablesBackend> forced) {
        this.runner = runner;
        this.namespace = namespace;
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
            for (IpFamily family : IpFamily.values()) {
                if (!read(backend, family).isEmpty()) {
                    return backend;
                }
            }
        }
        List<IptablesBackend> nft = present(IptablesBackend.NFT);
        return nft.isEmpty() ? IptablesBackend.PLAIN : nft.getFirst();
    }

    /** All back ends that are installed, for a clean-up that leaves nothing anywhere. */
    List<IptablesBackend> allBackends() throws CaptureException {
        if (forced.isPresent()) {
            return List.of(forced.get());
        }
        List<IptablesBackend> all = new ArrayList<>(present(IptablesBackend.LEGACY));
        all.addAll(present(IptablesBackend.NFT));
        return all.isEmpty() ? List.of(IptablesBackend.PLAIN) : all;
    }

    private List<IptablesBackend> present(IptablesBackend backend) throws CaptureException {
        try {
            // A missing program fails to start in the own namespace, and ends with 127 below nsenter.
            return runner.run(List.of(backend.save(IpFamily.IPV4), "--version"), "")
                                    .status()
                            == 127
                    ? List.of()
                    : List.of(backend);
        } catch (CommandRunner.ProgramMissingException e) {
            return List.of();
        } catch (IOException e) {
            throw new CaptureException("looking for " + backend + ": " + e.getMessage(), e);
        }
    }

    /** Everything that the detected back end holds, with counters. */
    public RuleSet read() throws CaptureException {
        List<TableRules> tables = new ArrayList<>();
        for (IpFamily family : IpFamily.values()) {
            tables.addAll(read(backend(), family).tables());
        }
        return new RuleSet(tables);
    }

    RuleSet read(IptablesBackend backend, IpFamily family) throws CaptureException {
        String command = backend.save(family);
        try {
            return SavedRules.parse(family, run(List.of(command, "-c"), ""));
        } catch (RuleFormatException e) {
            throw new CaptureException(command + ": " + e.getMessage(), e);
        }
    }

    /** Applies a text; each table of it in one step of the kernel. */
    void restore(IptablesBackend backend, IpFamily family, String text) throws CaptureException {
        if (!text.isEmpty()) {
            run(List.of(backend.restore(family), "--noflush", "--wait", "5"), text);
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
            RuleSet left = read(backend, family);
            for (TableRules table : removed.family(family).tables()) {
                boolean bare = left.table(family, table.table())
                        .filter(t -> new RuleSet(List.of(t)).isEmpty())
                        .filter(t -> t.chains().stream()
                                .allMatch(
                                        c -> c.policy().filter("ACCEPT"::equals).isPresent()))
                        .isPresent();
                if (bare) {
                    succeeds(
                            List.of(backend.command(family), "-t", table.table().text(), "-X"));
                }
            }
        }
    }

    /** Runs a command whose failure does not matter; false when it failed. */
    boolean succeeds(List<String> command) {
        try {
            run(command, "");
            return true;
        } catch (CaptureException e) {
            return false;
        }
    }

    /** Runs a command in the namespace and returns its output; any failure is an error with the command's own words. */
    String run(List<String> command, String input) throws CaptureException {
        try {
            CommandRunner.Result result = runner.run(namespace.inside(command), input);
            if (!result.ok()) {
                String hint = result.status() == 127 ? PACKAGE : "";
                throw new CaptureException(String.join(" ", command) + ": status " + result.status() + ": "
                        + result.errors().strip() + hint);
            }
            return result.output();
        } catch (CommandRunner.ProgramMissingException e) {
            throw new CaptureException(e.getMessage() + PACKAGE, e);
        } catch (IOException e) {
            throw new CaptureException(e);
        }
    }
}
