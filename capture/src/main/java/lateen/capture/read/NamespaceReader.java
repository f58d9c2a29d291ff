package lateen.capture.read;

import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import lateen.capture.host.CaptureException;
import lateen.capture.host.CommandRunner;
import lateen.capture.host.NamespaceCommands;
import lateen.capture.model.HookTable;
import lateen.capture.model.HostNetwork;
import lateen.capture.model.IpFamily;
import lateen.capture.model.Protocol;
import lateen.capture.model.RuleSet;
import lateen.capture.model.TableRules;
import org.jspecify.annotations.Nullable;

/**
 * Reads {@link NamespaceState}: a dozen programs, run side by side. Blocking; changes nothing. What is not installed, or
 * not in the kernel, becomes a note; without any program that lists rules the reading fails.
 */
public final class NamespaceReader {
    /** In the order of their own names within the listing of {@code head -v}. */
    private static final List<String> FILES = List.of(
            "/proc/net/tcp",
            "/proc/net/tcp6",
            "/proc/net/udp",
            "/proc/net/udp6",
            "/proc/sys/net/ipv4/ip_forward",
            "/proc/sys/net/ipv6/conf/all/forwarding");

    private static final int WORKERS = 4;

    private final NamespaceCommands commands;
    private final List<String> notes = new ArrayList<>();

    public NamespaceReader(NamespaceCommands commands) {
        this.commands = commands;
    }

