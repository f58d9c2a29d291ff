package lateen.capture.host;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** Two network namespaces joined by a wire: a pod and a peer, both families, removed again when closed. */
public final class TwoHosts implements AutoCloseable {
    public static final String POD4 = "10.250.0.1";
    public static final String PEER4 = "10.250.0.2";
    public static final String POD6 = "fd00:250::1";
    public static final String PEER6 = "fd00:250::2";

    private static final AtomicInteger COUNT = new AtomicInteger();

    public final String pod;
    public final String peer;
    private final List<Process> processes = new ArrayList<>();

    public TwoHosts() throws IOException {
        String base = "lt-capture-" + ProcessHandle.current().pid() + "-" + COUNT.incrementAndGet();
        pod = base + "a";
        peer = base + "b";
        try {
            Wiring.run("ip netns add " + pod);
            Wiring.run("ip netns add " + peer);
            Wiring.run("ip link add eth0 netns " + pod + " type veth peer name eth0 netns " + peer);
            configure(pod, POD4, POD6, PEER4, PEER6);
            configure(peer, PEER4, PEER6, POD4, POD6);
        } catch (IOException | RuntimeException e) {
            close();
            throw e;
        }
    }

    private static void configure(String ns, String v4, String v6, String gateway4, String gateway6)
            throws IOException {
        Wiring.run("ip -n " + ns + " link set lo up");
        Wiring.run("ip -n " + ns + " addr add " + v4 + "/24 dev eth0");
        Wiring.run("ip -n " + ns + " -6 addr add " + v6 + "/64 dev eth0 nodad");
        Wiring.run("ip -n " + ns + " addr add 127.9.9.9/8 dev lo");
        Wiring.run("ip -n " + ns + " link set eth0 up");
        Wiring.run("ip -n " + ns + " route add default via " + gateway4);
        Wiring.run("ip -n " + ns + " -6 route add default via " + gateway6);
    }

    /** Starts listeners on these ports and waits until they are bound. */
    public void listen(String ns, boolean transparent, int... ports) throws IOException {
        List<String> arguments = new ArrayList<>(List.of(transparent ? "transparent" : "plain"));
        for (int port : ports) {
            arguments.add(Integer.toString(port));
        }
        processes.add(Wiring.python(TwoHosts.class, ns, "listeners.py", arguments));
    }

    /** Calls targets {@code ADDRESS|PORT|SOURCE} as a user; the answers in order. */
    public List<String> call(String ns, long uid, long gid, List<String> targets) throws IOException {
        List<String> command = new ArrayList<>(
                List.of("ip", "netns", "exec", ns, "python3", "-c", Wiring.script(TwoHosts.class, "callers.py")));
        command.add(Long.toString(uid));
        command.add(Long.toString(gid));
        command.addAll(targets);
        return Wiring.run(command).lines().toList();
    }

    /** Runs a command in the pod's namespace; its output. */
    public String inPod(String command) throws IOException {
        return Wiring.run("ip netns exec " + pod + " " + command);
    }

    @Override
    public void close() throws IOException {
        for (Process process : processes) {
            process.destroyForcibly();
        }
        Wiring.delete(List.of(pod, peer));
    }
}
