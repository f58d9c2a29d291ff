package lateen.cli.demo;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import lateen.identity.SpiffeId;
import lateen.local.LocalMesh;

/**
 * One hop, as the sidecars at its two ends logged it.
 *
 * @param out the caller's line
 * @param in the callee's line
 */
record Hop(String caller, String callee, Optional<LogEntry> out, Optional<LogEntry> in) {
    static final String TLS = "TLSv1.3";

    /** One line for the screen; the facts are compared with what this run's plan says each identity is. */
    void show(LocalMesh mesh, int appPort, Screen screen) {
        String name = caller + " → " + callee;
        boolean sentLogged = screen.expect(out.isPresent(), name + ": no access-log line of " + caller + "'s sidecar");
        boolean receivedLogged =
                screen.expect(in.isPresent(), name + ": no access-log line of " + callee + "'s sidecar");
        if (!sentLogged || !receivedLogged) {
            return;
        }
        LogEntry sent = out.orElseThrow();
        LogEntry received = in.orElseThrow();
        same(screen, name + ": who the caller saw", sent.of("upstream_peer_uri_san"), identity(mesh, callee));
        same(screen, name + ": who the callee saw", received.of("downstream_peer_uri_san"), identity(mesh, caller));
        same(screen, name + ": TLS at the caller", sent.of("upstream_tls_version"), TLS);
        same(screen, name + ": TLS at the callee", received.of("downstream_tls_version"), TLS);
        same(
                screen,
                name + ": address dialled",
                sent.of("upstream_host"),
                mesh.workload(callee).namespace().ipv4() + ":" + appPort);
        screen.say(String.format(
                "%-9s ─ mTLS %s → %-9s %s → %s",
                caller,
                received.of("downstream_tls_version").replace("TLSv", ""),
                callee,
                received.of("downstream_peer_uri_san"),
                sent.of("upstream_peer_uri_san")));
    }

    private static String identity(LocalMesh mesh, String workload) {
        return mesh.workload(workload).identity().map(SpiffeId::toString).orElse("none");
    }

    private static void same(Screen screen, String what, String found, String expected) {
        screen.expect(found.equals(expected), what + ": \"" + found + "\" (expected: " + expected + ")");
    }

    /** The hops of the whole chain: HTTP lines are joined by the request's id. */
    static List<Hop> ofRequest(Witness witness, String id) {
        return pairs((caller, callee) -> new Hop(
                caller,
                callee,
                witness.sidecar(caller, line -> line.of("request_id").equals(id) && line.outboundTo(callee, 80)),
                witness.sidecar(callee, line -> line.of("request_id").equals(id) && line.inbound(8080))));
    }

    /** TCP lines have no id: the two ends of one connection are joined by its addresses. */
    static List<Hop> ofConversation(Witness witness) {
        return pairs((caller, callee) -> {
            Optional<LogEntry> out = witness.sidecar(caller, line -> line.outboundTo(callee, 9000));
            Optional<LogEntry> in = out.flatMap(sent -> witness.sidecar(
                    callee,
                    line -> line.inbound(9000)
                            && line.of("downstream_remote_address").equals(sent.of("upstream_local_address"))));
            return new Hop(caller, callee, out, in);
        });
    }

    private static List<Hop> pairs(BiFunction<String, String, Hop> hop) {
        List<Hop> hops = new ArrayList<>();
        for (int i = 0; i + 1 < Shop.CHAIN.size(); i++) {
            hops.add(hop.apply(Shop.CHAIN.get(i), Shop.CHAIN.get(i + 1)));
        }
        return hops;
    }
}
