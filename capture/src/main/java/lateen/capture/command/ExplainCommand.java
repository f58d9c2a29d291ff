package lateen.capture.command;

import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import lateen.capture.host.CaptureException;
import lateen.capture.model.Cidr;
import lateen.capture.model.HostNetwork;
import lateen.capture.model.IpFamily;
import lateen.capture.model.Netfilter;
import lateen.capture.model.Numbers;
import lateen.capture.model.Protocol;
import lateen.capture.plan.InvalidOptionException;
import lateen.capture.read.NamespaceState;
import lateen.capture.read.ProcessOwner;
import lateen.capture.simulate.Explanation;
import lateen.capture.simulate.Packet;
import lateen.capture.simulate.PacketSimulator;

/** {@code capture explain}: one packet's way through the rules that are there, rule by rule. */
final class ExplainCommand {
    static final String USAGE = """
            Usage: lateen capture explain [--in | --out] tcp|udp [SRC[:PORT]] DST:PORT [target] [flags]

            Walks the first packet of a connection through the rules of a namespace as the kernel would, and prints each
            rule with its answer, what is changed, where the packet ends, who listens there, and which flag decides it.
              --in, --out   it arrives, or is sent from here (default: by whose address SRC is; without SRC: sent)
              --uid, --gid  user and group that send it (default: those of --pid or the container, else 1000)
              --iface I     interface of arrival or departure (default: by routing)
              --mark M      mark of the packet (default 0)
              --all         also print chains without rules
            An IPv6 address with a port stands in brackets: [fd00::1]:80.
            """ + Place.HELP;

    private record Request(Packet packet, boolean all) {}

    private record Endpoint(InetAddress address, int port) {}

    private ExplainCommand() {}

    static int run(List<String> args, PrintStream out) throws InvalidOptionException, CaptureException, IOException {
        Set<String> valued = new HashSet<>(Place.FLAGS);
        valued.addAll(List.of("--uid", "--gid", "--iface", "--mark"));
        Arguments arguments = Arguments.parse(args, valued, Set.of("--in", "--out", "--all"));
        List<String> words = arguments.rest();
        int packetWords = 0;
        while (packetWords < words.size() && packetWords < 3 && !Place.isTarget(words.get(packetWords))) {
            packetWords++;
        }
        Place place = Place.of(arguments, words.subList(packetWords, words.size()));
        if (packetWords < 2) {
            throw new InvalidOptionException(
                    "packet",
                    String.join(" ", words),
                    "tcp or udp, SRC, and DST:PORT, such as tcp 10.0.0.1 1.2.3.4:80");
        }
        Protocol protocol = protocol(words.getFirst());
        NamespaceState state = place.read();
        Request request = request(arguments, protocol, words.subList(1, packetWords), place, state.network());
        Netfilter rules = Place.rules(state);
        Explanation explanation = new PacketSimulator(rules, state.network()).explain(request.packet);
        new ExplanationText(rules, state.network(), request.packet, request.all)
                .lines(explanation)
                .forEach(out::println);
        return 0;
    }

    private static Protocol protocol(String text) throws InvalidOptionException {
        return switch (text) {
            case "tcp" -> Protocol.TCP;
            case "udp" -> Protocol.UDP;
            default -> throw new InvalidOptionException("protocol", text, "tcp or udp");
        };
    }

