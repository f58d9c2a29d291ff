package lateen.capture.plan;

import java.util.List;

/**
 * All, or those listed.
 *
 * @param listed in the order given, without repetition; empty when {@code all}
 */
public record Selection<T>(boolean all, List<T> listed) {
    public Selection {
        listed = List.copyOf(listed);
    }

    public boolean none() {
        return !all && listed.isEmpty();
    }

    public boolean holds(T item) {
        return all || listed.contains(item);
    }
}
