package lateen.capture.simulate;

import java.net.InetAddress;
import lateen.capture.model.Cidr;
import lateen.capture.model.IpFamily;
import lateen.capture.model.Protocol;

/**
 * The first packet of a flow, as the rules see it.
 *
 * @param direction whether this host sends it or it arrives
 * @param device the interface by which it leaves or arrives
 * @param sourcePort 0..65535
 * @param destinationPort 0..65535
 * @param uid user that sends; only looked at on the way out
 * @param gid group that sends; only looked at on the way out
 * @param mark the packet's mark, 0 for most
 */
public record Packet(
        Direction direction,
        String device,
        Protocol protocol,
        InetAddress source,
        int sourcePort,
        InetAddress destination,
        int destinationPort,
        long uid,
        long gid,
        long mark) {

    /** The two ways through a host's rules. */
    public enum Direction {
        IN,
        OUT
    }

    public Packet {
        if (source.getAddress().length != destination.getAddress().length) {
            throw new IllegalArgumentException("addresses: " + Cidr.addressText(source) + " and "
                    + Cidr.addressText(destination) + " (expected: of one family)");
        }
    }

    /** A connection attempt that arrives. */
    public static Packet in(
            String device, Protocol protocol, InetAddress source, InetAddress destination, int destinationPort) {
        return new Packet(
                Direction.IN, device, protocol, source, 40_000, destination, destinationPort, NOBODY, NOBODY, 0);
    }

    /** A connection attempt of a program here. */
    public static Packet out(
            String device,
            Protocol protocol,
            InetAddress source,
            InetAddress destination,
            int destinationPort,
            long uid,
            long gid) {
        return new Packet(Direction.OUT, device, protocol, source, 40_000, destination, destinationPort, uid, gid, 0);
    }

    private static final long NOBODY = 65_534;

    IpFamily family() {
        return destination.getAddress().length == 4 ? IpFamily.IPV4 : IpFamily.IPV6;
    }
}
