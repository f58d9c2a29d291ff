package lateen.decision.chain;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import lateen.decision.Compiled;
import lateen.decision.TestConnection;
import lateen.decision.config.FilterChainConfig;
import lateen.decision.config.FilterChainMatch;
import lateen.decision.config.FilterChainMatch.SourceType;
import lateen.decision.config.ListenerConfig;
import lateen.decision.net.Cidr;
import lateen.decision.net.IpAddress;
import lateen.decision.net.SocketAddr;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.statistics.Statistics;
import org.junit.jupiter.api.Test;

class ChainSelectorTest {

    private static final TestConnection PLAIN = TestConnection.to("10.0.0.1", 80);

    /** Parts as {@code key=value[,value]}: port, dst, sni, tp, alpn, direct, type, src, sport. */
    static FilterChainMatch match(String text) {
        int port = 0;
        String transport = "";
        SourceType type = SourceType.ANY;
        List<Set<String>> sets = new ArrayList<>(List.of(Set.of(), Set.of(), Set.of(), Set.of(), Set.of(), Set.of()));
        List<String> keys = List.of("dst", "sni", "alpn", "direct", "src", "sport");
        for (String part : text.isEmpty() ? new String[0] : text.split(" ")) {
            String key = part.substring(0, part.indexOf('='));
            String value = part.substring(part.indexOf('=') + 1);
            switch (key) {
                case "port" -> port = Integer.parseInt(value);
                case "tp" -> transport = value;
                case "type" -> type = SourceType.valueOf(value);
                default -> sets.set(keys.indexOf(key), Set.of(value.split(",")));
            }
        }
        return new FilterChainMatch(
                port,
                prefixes(sets.get(0)),
                sets.get(1),
                transport,
                sets.get(2),
                prefixes(sets.get(3)),
                type,
                prefixes(sets.get(4)),
                sets.get(5).stream().map(Integer::valueOf).collect(Collectors.toSet()));
    }

    private static Set<Cidr> prefixes(Set<String> texts) {
        return texts.stream().map(Cidr::parse).collect(Collectors.toSet());
    }

    private static ListenerConfig listener(FilterChainConfig fallback, List<FilterChainMatch> matches) {
        List<FilterChainConfig> chains = new ArrayList<>();
        for (int i = 0; i < matches.size(); i++) {
            chains.add(new FilterChainConfig("c" + i, matches.get(i), null, List.of()));
        }
        return listener("virtualInbound", true, chains, fallback, "0.0.0.0", 15006);
    }

    private static ListenerConfig listener(
            String name,
            boolean bind,
            List<FilterChainConfig> chains,
            FilterChainConfig fallback,
            String ip,
            int port) {
        return new ListenerConfig(
                name,
                List.of(new SocketAddr(IpAddress.parse(ip), port)),
                bind,
                true,
                ListenerConfig.Direction.INBOUND,
                new ListenerConfig.Inspectors(true, true, true, Duration.ZERO, true),
                chains,
                fallback,
                List.of());
    }

    /** Index of the chain; −1: none. */
    private static int select(TestConnection connection, String... matches) {
        var compiled = ChainSelector.compile(listener(
                null, Arrays.stream(matches).map(ChainSelectorTest::match).toList()));
        return index(((Compiled.Ready<ChainSelector>) compiled).program().select(connection));
    }

    private static int index(Selection selection) {
        return switch (selection) {
            case Selection.Chain c -> c.index();
            case Selection.Default d -> -2;
            case Selection.None n -> -1;
        };
    }

    @Test
    void theMoreSpecificChainIsTaken() {
        assertThat(select(PLAIN, "", "port=80")).isEqualTo(1);
        assertThat(select(PLAIN, "port=81", "")).isEqualTo(1);
        assertThat(select(PLAIN, "dst=10.0.0.0/8", "dst=10.0.0.0/24", "dst=10.0.0.0/16"))
                .isEqualTo(1);
        assertThat(select(PLAIN, "", "dst=0.0.0.0/0")).isEqualTo(1);
        assertThat(select(PLAIN.tls("www.example.com"), "sni=*.com", "sni=*.example.com", "sni=other"))
                .isEqualTo(1);
        assertThat(select(PLAIN.tls("www.example.com"), "sni=*.example.com", "sni=www.example.com"))
                .isEqualTo(1);
        assertThat(select(PLAIN.tls("example.com"), "sni=*.example.com", "sni=*.com"))
                .isEqualTo(1);
        assertThat(select(PLAIN.tls(""), "tp=raw_buffer", "tp=tls")).isEqualTo(1);
        assertThat(select(PLAIN.from("1.1.1.1", "2.2.2.2", 7), "direct=2.2.2.2", "direct=1.1.1.1"))
                .isEqualTo(1);
        assertThat(select(PLAIN.from("1.1.1.1", "2.2.2.2", 7), "src=1.1.1.1", "src=2.2.2.0/24"))
                .isEqualTo(1);
        assertThat(select(PLAIN.from("1.1.1.1", "2.2.2.2", 7), "sport=8", "sport=6,7"))
                .isEqualTo(1);
        assertThat(select(TestConnection.to("fd00::1", 80), "dst=fd00::/8", "dst=0.0.0.0/0", "dst=fd00::/64"))
                .isEqualTo(2);
    }

