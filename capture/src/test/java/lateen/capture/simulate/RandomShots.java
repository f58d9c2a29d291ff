package lateen.capture.simulate;

import java.util.Random;
import lateen.capture.model.Protocol;

/** Random packets between the namespaces of a {@link PacketLab}. */
final class RandomShots {
    private RandomShots() {}

    /** Roles, addresses, owners and ports as the lab has them; each packet has a source port of its own. */
    static PacketLab.Shot shot(Random random, String token, int number) {
        boolean six = random.nextBoolean();
        Protocol protocol = random.nextInt(3) > 0 ? Protocol.TCP : Protocol.UDP;
        int sport = 20_000 + number % 12_000 * 7919 % 12_000;
        int port = PacketLab.PORTS.get(random.nextInt(PacketLab.PORTS.size()));
        String pod = six ? PacketLab.POD6 : PacketLab.POD4;
        String vmSide = six ? "fd00:253::1" : "10.253.0.1";
        String far = PacketLab.FAR.get(random.nextInt(3) + (six ? 3 : 0));
        int way = random.nextInt(12);
        if (way < 3) {
            String source = random.nextBoolean() ? far : six ? PacketLab.PEER6 : PacketLab.PEER4;
            return in(token, "peer", "eth0", protocol, source, sport, pod, port);
        }
        if (way == 3) {
            return in(
                    token,
                    "vm",
                    "vnet0",
                    protocol,
                    six ? PacketLab.VM6 : PacketLab.VM4,
                    sport,
                    random.nextBoolean() ? vmSide : pod,
                    port);
        }
        if (way == 4) {
            return in(
                    token,
                    "vm",
                    "vnet0",
                    protocol,
                    six ? PacketLab.VM6 : PacketLab.VM4,
                    sport,
                    PacketLab.BEYOND.get(six ? 1 : 0),
                    port);
        }
        String[] ends = switch (way) {
            case 5 -> new String[] {"lo", pod, pod};
            case 6 -> six ? new String[] {"lo", "::1", "::1"} : new String[] {"lo", "127.0.0.1", "127.0.0.1"};
            case 7 -> new String[] {"lo", six ? "::6" : "127.0.0.6", pod};
            case 8 -> six ? new String[] {"lo", pod, pod} : new String[] {"lo", "127.0.0.1", "127.9.9.9"};
            case 9 -> new String[] {"vnet0", vmSide, six ? PacketLab.VM6 : PacketLab.VM4};
            default ->
                new String[] {"eth0", pod, random.nextInt(4) == 0 ? (six ? PacketLab.PEER6 : PacketLab.PEER4) : far};
        };
        int[] ids = {0, 42, 1000, 1337, 7};
        int[] marks = {0, 0, 0, 7, 0x10, 99, 0x21};
        int mark = marks[random.nextInt(marks.length)];
        // The mark leads to the vm.
        String device = mark == 0x21 && ends[0].equals("eth0") ? "vnet0" : ends[0];
        if (mark == 0x21 && ends[2].equals(six ? PacketLab.PEER6 : PacketLab.PEER4)) {
            mark = 0;
            device = "eth0";
        }
        return new PacketLab.Shot(
                token,
                "pod",
                new Packet(
                        Packet.Direction.OUT,
                        device,
                        protocol,
                        PacketLab.address(ends[1]),
                        sport,
                        PacketLab.address(ends[2]),
                        port,
                        ids[random.nextInt(ids.length)],
                        ids[random.nextInt(ids.length)],
                        mark));
    }

    private static PacketLab.Shot in(
            String token,
            String from,
            String device,
            Protocol protocol,
            String source,
            int sport,
            String to,
            int port) {
        return new PacketLab.Shot(
                token,
                from,
                new Packet(
                        Packet.Direction.IN,
                        device,
                        protocol,
                        PacketLab.address(source),
                        sport,
                        PacketLab.address(to),
                        port,
                        0,
                        0,
                        0));
    }
}
