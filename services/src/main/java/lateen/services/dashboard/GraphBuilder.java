package lateen.services.dashboard;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import lateen.services.dashboard.MeshGraph.Edge;
import lateen.services.dashboard.MeshGraph.Security;
import lateen.services.dashboard.Reading.Instance;
import org.jspecify.annotations.Nullable;

/**
 * Makes a graph of two readings. Both ends of an edge report it: figures are the caller's where it has a sidecar, since it
 * sees what never arrived; whether the connection was mutual TLS is the callee's word. Pure.
 */
final class GraphBuilder {
    private static final String SOURCE = "source";
    private static final String DESTINATION = "destination";

    private record Ends(String from, String to) implements Comparable<Ends> {
        @Override
        public int compareTo(Ends other) {
            int byFrom = from.compareTo(other.from);
            return byFrom != 0 ? byFrom : to.compareTo(other.to);
        }
    }

    /** @param rate a second */
    private record Measured(Sample sample, double rate) {}

    private final List<Measured> series = new ArrayList<>();
    private final Map<Ends, Map<String, Traffic>> edges = new TreeMap<>();
    private boolean measured;

    private GraphBuilder() {}

    /** @param before null: there is one reading only, so no rates */
    static MeshGraph between(@Nullable Reading before, Reading now) {
        GraphBuilder builder = new GraphBuilder();
        now.instances()
                .forEach((name, instance) -> builder.measure(
                        before == null ? null : before.instances().get(name), instance));
        return builder.build(now);
    }

    private void measure(@Nullable Instance before, Instance now) {
        double seconds = before == null ? 0 : (now.nanos() - before.nanos()) / 1e9;
        measured |= seconds > 0;
        boolean fresh = before != null && now.startedAfter(before);
        now.counters().forEach((key, value) -> {
            Sample sample = new Sample(key.name(), key.labels(), value);
            double rate = 0;
            if (before != null && seconds > 0) {
                double was = fresh ? 0 : before.counters().getOrDefault(key, 0.0);
                rate = Math.max(0, value - was) / seconds;
            }
            series.add(new Measured(sample, rate));
        });
    }

    private MeshGraph build(Reading now) {
        Directory directory = new Directory(now.hosts());
        series.forEach(one -> directory.learn(one.sample()));
        series.stream().filter(one -> isFrom(one, SOURCE)).forEach(one -> {
            Ends ends = new Ends(directory.source(one.sample()), directory.destination(one.sample()));
            add(ends, SOURCE, one);
        });
        series.stream().filter(one -> isFrom(one, DESTINATION)).forEach(one -> addSeenByCallee(directory, one));
        List<Edge> all = new ArrayList<>();
        edges.forEach((ends, reports) -> all.add(edge(ends, reports)));
        return new MeshGraph(directory.nodes(), all, now.problems(), measured);
    }

    private static boolean isFrom(Measured one, String reporter) {
        return one.sample().label("reporter").equals(reporter);
    }

    /** A callee may know its caller by identity only, and several workloads may share one: the callers know which it was. */
    private void addSeenByCallee(Directory directory, Measured one) {
        String to = directory.destination(one.sample());
        List<Ends> known = directory.sharing(one.sample()).stream()
                .map(from -> new Ends(from, to))
                .filter(edges::containsKey)
                .toList();
        if (known.isEmpty()) {
            add(new Ends(directory.source(one.sample()), to), DESTINATION, one);
        } else {
            known.forEach(ends -> add(ends, DESTINATION, one));
        }
    }

    private void add(Ends ends, String reporter, Measured one) {
        edges.computeIfAbsent(ends, _ -> new TreeMap<>())
                .computeIfAbsent(reporter, _ -> new Traffic())
                .add(one.sample(), one.rate());
    }

    private static Edge edge(Ends ends, Map<String, Traffic> reports) {
        Traffic seen = Traffic.of(reports, SOURCE, DESTINATION);
        Traffic callee = Traffic.of(reports, DESTINATION, SOURCE);
        TreeSet<String> protocols = new TreeSet<>(seen.protocols);
        protocols.addAll(callee.protocols);
        Security security = callee.security() != Security.UNKNOWN ? callee.security() : seen.security();
        return new Edge(
                ends.from(),
                ends.to(),
                first(seen.sourceIdentities, callee.sourceIdentities),
                first(seen.destinationIdentities, callee.destinationIdentities),
                security,
                List.copyOf(seen.services.isEmpty() ? callee.services : seen.services),
                List.copyOf(protocols),
                seen.requests() != null ? seen.requests() : callee.requests(),
                seen.tcp() != null ? seen.tcp() : callee.tcp());
    }

    private static String first(SortedSet<String> one, SortedSet<String> other) {
        return !one.isEmpty() ? one.first() : !other.isEmpty() ? other.first() : "";
    }
}
