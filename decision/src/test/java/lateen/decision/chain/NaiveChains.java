package lateen.decision.chain;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.ToIntFunction;
import java.util.stream.IntStream;
import lateen.decision.config.FilterChainMatch;
import lateen.decision.net.Cidr;
import lateen.decision.net.IpAddress;
import lateen.decision.request.ConnectionView;

/** Envoy's description taken literally: in each step only the chains that match most specifically stay. */
final class NaiveChains {

    private NaiveChains() {}

    static int select(List<FilterChainMatch> matches, ConnectionView c) {
        List<Integer> left =
                new ArrayList<>(IntStream.range(0, matches.size()).boxed().toList());
        List<ToIntFunction<FilterChainMatch>> scores = List.of(
                m -> m.destinationPort() == 0 ? 0 : m.destinationPort() == c.destinationPort() ? 1 : -1,
                m -> prefix(m.destinationPrefixes(), c.destinationIp()),
                m -> name(m.serverNames(), c.serverName()),
                m -> m.transportProtocol().isEmpty() ? 0 : m.transportProtocol().equals(c.transportProtocol()) ? 1 : -1,
                m -> protocol(m.applicationProtocols(), c.applicationProtocols()),
                m -> prefix(m.directSourcePrefixes(), c.directSourceIp()),
                m -> switch (m.sourceType()) {
                    case ANY -> 0;
                    case SAME_IP_OR_LOOPBACK -> local(c) ? 1 : -1;
                    case EXTERNAL -> local(c) ? -1 : 1;
                },
                m -> prefix(m.sourcePrefixes(), c.sourceIp()),
                m -> m.sourcePorts().isEmpty() ? 0 : m.sourcePorts().contains(c.directSourcePort()) ? 1 : -1);
        for (ToIntFunction<FilterChainMatch> score : scores) {
            int best = left.stream()
                    .mapToInt(i -> score.applyAsInt(matches.get(i)))
                    .max()
                    .orElse(-1);
            left.removeIf(i -> best < 0 || score.applyAsInt(matches.get(i)) != best);
        }
        return left.isEmpty() ? -1 : left.getFirst();
    }

    private static boolean local(ConnectionView c) {
        String source = c.sourceIp().toString();
        return source.equals("127.0.0.1") || source.equals(c.destinationIp().toString());
    }

    private static int prefix(Set<Cidr> prefixes, IpAddress ip) {
        return prefixes.isEmpty()
                ? 0
                : prefixes.stream()
                        .filter(p -> p.contains(ip))
                        .mapToInt(p -> p.length() + 1)
                        .max()
                        .orElse(-1);
    }

    private static int name(Set<String> names, String sni) {
        if (names.isEmpty()) {
            return 0;
        }
        int best = -1;
        for (String name : names) {
            if (name.equals(sni)) {
                best = 1000;
            } else if (name.startsWith("*.")
                    && sni.matches(".+" + name.substring(1).replace(".", "\\."))) {
                best = Math.max(best, name.length());
            }
        }
        return best;
    }

    private static int protocol(Set<String> protocols, List<String> offered) {
        if (protocols.isEmpty()) {
            return 0;
        }
        for (int i = 0; i < offered.size(); i++) {
            if (protocols.contains(offered.get(i))) {
                return 100 - i;
            }
        }
        return -1;
    }

    /** Whether each criterion has a value in common, or is "any" in both. */
    static boolean overlap(FilterChainMatch a, FilterChainMatch b) {
        return a.destinationPort() == b.destinationPort()
                && common(a.destinationPrefixes(), b.destinationPrefixes())
                && common(a.serverNames(), b.serverNames())
                && a.transportProtocol().equals(b.transportProtocol())
                && common(a.applicationProtocols(), b.applicationProtocols())
                && common(a.directSourcePrefixes(), b.directSourcePrefixes())
                && a.sourceType() == b.sourceType()
                && common(a.sourcePrefixes(), b.sourcePrefixes())
                && common(a.sourcePorts(), b.sourcePorts());
    }

    private static boolean common(Set<?> a, Set<?> b) {
        return a.isEmpty() && b.isEmpty() || a.stream().anyMatch(b::contains);
    }
}