    /** @throws CaptureException when a program fails or prints what cannot be read */
    public NamespaceState read() throws CaptureException {
        // Threads of the system: waiting for a process would keep the few carriers of virtual ones from feeding it.
        try (ExecutorService workers = Executors.newFixedThreadPool(WORKERS)) {
            Map<List<String>, Future<CommandRunner.Result>> running = new HashMap<>();
            for (List<String> command : wanted()) {
                running.put(command, workers.submit(() -> commands.end(command, "")));
            }
            Map<List<String>, CommandRunner.Result> results = new HashMap<>();
            for (var entry : running.entrySet()) {
                results.put(entry.getKey(), entry.getValue().get());
            }
            return state(results);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof CaptureException failure
                    ? failure
                    : new CaptureException(String.valueOf(e.getCause()), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CaptureException("interrupted while reading rules", e);
        } catch (RuleFormatException | IOException e) {
            throw new CaptureException(String.valueOf(e.getMessage()), e);
        }
    }

    private static final List<String> NFT_JSON = List.of("nft", "-j", "list", "ruleset");
    private static final List<String> NFT_TEXT = List.of("nft", "-a", "list", "ruleset");
    // One file for each interface; those that say no are left out.
    private static final List<String> LOOPBACK_DEVICES =
            List.of("grep", "-rls", "--include=route_localnet", "^[1-9]", "/proc/sys/net/ipv4/conf");
    private static final List<String> ADDRESSES = List.of("ip", "-j", "addr", "show");

    private List<List<String>> wanted() throws CaptureException {
        List<List<String>> wanted = new ArrayList<>();
        for (IptablesBackend backend : List.of(IptablesBackend.LEGACY, IptablesBackend.NFT)) {
            if (commands.present(backend.save(IpFamily.IPV4))) {
                for (IpFamily family : IpFamily.values()) {
                    wanted.add(save(backend, family));
                }
            }
        }
        if (commands.present("nft")) {
            wanted.add(NFT_JSON);
            wanted.add(NFT_TEXT);
        } else {
            notes.add("nft is not installed: rules that other programs wrote with it are not seen");
        }
        if (wanted.isEmpty()) {
            throw new CaptureException("nothing here can list rules" + NamespaceCommands.expected("iptables"));
        }
        if (!commands.present("ip")) {
            throw new CaptureException("ip is missing" + NamespaceCommands.expected("ip"));
        }
        wanted.add(ADDRESSES);
        for (IpFamily family : IpFamily.values()) {
            wanted.add(routes(family));
            wanted.add(policies(family));
        }
        wanted.add(files());
        wanted.add(LOOPBACK_DEVICES);
        return wanted;
    }

    private static List<String> save(IptablesBackend backend, IpFamily family) {
        return List.of(backend.save(family), "-c");
    }

    private static List<String> routes(IpFamily family) {
        return List.of("ip", "-j", family.ipOption(), "route", "show", "table", "all");
    }

    private static List<String> policies(IpFamily family) {
        return List.of("ip", "-j", family.ipOption(), "rule", "show");
    }

    private static List<String> files() {
        List<String> command = new ArrayList<>(List.of("head", "-v", "-n", "100000"));
        command.addAll(FILES);
        return command;
    }

    private NamespaceState state(Map<List<String>, CommandRunner.Result> results)
            throws RuleFormatException, IOException {
        Map<HookTable.Engine, RuleSet> xtables = new EnumMap<>(HookTable.Engine.class);
        List<String> claimed = new ArrayList<>();
        xtables.put(HookTable.Engine.LEGACY, saved(IptablesBackend.LEGACY, results, new ArrayList<>()));
        xtables.put(HookTable.Engine.NFT, saved(IptablesBackend.NFT, results, claimed));
        List<HookTable> tables = new ArrayList<>();
        Optional<String> json = output(results, NFT_JSON);
        if (json.isPresent() && !json.get().isBlank()) {
            NftListing.Result read =
                    NftListing.parse(json.get(), output(results, NFT_TEXT).orElse(""));
            notes.addAll(read.notes());
            read.tables().stream()
                    .filter(t -> !claimed.contains(t.family().map(Enum::name).orElse("") + " " + t.name()))
                    .forEach(tables::add);
        }
        return new NamespaceState(
                xtables, tables, network(results), HostFactsReader.dnsServers(commands.namespace()), notes);
    }

    /** @param claimed takes the tables that iptables itself can list, so that nft's form of them is left out */
    private RuleSet saved(
            IptablesBackend backend, Map<List<String>, CommandRunner.Result> results, List<String> claimed)
            throws RuleFormatException {
        List<TableRules> tables = new ArrayList<>();
        for (IpFamily family : IpFamily.values()) {
            Optional<String> text = output(results, save(backend, family));
            if (text.isPresent()) {
                RuleSet rules = SavedRules.parse(family, text.get());
                tables.addAll(rules.tables());
                rules.tables()
                        .forEach(
                                t -> claimed.add(family.name() + " " + t.table().text()));
            }
        }
        return new RuleSet(tables);
    }

    private Optional<String> output(Map<List<String>, CommandRunner.Result> results, List<String> command) {
        CommandRunner.Result result = results.get(command);
        if (result == null) {
            return Optional.empty();
        }
        if (!result.ok()) {
            notes.add(String.join(" ", command) + ": " + result.errors().strip() + " (left out)");
            return Optional.empty();
        }
        return Optional.of(result.output());
    }

    private HostNetwork network(Map<List<String>, CommandRunner.Result> results) throws RuleFormatException {
        List<HostNetwork.Route> routes = new ArrayList<>();
        List<HostNetwork.Policy> policies = new ArrayList<>();
        for (IpFamily family : IpFamily.values()) {
            routes.addAll(NetworkListing.routes(
                    family, output(results, routes(family)).orElse("")));
            policies.addAll(NetworkListing.policies(
                    family, output(results, policies(family)).orElse("")));
        }
        policies.stream()
                .filter(p -> !p.known())
                .forEach(p -> notes.add("policy rule " + p.priority() + " of " + p.family()
                        + " chooses by something else than the mark: it is left out"));
        // A file that is not there (no IPv6) makes the command fail; the others are printed.
        CommandRunner.Result head = results.get(files());
        Map<String, String> files = files(head == null ? "" : head.output());
        List<NetworkListing.Socket> sockets = new ArrayList<>();
        for (Protocol protocol : Protocol.values()) {
            for (String suffix : List.of("", "6")) {
                sockets.addAll(NetworkListing.sockets(
                        protocol, files.getOrDefault("/proc/net/" + protocol.text() + suffix, "")));
            }
        }
        List<IpFamily> forwards = new ArrayList<>();
        for (IpFamily family : IpFamily.values()) {
            String file = FILES.get(family == IpFamily.IPV4 ? 4 : 5);
            if (files.getOrDefault(file, "").strip().equals("1")) {
                forwards.add(family);
            }
        }
        return new HostNetwork(
                NetworkListing.addresses(output(results, ADDRESSES).orElse("")),
                routes,
                policies,
                Optional.of(SocketOwners.named(sockets, commands.namespace())),
                forwards,
                loopbackDevices(results.get(LOOPBACK_DEVICES)));
    }

    /** Names within {@code /proc/sys/net/ipv4/conf/NAME/route_localnet}; without any the command fails. */
    private static List<String> loopbackDevices(CommandRunner.@Nullable Result files) {
        return files == null
                ? List.of()
                : files.output()
                        .lines()
                        .map(line -> line.split("/"))
                        .filter(parts -> parts.length > 2)
                        .map(parts -> parts[parts.length - 2])
                        .toList();
    }

    /** The parts of {@code head -v}, each after a line like {@code ==> /proc/net/tcp <==}. */
    private static Map<String, String> files(String output) {
        Map<String, StringBuilder> files = new HashMap<>();
        StringBuilder current = new StringBuilder();
        for (String line : output.lines().toList()) {
            if (line.startsWith("==> ") && line.endsWith(" <==")) {
                current = files.computeIfAbsent(line.substring(4, line.length() - 4), _ -> new StringBuilder());
            } else {
                current.append(line).append('\n');
            }
        }
        Map<String, String> texts = new HashMap<>();
        files.forEach((name, text) -> texts.put(name, text.toString()));
        return texts;
    }
}
