package lateen.cli.demo;

import java.io.IOException;
import java.util.Optional;
import lateen.local.Command;
import lateen.local.LocalMesh;

/** Somebody without sidecar calls frontend's own address in plaintext; the same address answers a member. */
final class PlaintextStep {
    private static final int CURL_TIMED_OUT = 28;

    private PlaintextStep() {}

    static void run(LocalMesh mesh, Calls calls, Screen screen) throws IOException {
        String address = mesh.workload("frontend").namespace().ipv4() + ":" + Shop.HTTP_PORT;
        screen.title("Plaintext from outside the mesh, to " + address);
        Witness witness = new Witness(mesh);
        long before = Witness.redirected(mesh, "frontend", 15006);

        Calls.Http outside = calls.get(Shop.OUTSIDER, "http://" + address + "/books");
        screen.expect(
                outside.status() == 0,
                "the outsider got an HTTP answer, " + outside.status() + " (expected: none under STRICT)");
        screen.expect(
                outside.exit() != CURL_TIMED_OUT,
                "the outsider's call ran into its timeout (expected: the connection is closed)");
        screen.expect(
                Witness.redirected(mesh, "frontend", 15006) > before,
                "the kernel redirected no packet to 15006 in frontend's namespace: the call never arrived");
        screen.expect(
                witness.applicationSawNothing(
                        "frontend", line -> line.of("request_id").equals(outside.id())),
                "frontend's application served the outsider");
        screen.say("http  outsider: "
                + (outside.status() == 0 ? "no answer · " + outside.error() : "answered " + outside.status()));

        Command.Result said =
                calls.say(Shop.OUTSIDER, mesh.workload("frontend").namespace().ipv4(), 9000, "outsider");
        screen.expect(
                said.exit() != 0 && said.out().isBlank(),
                "TCP answer: \"" + said.out().strip() + "\" (expected: a closed connection)");
        screen.expect(
                witness.applicationSawNothing(
                        "frontend", line -> line.of("line").startsWith("outsider")),
                "frontend's application read the outsider's line");
        screen.say("tcp   outsider: refused · " + said.err().lines().findFirst().orElse("answered"));

        Calls.Http member = calls.get("client", "http://frontend/books");
        Optional<LogEntry> sent =
                witness.sidecar("client", line -> line.of("request_id").equals(member.id()));
        String dialled = sent.map(line -> line.of("upstream_host")).orElse("nowhere");
        screen.expect(
                member.status() == 200 && dialled.equals(address),
                "a member's call: status " + member.status() + " from " + dialled + " (expected: 200 from " + address
                        + ")");
        screen.say("http  client, a member: " + member.status() + " from the same address, " + dialled);
    }
}
