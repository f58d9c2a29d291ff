package lateen.capture.command;

import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import lateen.capture.apply.CaptureApplier;
import lateen.capture.host.CaptureException;
import lateen.capture.host.NamespaceCommands;
import lateen.capture.model.HookTable;
import lateen.capture.plan.CaptureOptions;
import lateen.capture.plan.InvalidOptionException;

/** {@code capture clean}: the same as {@code istio-iptables --cleanup-only}. */
final class CleanCommand {
    static final String USAGE = """
            Usage: lateen capture clean [target]

            Takes away all rules, routes and addresses that capture has put into a namespace, whatever they were made with.
            """ + Place.HELP;

    private CleanCommand() {}

    static int run(List<String> args, PrintStream out, PrintStream err)
            throws InvalidOptionException, CaptureException, IOException {
        Arguments arguments = Arguments.parse(args, Place.FLAGS, java.util.Set.of());
        Place place = Place.of(arguments, arguments.rest());
        List<String> flags = new ArrayList<>(List.of("--cleanup-only"));
        place.namespace().file().ifPresent(file -> flags.add("--network-namespace=" + file));
        CaptureApplier applier = new CaptureApplier(warning -> err.println("capture clean: warning: " + warning));
        boolean removed = applier.apply(CaptureOptions.parse(flags, Map.of())) == CaptureApplier.Outcome.REMOVED;
        out.println(place.name() + (removed ? ": capture rules removed" : ": no capture rules here; nothing removed"));
        for (String table : watching(place.commands())) {
            // The kernel lets nobody but the watch take its table away, and does it itself when that ends.
            boolean gone = place.commands().succeeds(List.of("nft", "delete", "table", "inet", table));
            out.println(
                    gone
                            ? place.name() + ": " + table + " removed"
                            : place.name() + ": a capture watch is running, process "
                                    + table.substring(HookTable.WATCH.length())
                                    + "; its rules go when it ends");
        }
        return 0;
    }

    private static List<String> watching(NamespaceCommands commands) throws CaptureException {
        return commands.present("nft")
                ? commands.run(List.of("nft", "list", "tables", "inet"), "")
                        .lines()
                        .map(line -> line.replaceFirst("^table inet ", ""))
                        .filter(name -> name.startsWith(HookTable.WATCH))
                        .toList()
                : List.of();
    }
}
