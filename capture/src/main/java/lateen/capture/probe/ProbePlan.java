package lateen.capture.probe;

import java.math.BigInteger;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import lateen.capture.model.Cidr;
import lateen.capture.model.HostFacts;
import lateen.capture.model.IpFamily;
import lateen.capture.plan.CaptureOptions;

/** Where to call, so that the answer tells whether the rules for these options work. Pure. */
record ProbePlan(CaptureOptions options, HostFacts facts, IpFamily family) {

    /** Destinations that must be captured on the way out; none when nothing is. The first that has a route will do. */
    List<ProbeSocket.End> outbound() {
        List<Integer> notPorts = options.outbound().excludedPorts();
        Optional<Integer> anyPort = IntStream.concat(
                        IntStream.of(options.probe().port()), IntStream.range(20_000, 22_000))
                .boxed()
                .filter(port -> !notPorts.contains(port))
                .findFirst();
        Optional<Integer> somePort = options.outbound().ports().stream()
                .filter(port -> !notPorts.contains(port))
                .findFirst();
        List<InetAddress> outside = Stream.concat(
                        Stream.of(documentation()), own().stream().map(ProbePlan::neighbour))
                .toList();
        List<ProbeSocket.End> ends = new ArrayList<>();
        if (options.outbound().cidrs().all()) {
            anyPort.ifPresent(port -> outside.forEach(a -> ends.add(new ProbeSocket.End(a, port))));
        }
        options.outbound().cidrs().listed().stream()
                .filter(range -> range.family() == family && !range.isLoopback())
                .forEach(range -> anyPort.ifPresent(port -> ends.add(new ProbeSocket.End(first(range), port))));
        somePort.ifPresent(port -> outside.forEach(a -> ends.add(new ProbeSocket.End(a, port))));
        return ends.stream()
                .filter(end -> options.outbound().excludedCidrs().stream().noneMatch(r -> r.contains(end.address())))
                .filter(end -> !facts.addresses().contains(end.address()))
                .toList();
    }

    /** An address of this host by which others call it. */
    Optional<InetAddress> own() {
        return facts.addresses().stream()
                .filter(a -> a.getAddress().length * 8 == family.bits())
                .filter(a -> !a.isLoopbackAddress() && !a.isLinkLocalAddress() && !a.isAnyLocalAddress())
                .findFirst();
    }

    /** True when what a program sends over lo to itself is to be left alone. */
    boolean loopbackIsLeftAlone() {
        return options.outbound().cidrs().listed().stream()
                .noneMatch(range -> range.family() == family && range.isLoopback());
    }

    InetAddress loopback() {
        return InetAddress.ofLiteral(family == IpFamily.IPV4 ? "127.0.0.1" : "::1");
    }

    /** Addresses that nobody has: RFC 5737, RFC 3849. */
    private InetAddress documentation() {
        return InetAddress.ofLiteral(family == IpFamily.IPV4 ? "192.0.2.1" : "2001:db8::1");
    }

    private static InetAddress first(Cidr range) {
        boolean single = range.prefix() == range.family().bits();
        return single ? range.address() : changed(range.address(), BigInteger.ONE);
    }

    /** Reachable without a router, where there is no default route. */
    private static InetAddress neighbour(InetAddress own) {
        return changed(own, BigInteger.TWO);
    }

    private static InetAddress changed(InetAddress address, BigInteger bits) {
        byte[] bytes = address.getAddress();
        byte[] changed = new BigInteger(1, bytes).xor(bits).toByteArray();
        byte[] result = new byte[bytes.length];
        for (int i = 0; i < Math.min(changed.length, result.length); i++) {
            result[result.length - 1 - i] = changed[changed.length - 1 - i];
        }
        try {
            return InetAddress.getByAddress(result);
        } catch (UnknownHostException e) {
            throw new IllegalStateException("an address of " + result.length + " bytes", e);
        }
    }
}
