package lateen.services.dashboard;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import lateen.services.dashboard.MeshGraph.Edge;

/**
 * Which layer each node is in: one after the last of its callers. Where calls go in a circle, the edge that closes it counts
 * as reversed. Nodes without edges have no layer.
 *
 * @param layerOf by id, from 0
 */
record Layers(Map<String, Integer> layerOf) {

    static Layers of(List<String> nodes, List<Edge> edges) {
        Map<String, List<String>> callees = new LinkedHashMap<>();
        Set<String> called = new HashSet<>();
        for (Edge edge : edges) {
            callees.computeIfAbsent(edge.from(), _ -> new ArrayList<>()).add(edge.to());
            called.add(edge.to());
        }
        List<String> begin = new ArrayList<>(
                nodes.stream().filter(node -> !called.contains(node)).toList());
        begin.addAll(nodes.stream().filter(called::contains).toList());
        Walk walk = new Walk(callees);
        begin.stream()
                .filter(node -> callees.containsKey(node) || called.contains(node))
                .forEach(walk::visit);
        return new Layers(walk.layers());
    }

    int layer(String node) {
        return layerOf.getOrDefault(node, 0);
    }

    /** Depth first; what is met again while it is being visited closes a circle. */
    private static final class Walk {
        private final Map<String, List<String>> callees;
        private final Set<String> visiting = new HashSet<>();
        private final Set<String> visited = new HashSet<>();
        /** Callees before callers. */
        private final List<String> finished = new ArrayList<>();

        private final Map<String, List<String>> forward = new HashMap<>();

        Walk(Map<String, List<String>> callees) {
            this.callees = callees;
        }

        void visit(String node) {
            if (!visited.add(node)) {
                return;
            }
            visiting.add(node);
            for (String callee : callees.getOrDefault(node, List.of())) {
                boolean circle = visiting.contains(callee);
                forward.computeIfAbsent(circle ? callee : node, _ -> new ArrayList<>())
                        .add(circle ? node : callee);
                visit(callee);
            }
            visiting.remove(node);
            finished.add(node);
        }

        Map<String, Integer> layers() {
            Map<String, Integer> layers = new LinkedHashMap<>();
            for (String node : finished.reversed()) {
                layers.putIfAbsent(node, 0);
            }
            for (String node : finished.reversed()) {
                for (String next : forward.getOrDefault(node, List.of())) {
                    layers.merge(next, layers.getOrDefault(node, 0) + 1, Math::max);
                }
            }
            return layers;
        }
    }
}
