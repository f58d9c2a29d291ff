package lateen.services.dashboard;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import lateen.services.dashboard.Layout.Box;
import lateen.services.dashboard.MeshGraph.Edge;
import lateen.services.dashboard.MeshGraph.Node;
import lateen.services.dashboard.MeshGraph.Requests;
import lateen.services.dashboard.MeshGraph.Tcp;
import org.jspecify.annotations.Nullable;

/** {@code /graph.json}: the graph with its layout, as the page's script reads it. Numbers are finite; unknown is null. */
final class GraphJson {
    private static final Gson GSON = new GsonBuilder().serializeNulls().create();

    private GraphJson() {}

    static String write(String name, MeshGraph graph) {
        Layout layout = Layout.of(graph);
        JsonObject all = new JsonObject();
        all.addProperty("name", name);
        all.addProperty("measured", graph.measured());
        all.addProperty("width", layout.width());
        all.addProperty("height", layout.height());
        JsonArray nodes = new JsonArray();
        graph.nodes().forEach(node -> nodes.add(node(node, layout.nodes().get(node.id()))));
        all.add("nodes", nodes);
        JsonArray edges = new JsonArray();
        graph.edges().forEach(edge -> edges.add(edge(edge, layout)));
        all.add("edges", edges);
        JsonObject problems = new JsonObject();
        graph.problems().forEach(problems::addProperty);
        all.add("problems", problems);
        return GSON.toJson(all);
    }

    private static JsonObject node(Node node, @Nullable Box box) {
        JsonObject json = new JsonObject();
        json.addProperty("id", node.id());
        json.addProperty("name", node.name());
        json.addProperty("namespace", node.namespace());
        json.addProperty("version", node.version());
        json.addProperty("identity", node.identity());
        json.addProperty("kind", node.kind().name().toLowerCase(Locale.ROOT));
        if (box != null) {
            json.add("box", box(box));
        }
        return json;
    }

    private static JsonObject edge(Edge edge, Layout layout) {
        JsonObject json = new JsonObject();
        json.addProperty("from", edge.from());
        json.addProperty("to", edge.to());
        json.addProperty("sourceIdentity", edge.sourceIdentity());
        json.addProperty("destinationIdentity", edge.destinationIdentity());
        json.addProperty("security", edge.security().name().toLowerCase(Locale.ROOT));
        json.add("services", list(edge.services()));
        json.add("protocols", list(edge.protocols()));
        if (edge.requests() != null) {
            json.add("requests", requests(edge.requests()));
        }
        if (edge.tcp() != null) {
            json.add("tcp", tcp(edge.tcp()));
        }
        layout.edges().stream()
                .filter(path -> path.edge().equals(edge))
                .findFirst()
                .ifPresent(path -> {
                    json.add("label", box(path.label()));
                    json.addProperty("backwards", path.backwards());
                    json.addProperty("path", path.svg());
                });
        return json;
    }

    private static JsonObject requests(Requests requests) {
        JsonObject json = new JsonObject();
        json.addProperty("total", requests.total());
        json.addProperty("perSecond", requests.perSecond());
        json.addProperty("refusedPerSecond", requests.refusedPerSecond());
        json.addProperty("failedPerSecond", requests.failedPerSecond());
        json.addProperty("p50", number(requests.p50()));
        json.addProperty("p99", number(requests.p99()));
        return json;
    }

    private static JsonObject tcp(Tcp tcp) {
        JsonObject json = new JsonObject();
        json.addProperty("total", tcp.total());
        json.addProperty("open", tcp.open());
        json.addProperty("openedPerSecond", tcp.openedPerSecond());
        json.addProperty("sentPerSecond", tcp.sentPerSecond());
        json.addProperty("receivedPerSecond", tcp.receivedPerSecond());
        return json;
    }

    private static @Nullable Double number(OptionalDouble value) {
        return value.isPresent() ? value.getAsDouble() : null;
    }

    private static JsonObject box(Box box) {
        JsonObject json = new JsonObject();
        json.addProperty("x", box.x());
        json.addProperty("y", box.y());
        json.addProperty("width", box.width());
        json.addProperty("height", box.height());
        return json;
    }

    private static JsonArray list(List<String> values) {
        JsonArray list = new JsonArray();
        values.forEach(list::add);
        return list;
    }
}
