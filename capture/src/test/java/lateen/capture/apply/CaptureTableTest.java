package lateen.capture.apply;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import lateen.capture.model.IpFamily;
import lateen.testing.NeedsRoot;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What must be captured and what not, flag by flag: each row's connections are really made, in both families and with all
 * three back ends, which must agree. Without the row's flags at least one of them lands elsewhere, so that each row can
 * fail.
 */
@NeedsRoot
class CaptureTableTest {
    /** Tried in every row: what they must do differs, that the back ends do the same does not. */
    private static final List<Probe> ALWAYS = Stream.of(
                    "app>far:80=0",
                    "app>near:443=0",
                    "app>dns:53/udp=0",
                    "app>dns:53=0",
                    "app>lo:8080=0",
                    "app>lo2:80=0",
                    "app>pod:8080=0",
                    "app>vm:80=0",
                    "proxy>far:80=0",
                    "proxy>pod:8080=0",
                    "proxy>pod:15008=0",
                    "proxy>lo:8080=0",
                    "proxy@pass>pod:8080=0",
                    "1337:0>far:80=0",
                    "0:1337>far:80=0",
                    "0:0>far:9000=0",
                    "in>pod:8080=0",
                    "in>pod:15008=0",
                    "in>pod:15020=0",
                    "in>pod:15006=0",
                    "vm>pod:8080=0",
                    "vm>far:80=0")
            .map(Probe::of)
            .toList();

    private static final ExecutorService WORKERS = Executors.newFixedThreadPool(BackEndFlags.values().length);
    private static final Map<BackEndFlags, Lab> LABS = new EnumMap<>(BackEndFlags.class);

    @BeforeAll
    static void build() throws IOException {
        for (BackEndFlags backEnd : BackEndFlags.values()) {
            LABS.put(backEnd, new Lab());
        }
        for (Lab lab : LABS.values()) {
            lab.start();
        }
    }

    @AfterAll
    static void remove() throws IOException {
        WORKERS.shutdownNow();
        for (Lab lab : LABS.values()) {
            lab.close();
        }
    }

