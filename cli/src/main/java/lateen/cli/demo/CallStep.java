package lateen.cli.demo;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import lateen.local.Command;
import lateen.local.LocalMesh;

/** A plain curl and a plain TCP conversation, from the client to ratings and back. */
final class CallStep {
    private static final String URL = "http://frontend/books";

    private CallStep() {}

    static void run(LocalMesh mesh, Calls calls, Screen screen) throws IOException {
        screen.title("curl " + URL + ", in client's namespace; then a line over plain TCP");
        http(mesh, calls, screen);
        screen.say("");
        tcp(mesh, calls, screen);
        screen.say("try:  bin/lateen exec --name " + mesh.run().run() + " client -- curl -s " + URL);
    }

    private static void http(LocalMesh mesh, Calls calls, Screen screen) throws IOException {
        Witness witness = new Witness(mesh);
        Map<String, Long> before = counters(mesh);
        Calls.Http answer = calls.get("client", URL);
        Calls.Http again = calls.get("client", URL);
        screen.say(String.format(
                "%d in %.1f ms (the first of new processes; the next: %.1f ms): %s",
                answer.status(), answer.millis(), again.millis(), Screen.oneLine(answer.body())));
        boolean answered = screen.expect(
                answer.status() == 200 && answer.body().contains("\"service\":\"ratings\""),
                "answer: status " + answer.status() + " " + answer.error() + " (expected: 200 with ratings' part)");
        captured(screen, before, counters(mesh));
        if (!answered) {
            return;
        }
        for (Hop hop : Hop.ofRequest(witness, answer.id())) {
            hop.show(mesh, 8080, screen);
        }
        served(witness, screen, line -> line.of("request_id").equals(answer.id()));
    }

    private static void tcp(LocalMesh mesh, Calls calls, Screen screen) throws IOException {
        Witness witness = new Witness(mesh);
        Map<String, Long> before = counters(mesh);
        Command.Result answer = calls.say("client", "frontend", 9000, "hello");
        screen.say("tcp frontend:9000, \"hello\" → \"" + Screen.oneLine(answer.out()) + "\", status " + answer.exit());
        boolean answered = screen.expect(
                answer.exit() == 0 && answer.out().strip().equals("hello frontend catalog ratings"),
                "TCP answer: \"" + answer.out().strip() + "\" " + answer.err().strip()
                        + " (expected: hello frontend catalog ratings)");
        captured(screen, before, counters(mesh));
        if (!answered) {
            return;
        }
        for (Hop hop : Hop.ofConversation(witness)) {
            hop.show(mesh, 9000, screen);
        }
        served(
                witness,
                screen,
                line -> line.of("protocol").equals("tcp") && line.of("line").startsWith("hello"));
    }

    /** Each application's own log has the call, and its peer was the sidecar beside it. */
    private static void served(Witness witness, Screen screen, Predicate<LogEntry> call) {
        for (String service : Shop.CHAIN.subList(1, Shop.CHAIN.size())) {
            String peer = witness.application(service, call)
                    .map(line -> line.of("peer"))
                    .orElse("none");
            screen.expect(
                    fromOwnSidecar(peer),
                    service + "'s log: peer " + peer + " (expected: 127.0.0.6 or [::6], its own sidecar)");
        }
    }

    static boolean fromOwnSidecar(String peer) {
        return peer.startsWith("127.0.0.6:") || peer.startsWith("[::6]:") || peer.startsWith("[0:0:0:0:0:0:0:6]:");
    }

    private static Map<String, Long> counters(LocalMesh mesh) throws IOException {
        Map<String, Long> packets = new TreeMap<>();
        for (String caller : Shop.CHAIN.subList(0, Shop.CHAIN.size() - 1)) {
            packets.put(caller + " out, to 15001", Witness.redirected(mesh, caller, 15001));
        }
        for (String callee : Shop.CHAIN.subList(1, Shop.CHAIN.size())) {
            packets.put(callee + " in, to 15006", Witness.redirected(mesh, callee, 15006));
        }
        return packets;
    }

    private static void captured(Screen screen, Map<String, Long> before, Map<String, Long> after) {
        List<String> still = before.entrySet().stream()
                .filter(rule -> after.getOrDefault(rule.getKey(), 0L) <= rule.getValue())
                .map(Map.Entry::getKey)
                .toList();
        screen.expect(still.isEmpty(), "the kernel redirected no packet: " + still);
        if (still.isEmpty()) {
            screen.say("redirected by the kernel at all " + before.size() + " places, out to 15001 and in to 15006");
        }
    }
}
