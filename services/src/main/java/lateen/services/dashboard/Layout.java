package lateen.services.dashboard;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import lateen.services.dashboard.MeshGraph.Edge;
import lateen.services.dashboard.MeshGraph.Node;

/**
 * A place for everything: callers left, callees right, in columns (Sugiyama's method). Between two columns of nodes lies one
 * of labels: an edge's label is an item of its own there, so no two items of a column overlap, whatever the graph. Nodes
 * without traffic stand in rows beneath. Pure and deterministic, in pixels.
 *
 * @param nodes by id
 * @param edges in the order of the graph's, without those from a node to itself
 */
record Layout(double width, double height, Map<String, Box> nodes, List<Path> edges) {
    static final double NODE_WIDTH = 140;
    static final double NODE_HEIGHT = 62;
    static final double LABEL_WIDTH = 124;
    static final double LABEL_HEIGHT = 40;
    /** With figures of both HTTP and TCP. */
    static final double TALL_LABEL_HEIGHT = 55;

    static final double PASS_HEIGHT = 10;
    static final double COLUMN_GAP = 24;
    static final double ROW_GAP = 16;
    static final double MARGIN = 12;

    /** Upper left corner and size. */
    record Box(double x, double y, double width, double height) {
        double middle() {
            return y + height / 2;
        }
    }

    /**
     * @param backwards drawn from right to left: the arrow is at its beginning
     * @param svg a path's {@code d}
     */
    record Path(Edge edge, Box label, boolean backwards, String svg) {}

    /** Something that takes room in a column: a node, a label, or the room a long edge needs to pass. */
    static final class Item {
        final int column;
        final double height;
        /** Room for a long edge, and nothing else. */
        final boolean pass;

        final List<Item> left = new ArrayList<>();
        final List<Item> right = new ArrayList<>();
        /** Of its middle. */
        double y;

        Item(int column, double height, boolean pass) {
            this.column = column;
            this.height = height;
            this.pass = pass;
        }
    }

    private record Chain(Edge edge, boolean backwards, List<Item> items) {}

    static Layout of(MeshGraph graph) {
        List<Edge> drawn = graph.edges().stream()
                .filter(edge -> !edge.from().equals(edge.to()))
                .toList();
        Layers layers = Layers.of(graph.nodes().stream().map(Node::id).toList(), drawn);
        Columns columns = new Columns();
        Map<String, Item> items = new HashMap<>();
        layers.layerOf().forEach((id, layer) -> items.put(id, columns.add(2 * layer, NODE_HEIGHT, false)));
        List<Chain> chains = new ArrayList<>();
        for (Edge edge : drawn) {
            boolean backwards = layers.layer(edge.from()) > layers.layer(edge.to());
            Item from = item(items, backwards ? edge.to() : edge.from());
            Item to = item(items, backwards ? edge.from() : edge.to());
            chains.add(new Chain(edge, backwards, chain(columns, edge, from, to)));
        }
        double height = columns.arrange();
        Map<String, Box> boxes = new LinkedHashMap<>();
        layers.layerOf().forEach((id, _) -> boxes.put(id, box(item(items, id), NODE_WIDTH)));
        List<Path> paths = chains.stream().map(Layout::path).toList();
        double width = columns.isEmpty() ? 0 : x(columns.last()) + NODE_WIDTH + MARGIN;
        return idle(graph, layers, new Layout(width, height, boxes, paths));
    }

    private static Item item(Map<String, Item> items, String id) {
        Item item = items.get(id);
        if (item == null) {
            throw new IllegalArgumentException("an edge names " + id + ", which is no node of the graph");
        }
        return item;
    }

    private static List<Item> chain(Columns columns, Edge edge, Item from, Item to) {
        List<Item> items = new ArrayList<>();
        items.add(from);
        for (int column = from.column + 1; column < to.column; column++) {
            boolean label = column == from.column + 1;
            boolean both = edge.requests() != null && edge.tcp() != null;
            double height = both ? TALL_LABEL_HEIGHT : LABEL_HEIGHT;
            items.add(label ? columns.add(column, height, false) : columns.add(column, PASS_HEIGHT, true));
        }
        items.add(to);
        for (int i = 1; i < items.size(); i++) {
            items.get(i - 1).right.add(items.get(i));
            items.get(i).left.add(items.get(i - 1));
        }
        return items;
    }

    /** Rows of nodes that nothing was heard of, beneath the others. */
    private static Layout idle(MeshGraph graph, Layers layers, Layout drawn) {
        List<String> idle = graph.nodes().stream()
                .map(Node::id)
                .filter(id -> !layers.layerOf().containsKey(id))
                .toList();
        if (idle.isEmpty()) {
            return drawn;
        }
        double step = NODE_WIDTH + ROW_GAP;
        int perRow = Math.max(4, (int) ((drawn.width() - MARGIN) / step));
        double top = drawn.nodes().isEmpty() ? MARGIN : drawn.height() + ROW_GAP;
        Map<String, Box> boxes = new LinkedHashMap<>(drawn.nodes());
        for (int i = 0; i < idle.size(); i++) {
            int row = i / perRow;
            double y = top + row * (NODE_HEIGHT + ROW_GAP);
            boxes.put(idle.get(i), new Box(MARGIN + (i % perRow) * step, y, NODE_WIDTH, NODE_HEIGHT));
        }
        int rows = (idle.size() + perRow - 1) / perRow;
        double width = Math.max(drawn.width(), MARGIN + Math.min(perRow, idle.size()) * step);
        return new Layout(width, top + rows * (NODE_HEIGHT + ROW_GAP), boxes, drawn.edges());
    }

    private static double x(int column) {
        double pair = NODE_WIDTH + LABEL_WIDTH + 2 * COLUMN_GAP;
        int pairs = column / 2;
        return MARGIN + pairs * pair + (column % 2) * (NODE_WIDTH + COLUMN_GAP);
    }

    private static double width(int column) {
        return column % 2 == 0 ? NODE_WIDTH : LABEL_WIDTH;
    }

    private static Box box(Item item, double width) {
        return new Box(x(item.column), item.y - item.height / 2, width, item.height);
    }

    private static Path path(Chain chain) {
        StringBuilder d = new StringBuilder();
        List<Item> items = chain.items();
        Item first = items.getFirst();
        double x = x(first.column) + NODE_WIDTH;
        double y = first.y;
        d.append(String.format(Locale.ROOT, "M%.1f %.1f", x, y));
        for (Item item : items.subList(1, items.size())) {
            double to = x(item.column);
            double bend = Math.max(COLUMN_GAP, (to - x) / 2);
            d.append(String.format(
                    Locale.ROOT, "C%.1f %.1f %.1f %.1f %.1f %.1f", x + bend, y, to - bend, item.y, to, item.y));
            x = to + width(item.column);
            y = item.y;
            if (item != items.getLast()) {
                d.append(String.format(Locale.ROOT, "H%.1f", x));
            }
        }
        return new Path(chain.edge(), box(items.get(1), LABEL_WIDTH), chain.backwards(), d.toString());
    }
}
