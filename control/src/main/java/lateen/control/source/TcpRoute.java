package lateen.control.source;

import java.util.List;
import lateen.control.source.HttpMatch.SourceMatch;
import lateen.decision.net.Cidr;
import org.jspecify.annotations.Nullable;

/**
 * Istio: {@code TCPRoute}.
 *
 * @param matches one must hold; empty: any connection
 * @param destinations at least one
 */
public record TcpRoute(List<Match> matches, List<Weighted> destinations) {

    public TcpRoute {
        matches = List.copyOf(matches);
        destinations = List.copyOf(destinations);
    }

    /**
     * Istio: {@code L4MatchAttributes}.
     *
     * @param subnets of the destination; empty: any
     * @param port of the listener; null: any
     */
    public record Match(List<Cidr> subnets, @Nullable Integer port, SourceMatch source) {
        public Match {
            subnets = List.copyOf(subnets);
        }
    }

    /** Istio: {@code RouteDestination}. */
    public record Weighted(Destination destination, int weight) {}

    static TcpRoute read(FieldReader in) {
        List<Match> matches = in.list("match", TcpRoute::match);
        List<Weighted> destinations = in.list("route", TcpRoute::weighted);
        if (destinations.isEmpty() && !in.has("route")) {
            in.missing("route", "a list with a destination");
        }
        Destination.checkWeights(
                in, "route", destinations.stream().map(Weighted::weight).toList());
        in.end();
        return new TcpRoute(matches, destinations);
    }

    private static Match match(FieldReader in) {
        List<Cidr> subnets = in.texts("destinationSubnets", TextRule.RANGE).stream()
                .map(Cidr::parse)
                .toList();
        Match match = new Match(subnets, in.integerOrNull("port", 1, 65535), SourceMatch.read(in));
        in.unsupported("sourceSubnet");
        in.end();
        return match;
    }

    private static Weighted weighted(FieldReader in) {
        Weighted weighted = new Weighted(Destination.read(in), in.integer("weight", 0, Integer.MAX_VALUE, 0));
        in.end();
        return weighted;
    }
}
