package lateen.control.translate;

import com.google.protobuf.Message;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import lateen.control.source.EnvoyFilter.Patch;

/** A list of filters, routes or virtual hosts while patches are applied to it. */
final class PatchedList<M extends Message> {

    private final List<M> items;

    PatchedList(List<M> items) {
        this.items = new ArrayList<>(items);
    }

    /**
     * Istio's operations.
     *
     * @param value of the patch
     * @param selects an item of the list
     * @param named whether the patch says which items; otherwise INSERT_BEFORE is the start and INSERT_AFTER the end
     * @param last whether an item must stay the last one, so that the end is before it
     * @return how many items were touched
     */
    int apply(Patch patch, M value, Predicate<M> selects, boolean named, Predicate<M> last) {
        int at = first(selects);
        int end = !items.isEmpty() && last.test(items.getLast()) ? items.size() - 1 : items.size();
        return switch (patch.operation()) {
            case ADD -> insert(end, value);
            case INSERT_FIRST -> insert(0, value);
            case INSERT_BEFORE -> named ? insert(at, value) : insert(0, value);
            case INSERT_AFTER -> named ? insert(at < 0 ? at : at + 1, value) : insert(end, value);
            case REPLACE -> change(selects, _ -> value);
            case MERGE -> change(selects, old -> MessageMerge.merge(old, value));
            case REMOVE -> {
                int before = items.size();
                items.removeIf(selects);
                yield before - items.size();
            }
        };
    }

    List<M> items() {
        return items;
    }

    private int first(Predicate<M> selects) {
        for (int i = 0; i < items.size(); i++) {
            if (selects.test(items.get(i))) {
                return i;
            }
        }
        return -1;
    }

    /** @param index negative: nothing was selected */
    private int insert(int index, M value) {
        if (index < 0) {
            return 0;
        }
        items.add(index, value);
        return 1;
    }

    private int change(Predicate<M> selects, UnaryOperator<M> by) {
        int changed = 0;
        for (int i = 0; i < items.size(); i++) {
            if (selects.test(items.get(i))) {
                items.set(i, by.apply(items.get(i)));
                changed++;
            }
        }
        return changed;
    }
}
