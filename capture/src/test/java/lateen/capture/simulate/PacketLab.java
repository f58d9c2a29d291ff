package lateen.capture.simulate;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import lateen.capture.host.NamespaceCommands;
import lateen.capture.host.NetworkNamespace;
import lateen.capture.host.Wiring;
import lateen.capture.model.Cidr;

/** A pod between a peer (eth0) and a virtual machine (vnet0), each a namespace; packets are sent for real, in batches. */
final class PacketLab implements AutoCloseable {
    static final String POD4 = "10.252.0.1";
    static final String POD6 = "fd00:252::1";
    static final String PEER4 = "10.252.0.2";
    static final String PEER6 = "fd00:252::2";
    static final String VM4 = "10.253.0.2";
    static final String VM6 = "fd00:253::2";

    /** Addresses that lie behind peer and vm alike. */
    static final List<String> FAR =
            List.of("10.1.2.3", "192.0.2.1", "10.96.0.10", "fd01::3", "2001:db8::1", "fd96::10");

    /** Addresses that lie behind the peer alone. */
    static final List<String> BEYOND = List.of("10.8.8.8", "fd08::8");

    static final List<Integer> PORTS = List.of(53, 80, 443, 8080, 9000, 15008, 15020);
    static final List<Integer> PROXY_PORTS = List.of(15001, 15006, 15053);

    /** What carries it in its lowest eight bits goes to the vm, whatever its destination. */
    static final int MARK_OF_VM = 0x21;

    private static final AtomicInteger COUNT = new AtomicInteger();

    /** One packet to send, from a namespace. */
    record Shot(String token, String from, Packet packet) {
        private String line() {
            return String.join(
                    " ",
                    token,
                    packet.protocol().text(),
                    Long.toString(packet.uid()),
                    Long.toString(packet.gid()),
                    Long.toString(packet.mark()),
                    Cidr.addressText(packet.source()),
                    Integer.toString(packet.sourcePort()),
                    Cidr.addressText(packet.destination()),
                    Integer.toString(packet.destinationPort()));
        }
    }

    final String pod;
    private final String peer;
    private final String vm;
    private final List<Process> processes = new ArrayList<>();
    private final Map<String, Process> senders = new HashMap<>();
    private final Map<String, String> landings = new ConcurrentHashMap<>();

    PacketLab() throws IOException {
        String base = "lt-sim-" + ProcessHandle.current().pid() + "-" + COUNT.incrementAndGet();
        pod = base + "p";
        peer = base + "q";
        vm = base + "v";
        try {
            wire();
            start();
        } catch (IOException | RuntimeException e) {
            close();
            throw e;
        }
    }

    private void wire() throws IOException {
        for (String ns : List.of(pod, peer, vm)) {
            Wiring.run("ip netns add " + ns);
            Wiring.run("ip -n " + ns + " link set lo up");
            Wiring.run("ip -n " + ns + " -6 addr add ::6/128 dev lo");
        }
        Wiring.run("ip link add eth0 netns " + pod + " type veth peer name eth0 netns " + peer);
        Wiring.run("ip link add vnet0 netns " + pod + " type veth peer name eth0 netns " + vm);
        Wiring.address(pod, "eth0", POD4 + "/24", POD6 + "/64");
        Wiring.address(pod, "vnet0", "10.253.0.1/24", "fd00:253::1/64");
        Wiring.address(peer, "eth0", PEER4 + "/24", PEER6 + "/64");
        Wiring.address(vm, "eth0", VM4 + "/24", VM6 + "/64");
        Wiring.route(pod, PEER4, PEER6);
        Wiring.route(peer, POD4, POD6);
        Wiring.route(vm, "10.253.0.1", "fd00:253::1");
        for (String ns : List.of(peer, vm)) {
            for (String far : FAR) {
                Wiring.run("ip -n " + ns + " addr add " + far + (far.contains(":") ? "/128" : "/32") + " dev lo");
            }
        }
        for (String beyond : BEYOND) {
            Wiring.run("ip -n " + peer + " addr add " + beyond + (beyond.contains(":") ? "/128" : "/32") + " dev lo");
        }
        Wiring.run("ip netns exec " + pod + " sysctl -q -w net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1");
        for (String ns : List.of(pod, peer, vm)) {
            // Refusals are judged by their coming: none may be held back.
            Wiring.run("ip netns exec " + ns + " sysctl -q -w net.ipv4.icmp_ratelimit=0 net.ipv6.icmp.ratelimit=0");
        }
        for (String family : List.of("-4", "-6")) {
            Wiring.run("ip -n " + pod + " " + family + " rule add fwmark " + MARK_OF_VM + "/0xff lookup 77");
        }
        Wiring.run("ip -n " + pod + " route add default via " + VM4 + " table 77");
        Wiring.run("ip -n " + pod + " -6 route add default via " + VM6 + " table 77");
    }