    @Test
    void whoIsOnThisMachineMayHaveAChainOfItsOwn() {
        String[] matches = {"type=EXTERNAL", "type=SAME_IP_OR_LOOPBACK", ""};
        assertThat(select(PLAIN.from("1.1.1.1", "1.1.1.1", 7), matches)).isZero();
        assertThat(select(PLAIN.from("127.0.0.1", "127.0.0.1", 7), matches)).isEqualTo(1);
        // As in Envoy.
        assertThat(select(PLAIN.from("127.3.0.1", "127.3.0.1", 7), matches)).isZero();
        assertThat(select(PLAIN.from("10.0.0.1", "10.0.0.1", 7), matches)).isEqualTo(1);
        assertThat(select(TestConnection.to("fd00::1", 80).from("::1", "::1", 7), matches))
                .isEqualTo(1);
        // What a trusted proxy in front says counts, not where that proxy is.
        assertThat(select(PLAIN.from("127.0.0.1", "1.1.1.1", 7), matches)).isZero();
        assertThat(select(PLAIN.from("1.1.1.1", "1.1.1.1", 7), "type=SAME_IP_OR_LOOPBACK", ""))
                .isEqualTo(1);
        assertThat(select(PLAIN.from("127.0.0.1", "127.0.0.1", 7), "type=SAME_IP_OR_LOOPBACK src=127.0.0.2", ""))
                .isEqualTo(-1);
        // It is asked after the direct source and before the source.
        assertThat(select(PLAIN.from("127.0.0.1", "127.0.0.1", 7), "direct=127.0.0.0/8", "type=SAME_IP_OR_LOOPBACK"))
                .isZero();
        assertThat(select(PLAIN.from("127.0.0.1", "127.0.0.1", 7), "src=127.0.0.1", "type=SAME_IP_OR_LOOPBACK"))
                .isEqualTo(1);
    }

    @Test
    void theClientsOwnOrderOfProtocolsDecides() {
        assertThat(select(PLAIN.tls("", "istio", "h2"), "alpn=h2", "alpn=istio", ""))
                .isEqualTo(1);
        assertThat(select(PLAIN.tls("", "x", "h2"), "alpn=h2", "alpn=istio", ""))
                .isZero();
        assertThat(select(PLAIN.tls("", "x"), "alpn=h2", "alpn=istio", "")).isEqualTo(2);
    }

    @Test
    void anEarlierCriterionOutweighsAllLaterOnes() {
        assertThat(select(PLAIN.tls("a.b", "h2"), "port=80", "dst=10.0.0.1 sni=a.b tp=tls alpn=h2"))
                .isZero();
    }

    @Test
    void aSpecificMatchThatFailsLaterDoesNotFallBackToAny() {
        assertThat(select(PLAIN.tls("c.d"), "", "port=80 sni=a.b")).isEqualTo(-1);
        assertThat(select(PLAIN.tls("www.example.com"), "sni=*.com", "sni=*.example.com alpn=h2"))
                .isEqualTo(-1);
    }

    @Test
    void theDefaultTakesWhatNoChainTakes() {
        var fallback = new FilterChainConfig("d", FilterChainMatch.ANY, null, List.of());
        var compiled = ChainSelector.compile(listener(fallback, List.of(match("port=81"))));
        assertThat(((Compiled.Ready<ChainSelector>) compiled).program().select(PLAIN))
                .isEqualTo(new Selection.Default(fallback));
        var empty = (Compiled.Ready<ChainSelector>) ChainSelector.compile(listener(null, List.of()));
        assertThat(empty.program().select(PLAIN)).isInstanceOf(Selection.None.class);
    }

    @Test
    void twoChainsForOneConnectionAreAConflictThatNamesBoth() {
        var compiled = ChainSelector.compile(
                listener(null, List.of(match("port=80 sni=a,b"), match("port=80 sni=c"), match("port=80 sni=b,c"))));
        assertThat(compiled).isInstanceOfSatisfying(Compiled.Conflict.class, c -> {
            assertThat(c.second()).isEqualTo("'c2'");
            assertThat(c.message()).contains("virtualInbound").contains("'c2'").contains("expected");
        });
    }

