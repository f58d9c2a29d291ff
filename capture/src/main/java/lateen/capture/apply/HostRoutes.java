package lateen.capture.apply;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import lateen.capture.host.CaptureException;
import lateen.capture.host.CommandRunner;
import lateen.capture.host.NamespaceCommands;
import lateen.capture.model.Cidr;
import lateen.capture.model.IpFamily;
import lateen.capture.model.Numbers;
import lateen.capture.model.PolicyRoute;

/** The routes, policy rules and addresses that go with our rules. Ours are known by their protocol number or address. */
final class HostRoutes {
    private final NamespaceCommands commands;
    private final Consumer<String> warnings;

    HostRoutes(NamespaceCommands commands, Consumer<String> warnings) {
        this.commands = commands;
        this.warnings = warnings;
    }

    /**
     * Adds what is missing.
     *
     * @return the commands that take back what was added, to be run in this order
     */
    List<List<String>> add(List<PolicyRoute> routes, List<Cidr> addresses) throws CaptureException {
        List<List<String>> undo = new ArrayList<>();
        for (PolicyRoute route : routes) {
            // First the route: a rule without it would lead nowhere. Both survive being killed in between.
            boolean there = rules(route.family()).contains(route);
            if (!there || !tables(route.family()).contains(route.table())) {
                commands.run(route.addRoute(), "");
                if (!there) {
                    commands.run(route.addRule(), "");
                }
                undo.addAll(route.delete());
            }
        }
        for (Cidr address : addresses) {
            if (!isThere(address)) {
                CommandRunner.Result result = commands.end(change("add", address), "");
                if (result.ok()) {
                    undo.add(change("del", address));
                } else {
                    warnings.accept("address " + address + ", from which the proxy passes inbound traffic on, cannot be"
                            + " added to lo: " + result.errors().strip());
                }
            }
        }
        return undo;
    }

    /** Takes back a step of {@link #add}; a half that is missing already is no failure. */
    void run(List<String> undo) {
        commands.succeeds(undo);
    }

    /** Removes all that is ours but this; true when there was anything. Needs no {@code ip} where nothing can be. */
    boolean removeAllBut(List<PolicyRoute> routes, List<Cidr> addresses) throws CaptureException {
        if (!commands.present("ip")) {
            return false;
        }
        boolean found = false;
        for (IpFamily family : IpFamily.values()) {
            List<PolicyRoute> keep = new ArrayList<>(
                    routes.stream().filter(r -> r.family() == family).toList());
            List<Integer> keptTables = keep.stream().map(PolicyRoute::table).toList();
            for (PolicyRoute rule : rules(family)) {
                if (!keep.remove(rule)) {
                    found = true;
                    commands.succeeds(rule.delete().getFirst());
                }
            }
            for (int table : tables(family)) {
                if (!keptTables.contains(table)) {
                    found = true;
                    commands.succeeds(PolicyRoute.deleteRoute(family, Integer.toString(table)));
                }
            }
            Cidr passThrough = family.passThrough();
            if (family == IpFamily.IPV6 && !addresses.contains(passThrough) && isThere(passThrough)) {
                found = true;
                commands.succeeds(change("del", passThrough));
            }
        }
        return found;
    }

    /** Our policy rules; none where the family is missing. */
    private List<PolicyRoute> rules(IpFamily family) throws CaptureException {
        return list("ip", family.ipOption(), "rule", "show")
                .flatMap(line -> PolicyRoute.parse(family, line).stream())
                .toList();
    }

    /** The tables that hold a route of ours. */
    private List<Integer> tables(IpFamily family) throws CaptureException {
        return list("ip", family.ipOption(), "route", "show", "table", "all", "proto", PolicyRoute.PROTOCOL)
                .map(line -> line.strip().split("\\s+"))
                .flatMap(words -> tableOf(words).stream())
                .distinct()
                .toList();
    }

    private static List<Integer> tableOf(String[] words) {
        int at = List.of(words).indexOf("table");
        int table = at < 0 || at + 1 == words.length ? -1 : Numbers.parse(words[at + 1], 1, Integer.MAX_VALUE);
        return table < 0 ? List.of() : List.of(table);
    }

    private boolean isThere(Cidr address) throws CaptureException {
        return list("ip", address.family().ipOption(), "-o", "addr", "show", "dev", "lo")
                .anyMatch(line -> (line + " ").contains(" " + address + " "));
    }

    private java.util.stream.Stream<String> list(String... command) throws CaptureException {
        CommandRunner.Result result = commands.end(List.of(command), "");
        return result.ok() ? result.output().lines() : java.util.stream.Stream.empty();
    }

    private static List<String> change(String verb, Cidr address) {
        List<String> command = new ArrayList<>(
                List.of("ip", address.family().ipOption(), "addr", verb, address.toString(), "dev", "lo"));
        if (verb.equals("add")) {
            // Nobody else can have it on lo; without this the kernel lets nobody bind to it for a moment.
            command.add("nodad");
        }
        return command;
    }
}