    private void start() throws IOException {
        for (String ns : List.of(pod, peer, vm)) {
            List<String> ports =
                    new ArrayList<>(PORTS.stream().map(Object::toString).toList());
            if (ns.equals(pod)) {
                PROXY_PORTS.forEach(p -> ports.add(p.toString()));
            }
            List<String> arguments = new ArrayList<>(List.of(role(ns), ns.equals(pod) ? "15006" : ""));
            arguments.addAll(ports);
            Process receiver = python(ns, "receivers.py", arguments);
            Thread.ofPlatform().daemon().start(() -> collect(receiver.inputReader()));
            senders.put(role(ns), python(ns, "senders.py", List.of()));
        }
    }

    private String role(String ns) {
        return ns.equals(pod) ? "pod" : ns.equals(peer) ? "peer" : "vm";
    }

    private void collect(BufferedReader lines) {
        try (lines) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                String[] words = line.split(" ", 2);
                landings.put(words[0], words[1]);
            }
        } catch (IOException e) {
            // The namespace was taken down.
            return;
        }
    }

    private Process python(String ns, String script, List<String> arguments) throws IOException {
        Process process = Wiring.python(PacketLab.class, ns, script, arguments);
        processes.add(process);
        return process;
    }

    /** Sends all; where each landed: {@code pod 10.0.0.1|80 80}, {@code refused} or {@code silent}. */
    Map<String, String> send(List<Shot> shots, double seconds) throws IOException, InterruptedException {
        Map<String, String> results = new HashMap<>();
        for (String role : senders.keySet()) {
            Writer writer = senders.get(role).outputWriter();
            for (Shot shot : shots) {
                if (shot.from().equals(role)) {
                    writer.write(shot.line() + "\n");
                }
            }
            writer.write("GO " + seconds + "\n");
            writer.flush();
        }
        for (Process sender : senders.values()) {
            for (String line = sender.inputReader().readLine();
                    line != null && !line.equals("DONE");
                    line = sender.inputReader().readLine()) {
                String[] words = line.split(" ", 2);
                results.put(words[0], words[1]);
            }
        }
        // A connection that was made is reported by its listener soon.
        long end = System.nanoTime() + Duration.ofSeconds(3).toNanos();
        while (System.nanoTime() < end
                && results.entrySet().stream()
                        .anyMatch(e -> e.getValue().equals("sent") && !landings.containsKey(e.getKey()))) {
            Thread.onSpinWait();
            Thread.sleep(2);
        }
        results.replaceAll((token, result) -> landings.getOrDefault(token, result));
        return results;
    }

    NamespaceCommands commands() {
        return new NamespaceCommands(Wiring.RUNNER, NetworkNamespace.named(pod));
    }

    static InetAddress address(String text) {
        return InetAddress.ofLiteral(text);
    }

    @Override
    public void close() throws IOException {
        processes.forEach(Process::destroyForcibly);
        Wiring.delete(List.of(pod, peer, vm));
    }
}