    @Property(tries = 3000)
    void theTreeSelectsAsPruningStepByStepDoes(
            @ForAll("matches") List<FilterChainMatch> matches, @ForAll("connections") TestConnection connection) {
        var compiled = ChainSelector.compile(listener(null, matches));
        boolean rivals = false;
        for (int i = 0; i < matches.size(); i++) {
            for (int j = 0; j < i; j++) {
                rivals |= NaiveChains.overlap(matches.get(i), matches.get(j));
            }
        }
        switch (compiled) {
            case Compiled.Conflict<ChainSelector> c -> assertThat(rivals).isTrue();
            case Compiled.Ready<ChainSelector>(ChainSelector program) -> {
                assertThat(rivals).isFalse();
                int expected = NaiveChains.select(matches, connection);
                Statistics.label("outcome").collect(expected < 0 ? "none" : "chain");
                assertThat(index(program.select(connection))).isEqualTo(expected);
            }
        }
    }

    @Provide
    Arbitrary<List<FilterChainMatch>> matches() {
        List<List<String>> choices = List.of(
                List.of("", "", "port=80", "port=81"),
                List.of("", "", "dst=10.0.0.0/8", "dst=10.0.0.1", "dst=fd00::/16,10.0.0.0/24"),
                List.of("", "", "sni=a.b.c", "sni=*.b.c", "sni=*.c,x"),
                List.of("", "", "tp=tls", "tp=raw_buffer"),
                List.of("", "", "alpn=h2", "alpn=h1,istio"),
                List.of("", "", "", "direct=1.0.0.0/8"),
                List.of("", "", "", "type=EXTERNAL", "type=SAME_IP_OR_LOOPBACK"),
                List.of("", "", "src=1.1.0.0/16", "src=1.0.0.0/8"),
                List.of("", "", "", "sport=7", "sport=7,8"));
        Arbitrary<String> text = Combinators.combine(
                        choices.stream().map(Arbitraries::of).toList())
                .as(parts -> parts.stream().filter(p -> !p.isEmpty()).collect(Collectors.joining(" ")));
        return text.map(ChainSelectorTest::match).list().ofMaxSize(6);
    }

    @Provide
    Arbitrary<TestConnection> connections() {
        return Combinators.combine(
                        Arbitraries.of("10.0.0.1", "10.0.0.2", "10.1.0.1", "fd00::1"),
                        Arbitraries.of(80, 81),
                        Arbitraries.of("", "a.b.c", "z.b.c", "b.c", "x"),
                        Arbitraries.of(List.of(), List.of("h2"), List.of("istio", "h2"), List.of("h1")),
                        Arbitraries.of("1.1.1.1", "2.2.2.2"),
                        Arbitraries.of("1.1.1.1", "1.2.2.2", "127.0.0.1", "127.0.0.2", "10.0.0.1"),
                        Arbitraries.of(7, 8))
                .as((ip, port, sni, alpn, direct, client, sport) -> {
                    TestConnection c = TestConnection.to(ip, port).from(direct, client, sport);
                    return sni.isEmpty() && alpn.isEmpty() ? c : c.tls(sni, alpn.toArray(String[]::new));
                });
    }

    @Test
    void aCapturedConnectionGoesToItsAddressThenToItsPort() {
        ListenerConfig exact = listener("10.0.0.1_80", false, List.of(), null, "10.0.0.1", 80);
        ListenerConfig port = listener("0.0.0.0_80", false, List.of(), null, "0.0.0.0", 80);
        ListenerConfig port6 = listener("::_80", false, List.of(), null, "::", 80);
        ListenerConfig bound = listener("bound", true, List.of(), null, "0.0.0.0", 15006);
        var selector = ((Compiled.Ready<ListenerSelector>) ListenerSelector.compile(List.of(exact, port, port6, bound)))
                .program();
        assertThat(selector.select(IpAddress.parse("10.0.0.1"), 80)).isSameAs(exact);
        assertThat(selector.select(IpAddress.parse("10.0.0.2"), 80)).isSameAs(port);
        assertThat(selector.select(IpAddress.parse("fd00::1"), 80)).isSameAs(port6);
        assertThat(selector.select(IpAddress.parse("10.0.0.1"), 81)).isNull();
        assertThat(selector.select(IpAddress.parse("10.0.0.1"), 15006)).isNull();
    }

    @Test
    void twoListenersOfOneAddressAreAConflict() {
        ListenerConfig a = listener("a", false, List.of(), null, "10.0.0.1", 80);
        ListenerConfig b = listener("b", false, List.of(), null, "10.0.0.1", 80);
        assertThat(ListenerSelector.compile(List.of(a, b)))
                .isInstanceOfSatisfying(
                        Compiled.Conflict.class, c -> assertThat(c.message()).contains("'a'", "'b'", "10.0.0.1:80"));
    }
}
