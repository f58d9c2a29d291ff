package lateen.capture.simulate;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import lateen.capture.model.Cidr;
import lateen.capture.model.Clause;
import lateen.capture.model.Hook;
import lateen.capture.model.HookChain;
import lateen.capture.model.HookRule;
import lateen.capture.model.HookTable;
import lateen.capture.model.HostNetwork;
import lateen.capture.model.IpFamily;
import lateen.capture.model.Netfilter;
import lateen.capture.model.Protocol;
import org.junit.jupiter.api.Test;

/** What the comparison with the kernel has taught, each by its name. */
class KernelCasesTest {
    private static final HostNetwork HOST = new HostNetwork(
            List.of(new HostNetwork.Address("eth0", PacketLab.address("10.0.0.1"))),
            List.of(route("local", "local", "10.0.0.1/32", "eth0"), route("main", "unicast", "0.0.0.0/0", "eth0")),
            List.of(
                    new HostNetwork.Policy(IpFamily.IPV4, 0, 0, 0, "local", true),
                    new HostNetwork.Policy(IpFamily.IPV4, 32766, 0, 0, "main", true)),
            Optional.of(List.of(new HostNetwork.Listener(Protocol.TCP, PacketLab.address("0.0.0.0"), 15006, 0, ""))),
            List.of(IpFamily.IPV4),
            List.of());

    private static HostNetwork.Route route(String table, String type, String to, String device) {
        return new HostNetwork.Route(table, type, Cidr.parse(to).orElseThrow(), device, 0);
    }

    private static Explanation explained(
            Hook hook, HookChain.Kind kind, int priority, Packet packet, Clause... clauses) {
        return explained(HOST, hook, kind, priority, packet, clauses);
    }

    private static Explanation explained(
            HostNetwork host, Hook hook, HookChain.Kind kind, int priority, Packet packet, Clause... clauses) {
        HookChain chain = new HookChain(
                "c",
                Optional.of(new HookChain.Base(hook, kind, priority, false)),
                List.of(new HookRule("rule", List.of(clauses), Optional.empty())));
        HookTable table = new HookTable(HookTable.Engine.NATIVE, Optional.empty(), "t", List.of(chain));
        return new PacketSimulator(new Netfilter(List.of(table), List.of()), host).explain(packet);
    }

    private static Packet in(String to) {
        return Packet.in("eth0", Protocol.TCP, PacketLab.address("10.0.0.9"), PacketLab.address(to), 80);
    }

    @Test
    void what_a_transparent_listener_was_given_is_not_passed_on() {
        Clause tproxy = new Clause.Tproxy(Optional.empty(), 15006, Optional.empty(), true);
        assertThat(explained(Hook.PREROUTING, HookChain.Kind.FILTER, -150, in("192.0.2.1"), tproxy)
                        .verdict())
                .isEqualTo(new Verdict.Dropped());
        assertThat(explained(Hook.PREROUTING, HookChain.Kind.FILTER, -150, in("10.0.0.1"), tproxy)
                        .verdict())
                .isEqualTo(new Verdict.Intercepted(15006));
    }

    @Test
    void a_loopback_address_leaves_the_host_only_where_the_kernel_was_told_so() {
        Clause dnat = new Clause.Dnat(Optional.of(PacketLab.address("10.0.0.9")), java.util.OptionalInt.empty());
        Packet out = Packet.out(
                "lo", Protocol.TCP, PacketLab.address("127.0.0.1"), PacketLab.address("127.0.0.1"), 80, 7, 7);
        assertThat(explained(Hook.OUTPUT, HookChain.Kind.NAT, -100, out, dnat).verdict())
                .isEqualTo(new Verdict.Dropped());
        assertThat(explained(HOST, Hook.PREROUTING, HookChain.Kind.FILTER, -150, in("127.0.0.1"), new Clause.Accept())
                        .verdict())
                .isEqualTo(new Verdict.Dropped());
        for (String device : List.of("all", "eth0")) {
            HostNetwork told = new HostNetwork(
                    HOST.addresses(),
                    HOST.routes(),
                    HOST.policies(),
                    HOST.listeners(),
                    HOST.forwards(),
                    List.of(device));
            assertThat(explained(told, Hook.OUTPUT, HookChain.Kind.NAT, -100, out, dnat)
                            .verdict())
                    .isInstanceOf(Verdict.Translated.class);
        }
    }

    @Test
    void before_conntrack_has_seen_it_a_packet_is_called_invalid() {
        Clause state =
                new Clause.StateIs(java.util.EnumSet.of(lateen.capture.model.Match.ConnectionState.INVALID), false);
        assertThat(explained(Hook.PREROUTING, HookChain.Kind.FILTER, -300, in("10.0.0.1"), state, new Clause.Drop())
                        .verdict())
                .isEqualTo(new Verdict.Dropped());
        assertThat(explained(Hook.PREROUTING, HookChain.Kind.FILTER, -150, in("10.0.0.1"), state, new Clause.Drop())
                        .verdict())
                .isEqualTo(new Verdict.Passed());
    }

    @Test
    void an_unknown_condition_is_followed_both_ways() {
        Clause unknown = new Clause.UnknownCondition("chance");
        Explanation dropped =
                explained(Hook.INPUT, HookChain.Kind.FILTER, 0, in("10.0.0.1"), unknown, new Clause.Drop());
        assertThat(dropped.certain()).isFalse();
        Explanation noted =
                explained(Hook.INPUT, HookChain.Kind.FILTER, 0, in("10.0.0.1"), unknown, new Clause.Note("log"));
        assertThat(noted.certain()).isTrue();
    }
}
