package lateen.decision.chain;

import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import lateen.decision.config.FilterChainMatch;
import lateen.decision.net.Cidr;
import lateen.decision.net.IpAddress;
import lateen.decision.request.ConnectionView;
import org.jspecify.annotations.Nullable;

/** One question on the way to a filter chain. Immutable; asking allocates nothing. */
sealed interface Step {

    /** Where to go on; null: no chain. */
    @Nullable
    Step next(ConnectionView connection);

    static Map<String, Step> byText(Map<Object, Step> next) {
        Map<String, Step> result = new HashMap<>();
        next.forEach((value, step) -> result.put((String) value, step));
        return result;
    }

    /** The end of the way. */
    record Take(int chain) implements Step {
        @Override
        public Step next(ConnectionView connection) {
            return this;
        }
    }

    /** Ports ascend; a binary search needs no boxed key. */
    final class Port implements Step {
        private final boolean source;
        private final int[] ports;
        private final Step[] steps;
        private final @Nullable Step otherwise;

        private Port(boolean source, int[] ports, Step[] steps, @Nullable Step otherwise) {
            this.source = source;
            this.ports = ports;
            this.steps = steps;
            this.otherwise = otherwise;
        }

        static Port of(Criterion criterion, Map<Object, Step> next, @Nullable Step otherwise) {
            var sorted = next.entrySet().stream()
                    .sorted(Comparator.comparingInt(e -> (Integer) e.getKey()))
                    .toList();
            int[] ports = sorted.stream().mapToInt(e -> (Integer) e.getKey()).toArray();
            Step[] steps = sorted.stream().map(Map.Entry::getValue).toArray(Step[]::new);
            return new Port(criterion == Criterion.SOURCE_PORT, ports, steps, otherwise);
        }

        @Override
        public @Nullable Step next(ConnectionView connection) {
            int port = source ? connection.sourcePort() : connection.destinationPort();
            int at = Arrays.binarySearch(ports, port);
            return at >= 0 ? steps[at] : otherwise;
        }
    }

    /** The longest prefix that holds the address. */
    final class Prefix implements Step {
        private final Criterion criterion;
        private final Cidr[] prefixes;
        private final Step[] steps;
        private final @Nullable Step otherwise;

        private Prefix(Criterion criterion, Cidr[] prefixes, Step[] steps, @Nullable Step otherwise) {
            this.criterion = criterion;
            this.prefixes = prefixes;
            this.steps = steps;
            this.otherwise = otherwise;
        }

        static Prefix of(Criterion criterion, Map<Object, Step> next, @Nullable Step otherwise) {
            var sorted = next.entrySet().stream()
                    .sorted(Comparator.comparingInt(e -> -((Cidr) e.getKey()).length()))
                    .toList();
            Cidr[] prefixes = sorted.stream().map(e -> (Cidr) e.getKey()).toArray(Cidr[]::new);
            Step[] steps = sorted.stream().map(Map.Entry::getValue).toArray(Step[]::new);
            return new Prefix(criterion, prefixes, steps, otherwise);
        }

        @Override
        public @Nullable Step next(ConnectionView connection) {
            IpAddress ip = criterion == Criterion.DESTINATION_IP
                    ? connection.destinationIp()
                    : criterion == Criterion.DIRECT_SOURCE_IP ? connection.directSourceIp() : connection.sourceIp();
            for (int i = 0; i < prefixes.length; i++) {
                if (prefixes[i].contains(ip)) {
                    return steps[i];
                }
            }
            return otherwise;
        }
    }

    /** The name itself, else the longest {@code *.suffix}. */
    final class ServerName implements Step {
        private final Map<String, Step> exact;
        private final String[] suffixes;
        private final Step[] steps;
        private final @Nullable Step otherwise;

        private ServerName(Map<String, Step> exact, String[] suffixes, Step[] steps, @Nullable Step otherwise) {
            this.exact = exact;
            this.suffixes = suffixes;
            this.steps = steps;
            this.otherwise = otherwise;
        }

        static ServerName of(Map<Object, Step> next, @Nullable Step otherwise) {
            Map<String, Step> exact = byText(next);
            List<String> wild = exact.keySet().stream()
                    .filter(name -> name.startsWith("*."))
                    .sorted(Comparator.comparingInt(String::length).reversed())
                    .toList();
            Step[] steps = wild.stream().map(exact::remove).toArray(Step[]::new);
            String[] suffixes = wild.stream().map(name -> name.substring(1)).toArray(String[]::new);
            return new ServerName(exact, suffixes, steps, otherwise);
        }

        @Override
        public @Nullable Step next(ConnectionView connection) {
            String name = connection.serverName();
            Step found = exact.get(name);
            if (found != null) {
                return found;
            }
            for (int i = 0; i < suffixes.length; i++) {
                // "*.example.com" needs a label before its first dot.
                if (name.length() > suffixes[i].length() && name.endsWith(suffixes[i])) {
                    return steps[i];
                }
            }
            return otherwise;
        }
    }

    /**
     * Whether the client is on this machine. A unix socket's client is; of the loopback addresses only the first one of
     * each family counts, as in Envoy.
     */
    record Source(
            @Nullable Step local,
            @Nullable Step external,
            @Nullable Step otherwise) implements Step {
        static Source of(Map<Object, Step> next, @Nullable Step otherwise) {
            return new Source(
                    next.get(FilterChainMatch.SourceType.SAME_IP_OR_LOOPBACK),
                    next.get(FilterChainMatch.SourceType.EXTERNAL),
                    otherwise);
        }

        @Override
        public @Nullable Step next(ConnectionView connection) {
            IpAddress ip = connection.sourceIp();
            boolean here = ip.equals(IpAddress.NONE)
                    || ip.equals(IpAddress.LOOPBACK_V4)
                    || ip.equals(IpAddress.LOOPBACK_V6)
                    || ip.equals(connection.destinationIp());
            Step found = here ? local : external;
            return found != null ? found : otherwise;
        }
    }

    /** {@link FilterChainMatch#transportProtocol()}. */
    record Transport(Map<String, Step> steps, @Nullable Step otherwise) implements Step {
        @Override
        public @Nullable Step next(ConnectionView connection) {
            Step found = steps.get(connection.transportProtocol());
            return found != null ? found : otherwise;
        }
    }

    /** The first of the client's protocols, in its own order of preference, that a chain names. */
    record Application(Map<String, Step> steps, @Nullable Step otherwise) implements Step {
        @Override
        public @Nullable Step next(ConnectionView connection) {
            List<String> offered = connection.applicationProtocols();
            for (int i = 0; i < offered.size(); i++) {
                Step found = steps.get(offered.get(i));
                if (found != null) {
                    return found;
                }
            }
            return otherwise;
        }
    }
}