    // Columns: what is tested | flags beside it (- for no rules at all) | its flags | connections.
    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', textBlock = """
            the story's rules            | -               | -i * -x '' -b * -d 15090,15021,15020 | app>far:80=15001 in>pod:8080=15006 in>pod:15020=15020 in>pod:15008=15008 proxy>far:80=80
            outbound port                | -i *            | -p 16001      | app>far:80=16001
            inbound port                 | -b *            | -z 16006      | in>pod:8080=16006 proxy>pod:8080=16006
            tunnel port                  | -b *            | -e 9000       | in>pod:9000=9000 in>pod:15008=15006 proxy>pod:9000=9000 proxy>pod:15008=15006
            proxy's users                | -i *            | -u 1500-1502,7 | 1500:3>far:80=80 1502:3>far:80=80 7:3>far:80=80 3:1500>far:80=80 1503:3>far:80=15001 proxy>far:80=15001
            proxy's groups               | -i *            | -g 77         | 1000:77>far:80=80 1337:5>far:80=80 5:1337>far:80=15001
            proxy's mark                 | -i * -b *       | --proxy-mark 99 | 0:0#99>far:80=80 proxy>far:80=15001 0:0#99>pod:8080=15006
            transparent inbound          | -i * -b *       | -m TPROXY     | in>pod:8080=15006t in>pod:15008=15006t app>far:80=15001 proxy>pod:8080=15006t proxy>pod:15008=15008 app>pod:8080=8080 app>lo:8080=8080 proxy@peer#1337>pod:8080=8080
            transparent, other mark      | -b *            | -m TPROXY -t 555 -r 144 | in>pod:8080=15006t proxy>pod:8080=15006t proxy@peer#555>pod:8080=8080
            transparent, listed ports    | -m TPROXY -b *  | -b 80,8080    | in>pod:8080=15006t in>pod:80=15006t in>pod:9000=9000
            transparent, left out ports  | -m TPROXY -b *  | -d 9000       | in>pod:9000=9000 in>pod:8080=15006t vm>far:9000=9000
            transparent, interface       | -m TPROXY -b *  | -c vnet0      | vm>pod:8080=8080 vm>far:80=80 vm>near:443=443 in>pod:8080=15006t
            transparent, virtual machine | -m TPROXY -b * -i * | -k vnet0  | vm>far:80=15001 vm>pod:8080=15001 in>pod:8080=15006t
            transparent, machine beside ranges | -m TPROXY -b * -i 10.1.0.0/16,fd01::/16 | -k vnet0 | vm>near:80=15001 vm>far:80=80
            no transparent listener      | -m TPROXY -b *  | -z 17006      | in>pod:8080=drop
            some inbound ports           | -b *            | -b 80,8080    | in>pod:80=15006 in>pod:8080=15006 in>pod:9000=9000 in>pod:15008=15008
            no inbound ports             | -b *            | -b ''         | in>pod:8080=8080 in>pod:15008=15008
            tunnel port as inbound port  | -b *            | -b 15008,80   | in>pod:15008=15008 in>pod:8080=8080
            inbound ports left out       | -b *            | -d 9000,15020 | in>pod:9000=9000 in>pod:15020=15020 in>pod:8080=15006
            left out only beside all     | -b * -d 9000    | -b 9000       | in>pod:9000=15006
            interface left out           | -i * -b *       | -c vnet0      | vm>pod:8080=8080 in>pod:8080=15006 app>vm:80=80 app>far:80=15001
            interfaces by their beginning | -i * -b *      | -c vn+        | vm>pod:8080=8080 app>vm:80=80 app>far:80=15001
            outbound ranges              | -               | -i 10.1.0.0/16,fd01::/16 | app>near:80=15001 app>far:80=80 app>peer:80=80
            no outbound ranges           | -i *            | -i ''         | app>far:80=80 app>near:80=80
            outbound ranges left out     | -i *            | -x 10.1.0.0/16,fd01::/16 | app>near:80=80 app>far:80=15001
            outbound ports               | -               | -q 9000       | app>far:9000=15001 app>far:80=80 proxy>far:9000=9000 app>lo:9000=9000
            outbound ports left out      | -i *            | -o 443,9000   | app>far:443=443 app>far:9000=9000 app>far:80=15001
            all that wins over a port    | -q 443,9000     | -o 443 -x 10.1.0.0/16,fd01::/16 ISTIO_OUTBOUND_OWNER_GROUPS_EXCLUDE=42 | app>far:443=443 app>near:9000=9000 1000:42>far:9000=9000 proxy>far:9000=9000 app>lo:9000=9000 app>far:9000=15001
            virtual machine              | -i * -b *       | -k vnet0      | vm>far:80=15001 vm>pod:8080=15001 in>pod:8080=15006
            virtual machine, ranges      | -i 10.1.0.0/16,fd01::/16 -b * | -k vnet0 | vm>near:80=15001 vm>far:80=80 vm>pod:8080=8080
            own loopback range           | -i 10.0.0.0/8   | -i 127.0.0.0/8 | app>lo2:80=15001 app>lo:80=80 app>near:80=80
            loopback's extent            | -i 127.0.0.0/8  | ISTIO_OUTBOUND_IPV4_LOOPBACK_CIDR=127.0.0.0/8 | app>lo2:80=80
            groups to capture            | -i *            | ISTIO_OUTBOUND_OWNER_GROUPS=42,50-60 | 1000:42>far:80=15001 1000:55>far:80=15001 1000:43>far:80=80
            groups to leave alone        | -i *            | ISTIO_OUTBOUND_OWNER_GROUPS_EXCLUDE=42,50-60 | 1000:42>far:80=80 1000:60>far:80=80 1000:43>far:80=15001
            DNS to known servers         | -               | --redirect-dns | app>dns:53/udp=15053 app>dns:53=15053 app>far:53/udp=53 app>far:53=53 proxy>dns:53/udp=53 proxy>dns:53=53
            DNS by its variable          | -               | ISTIO_META_DNS_CAPTURE=true | app>dns:53/udp=15053
            DNS to all servers           | --redirect-dns  | --capture-all-dns | app>far:53/udp=15053 app>far:53=15053 app>lo:53/udp=15053 app>lo:53=15053 proxy>far:53/udp=53 app>far:80=80
            DNS flows in zones           | -               | --redirect-dns | app@:5300>dns:53/udp=15053 proxy@:5300>dns:53/udp=53 app@:5300>dns:53/udp=15053
            DNS of other groups          | --redirect-dns  | ISTIO_OUTBOUND_OWNER_GROUPS=42 | 1000:42>dns:53/udp=15053 1000:43>dns:53/udp=53 1000:43>dns:53=53
            invalid packets              | -b *            | --drop-invalid | in>pod:4444/fin=drop in>pod:8080=15006
            both families                | -i * -b * --dual-stack=false | --dual-stack=true | app>far:80=15001 in>pod:8080=15006
            self-calls and pass-through  | -               | -i * -b *     | proxy>pod:8080=15006 proxy@pass>pod:8080=8080 proxy>lo:8080=8080 app>pod:8080=8080 proxy>pod:15008=15008
            """)
    void lands_where_it_must(String what, String beside, String flags, String connections) throws Exception {
        List<Probe> probes =
                Arrays.stream(connections.split(" ")).map(Probe::of).toList();
        String all = beside.equals("-") ? flags : beside + " " + flags;
        Map<BackEndFlags, Future<List<String>>> running = new EnumMap<>(BackEndFlags.class);
        for (BackEndFlags backEnd : BackEndFlags.values()) {
            running.put(backEnd, WORKERS.submit(() -> {
                backEnd.reset(LABS.get(backEnd));
                apply(backEnd, all);
                assertThat(landings(backEnd, probes)).as("%s: %s", backEnd, all).isEqualTo(expected(probes));
                return landings(backEnd, ALWAYS);
            }));
        }
        Map<BackEndFlags, List<String>> always = new EnumMap<>(BackEndFlags.class);
        for (BackEndFlags backEnd : BackEndFlags.values()) {
            always.put(backEnd, running.get(backEnd).get());
        }
        assertThat(always.get(BackEndFlags.LEGACY)).as("legacy and nft").isEqualTo(always.get(BackEndFlags.NFT));
        assertThat(always.get(BackEndFlags.NATIVE)).as("native and nft").isEqualTo(always.get(BackEndFlags.NFT));
        BackEndFlags.NFT.reset(LABS.get(BackEndFlags.NFT));
        if (!beside.equals("-")) {
            apply(BackEndFlags.NFT, beside);
        }
        assertThat(landings(BackEndFlags.NFT, probes)).as("without %s", flags).isNotEqualTo(expected(probes));
    }

    private static List<String> expected(List<Probe> probes) {
        return each(probes, (probe, _) -> probe.expected());
    }

    private static List<String> landings(BackEndFlags backEnd, List<Probe> probes) throws IOException {
        return each(probes, LABS.get(backEnd)::landing);
    }

    private interface Answer {
        String to(Probe probe, IpFamily family) throws IOException;
    }

    private static List<String> each(List<Probe> probes, Answer answer) {
        List<String> lines = new ArrayList<>();
        for (Probe probe : probes) {
            for (IpFamily family : IpFamily.values()) {
                if (probe.isFor(family)) {
                    try {
                        lines.add(family + " " + probe.text() + ": " + answer.to(probe, family));
                    } catch (IOException e) {
                        throw new java.io.UncheckedIOException(e);
                    }
                }
            }
        }
        return lines;
    }

    private static void apply(BackEndFlags backEnd, String flags) throws Exception {
        assertThat(backEnd.run(LABS.get(backEnd), flags)).isEqualTo(CaptureApplier.Outcome.APPLIED);
        assertThat(backEnd.run(LABS.get(backEnd), flags))
                .as("the second run")
                .isEqualTo(CaptureApplier.Outcome.UNCHANGED);
    }
}
