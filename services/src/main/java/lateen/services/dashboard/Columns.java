package lateen.services.dashboard;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeMap;
import lateen.services.dashboard.Layout.Item;

/** Orders the items of each column so that few edges cross, and gives them heights so that edges run straight. */
final class Columns {
    private static final int SWEEPS = 12;

    private final TreeMap<Integer, List<Item>> columns = new TreeMap<>();

    Item add(int column, double height, boolean pass) {
        Item item = new Item(column, height, pass);
        columns.computeIfAbsent(column, _ -> new ArrayList<>()).add(item);
        return item;
    }

    boolean isEmpty() {
        return columns.isEmpty();
    }

    int last() {
        return columns.lastKey();
    }

    /** Sets {@code y} of every item; returns the height of all. */
    double arrange() {
        columns.values().forEach(Columns::stack);
        for (int i = 0; i < SWEEPS; i++) {
            boolean rightwards = i % 2 == 0;
            for (List<Item> column : (rightwards ? columns : columns.descendingMap()).values()) {
                for (Item item : column) {
                    item.y = middle(item, rightwards ? item.left : item.right);
                }
                column.sort(Comparator.comparingDouble(item -> item.y));
                spread(column);
            }
        }
        for (int i = 0; i < SWEEPS; i++) {
            for (List<Item> column : columns.values()) {
                for (Item item : column) {
                    List<Item> both = new ArrayList<>(item.left);
                    both.addAll(item.right);
                    item.y = middle(item, both);
                }
                // The order stays: only the distances change.
                spread(column);
            }
        }
        return shiftToTop();
    }

    /** Where its neighbours are, on average; what runs through several columns should run straight. */
    private static double middle(Item item, List<Item> neighbours) {
        double sum = 0;
        double weights = 0;
        for (Item neighbour : neighbours) {
            double weight = item.pass && neighbour.pass ? 8 : item.pass || neighbour.pass ? 2 : 1;
            sum += weight * neighbour.y;
            weights += weight;
        }
        return weights == 0 ? item.y : sum / weights;
    }

    private static void stack(List<Item> column) {
        double y = 0;
        for (Item item : column) {
            item.y = y + item.height / 2;
            y += item.height + Layout.ROW_GAP;
        }
    }

    /** Moves items apart until none touches the next, as little as it takes, about where they are. */
    private static void spread(List<Item> column) {
        List<Item> placed = new ArrayList<>();
        double wanted = 0;
        double got = 0;
        for (Item item : column) {
            wanted += item.y;
            if (!placed.isEmpty()) {
                Item above = placed.getLast();
                double least = above.y + (above.height + item.height) / 2 + Layout.ROW_GAP;
                item.y = Math.max(item.y, least);
            }
            got += item.y;
            placed.add(item);
        }
        double back = (got - wanted) / Math.max(1, column.size());
        column.forEach(item -> item.y -= back);
    }

    private double shiftToTop() {
        double top = Double.POSITIVE_INFINITY;
        double bottom = Double.NEGATIVE_INFINITY;
        for (List<Item> column : columns.values()) {
            for (Item item : column) {
                top = Math.min(top, item.y - item.height / 2);
                bottom = Math.max(bottom, item.y + item.height / 2);
            }
        }
        if (columns.isEmpty()) {
            return 0;
        }
        for (List<Item> column : columns.values()) {
            for (Item item : column) {
                item.y += Layout.MARGIN - top;
            }
        }
        return bottom - top + 2 * Layout.MARGIN;
    }
}
