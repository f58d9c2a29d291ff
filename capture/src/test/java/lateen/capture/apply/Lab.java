package lateen.capture.apply;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import lateen.capture.host.Wiring;
import lateen.capture.model.IpFamily;

/**
 * A pod with two neighbours in namespaces of their own, both families: {@code peer} over eth0, behind which everything
 * outside lies, and {@code vm}, a virtual machine over vnet0 whose traffic the pod forwards. Removed again when closed.
 */
final class Lab implements AutoCloseable {
    private static final AtomicInteger COUNT = new AtomicInteger();

    /** Names in probes → IPv4 and IPv6; an empty one has no such address. */
    static final Map<String, String[]> ADDRESSES = Map.of(
            "pod", new String[] {"10.250.0.1", "fd00:250::1"},
            "peer", new String[] {"10.250.0.2", "fd00:250::2"},
            "vm", new String[] {"10.251.0.2", "fd00:251::2"},
            "near", new String[] {"10.1.2.3", "fd01::3"},
            "far", new String[] {"192.0.2.1", "2001:db8::1"},
            "dns", new String[] {"10.96.0.10", "fd96::10"},
            "lo", new String[] {"127.0.0.1", "::1"},
            "lo2", new String[] {"127.9.9.9", ""},
            "pass", new String[] {"127.0.0.6", "::6"});

    private static final String[] APPLICATIONS = {"53", "80", "443", "8080", "9000", "15008", "15020", "15090"};

    final String pod;
    private final String peer;
    private final String vm;
    private final Path netns;
    private final List<Process> processes = new ArrayList<>();
    private final Map<String, Process> probers = new HashMap<>();

    Lab() throws IOException {
        String base = "lt-lab-" + ProcessHandle.current().pid() + "-" + COUNT.incrementAndGet();
        pod = base + "p";
        peer = base + "q";
        vm = base + "v";
        netns = Path.of("/etc/netns", pod);
        try {
            wire();
            Files.createDirectories(netns);
            Files.writeString(netns.resolve("resolv.conf"), "nameserver 10.96.0.10\nnameserver fd96::10\n");
        } catch (IOException | RuntimeException e) {
            close();
            throw e;
        }
    }

    private void wire() throws IOException {
        for (String ns : List.of(pod, peer, vm)) {
            Wiring.run("ip netns add " + ns);
            Wiring.run("ip -n " + ns + " link set lo up");
        }
        Wiring.run("ip link add eth0 netns " + pod + " type veth peer name eth0 netns " + peer);
        Wiring.run("ip link add vnet0 netns " + pod + " type veth peer name eth0 netns " + vm);
        Wiring.address(pod, "eth0", "10.250.0.1/24", "fd00:250::1/64");
        Wiring.address(pod, "vnet0", "10.251.0.1/24", "fd00:251::1/64");
        Wiring.address(peer, "eth0", "10.250.0.2/24", "fd00:250::2/64");
        Wiring.address(vm, "eth0", "10.251.0.2/24", "fd00:251::2/64");
        for (String name : List.of("near", "far", "dns")) {
            Wiring.address(peer, "lo", ADDRESSES.get(name)[0] + "/32", ADDRESSES.get(name)[1] + "/128");
        }
        Wiring.route(pod, "10.250.0.2", "fd00:250::2");
        Wiring.route(peer, "10.250.0.1", "fd00:250::1");
        Wiring.route(vm, "10.251.0.1", "fd00:251::1");
        Wiring.run("ip netns exec " + pod + " sysctl -q -w net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1");
    }

    /** Starts everything that answers and everything that asks. */
    void start() throws IOException {
        List<String> own = new ArrayList<>(List.of("1000", "127.0.0.1|53", "::1|53"));
        own.addAll(List.of(APPLICATIONS));
        python(pod, "answerers.py", own);
        // What the sidecar sends must be seen to be the sidecar's.
        String sidecar = "1337 15001 15006 15053 16001 16006 127.0.0.1|15053 ::1|15053";
        python(pod, "answerers.py", List.of(sidecar.split(" ")));
        List<String> outside = new ArrayList<>(List.of("1000"));
        outside.addAll(List.of(APPLICATIONS));
        for (String name : List.of("near", "far", "dns")) {
            outside.add(ADDRESSES.get(name)[0] + "|53");
            outside.add(ADDRESSES.get(name)[1] + "|53");
        }
        python(peer, "answerers.py", outside);
        python(vm, "answerers.py", outside.subList(0, APPLICATIONS.length + 1));
        for (String ns : List.of(pod, peer, vm)) {
            probers.put(ns, python(ns, "prober.py", List.of()));
        }
    }

    private Process python(String ns, String script, List<String> arguments) throws IOException {
        Process process = Wiring.python(Lab.class, ns, script, arguments);
        processes.add(process);
        return process;
    }

    /** Sends a probe for real: the port where it landed ({@code 15006t}: transparently), {@code drop}, or an error. */
    String landing(Probe probe, IpFamily family) throws IOException {
        Process prober = probers.get(
                switch (probe.who()) {
                    case "in" -> peer;
                    case "vm" -> vm;
                    default -> pod;
                });
        Writer writer = prober.outputWriter();
        writer.write(probe.line(family) + "\n");
        writer.flush();
        BufferedReader reader = prober.inputReader();
        String answer = String.valueOf(reader.readLine());
        String[] words = answer.split(" ");
        if (words.length == 3 && Character.isDigit(words[0].charAt(0))) {
            String wanted = probe.destination(family) + "|" + probe.port();
            return words[1].equals(wanted) ? words[0] : words[0] + " but meant for " + words[1];
        }
        return answer;
    }

    /** See {@link LabState}. */
    String state() throws IOException {
        return LabState.of(this);
    }

    /** Runs a command in the pod's namespace; its output. */
    String inPod(String command) throws IOException {
        return Wiring.run("ip netns exec " + pod + " " + command);
    }

    @Override
    public void close() throws IOException {
        processes.forEach(Process::destroyForcibly);
        Wiring.delete(List.of(pod, peer, vm));
        Files.deleteIfExists(netns.resolve("resolv.conf"));
        Files.deleteIfExists(netns);
    }
}