    private static Request request(
            Arguments arguments, Protocol protocol, List<String> ends, Place place, HostNetwork network)
            throws InvalidOptionException, IOException {
        if (arguments.has("--in") && arguments.has("--out")) {
            throw new InvalidOptionException("--in", "--out", "one of them");
        }
        Endpoint to = endpoint(ends.getLast(), true);
        Optional<Endpoint> from = ends.size() > 1 ? Optional.of(endpoint(ends.getFirst(), false)) : Optional.empty();
        if (from.isPresent() && from.get().address.getAddress().length != to.address.getAddress().length) {
            throw new InvalidOptionException("packet", String.join(" ", ends), "two addresses of one family");
        }
        boolean out = arguments.has("--out")
                || (!arguments.has("--in")
                        && from.map(f -> network.isLocal(f.address)).orElse(true));
        long mark = arguments.number("--mark", 0, 0xFFFF_FFFFL, 0);
        ProcessOwner owner = place.owner().isPresent()
                ? ProcessOwner.of(place.owner().getAsLong())
                : sameIds(arguments.number("--uid", 0, 0xFFFF_FFFEL, 1000));
        String device = arguments.value("--iface").orElse("");
        if (device.isEmpty()) {
            device = device(out, from, to, mark, network);
        }
        IpFamily family = to.address.getAddress().length == 4 ? IpFamily.IPV4 : IpFamily.IPV6;
        InetAddress source = from.isPresent() ? from.get().address : source(device, to.address, family, network);
        return new Request(
                new Packet(
                        out ? Packet.Direction.OUT : Packet.Direction.IN,
                        device,
                        protocol,
                        source,
                        from.map(Endpoint::port).filter(p -> p > 0).orElse(40_000),
                        to.address,
                        to.port,
                        arguments.number("--uid", 0, 0xFFFF_FFFEL, owner.uid()),
                        arguments.number("--gid", 0, 0xFFFF_FFFEL, owner.gid()),
                        mark),
                arguments.has("--all"));
    }

    /** Without a process the group is taken to have the user's number. */
    private static ProcessOwner sameIds(long uid) {
        return new ProcessOwner(uid, uid);
    }

    private static String device(boolean out, Optional<Endpoint> from, Endpoint to, long mark, HostNetwork network)
            throws InvalidOptionException {
        if (!out && from.isEmpty()) {
            throw new InvalidOptionException("packet", Cidr.addressText(to.address), "SRC before DST:PORT with --in");
        }
        // What arrives is taken to come the way that the answer goes.
        InetAddress far = out ? to.address : from.orElseThrow().address;
        Optional<HostNetwork.Route> route = network.route(far, out ? mark : 0);
        if (route.isEmpty()) {
            throw new InvalidOptionException(
                    out ? "destination" : "source",
                    Cidr.addressText(far),
                    "an address to which there is a route here; or --iface");
        }
        return route.get().local() ? "lo" : route.get().device();
    }

    private static InetAddress source(String device, InetAddress to, IpFamily family, HostNetwork network)
            throws InvalidOptionException {
        // A call to an own address comes from that address.
        Optional<InetAddress> own = device.equals("lo") ? Optional.of(to) : network.firstAddress(device, family);
        if (own.isEmpty()) {
            throw new InvalidOptionException(
                    "packet", Cidr.addressText(to), "SRC before it: " + device + " has no address");
        }
        return own.get();
    }

    private static Endpoint endpoint(String text, boolean withPort) throws InvalidOptionException {
        boolean bracket = text.startsWith("[");
        int end = bracket ? text.indexOf(']') : -1;
        boolean bareV6 = !bracket && text.indexOf(':') != text.lastIndexOf(':');
        int colon = bracket ? (end >= 0 && end + 1 < text.length() ? end + 1 : -1) : bareV6 ? -1 : text.indexOf(':');
        String host = bracket ? text.substring(1, Math.max(1, end)) : colon < 0 ? text : text.substring(0, colon);
        int port = colon < 0 ? 0 : Numbers.parse(text.substring(colon + 1), 1, 65535);
        Optional<InetAddress> address = Cidr.parseAddress(host);
        if (address.isEmpty() || port < 0 || (withPort && port == 0)) {
            throw new InvalidOptionException(
                    withPort ? "destination" : "source",
                    text,
                    withPort ? "ADDRESS:PORT, such as 1.2.3.4:80 or [fd00::1]:80" : "an address");
        }
        return new Endpoint(address.get(), port);
    }
}
