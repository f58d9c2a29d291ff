package lateen.decision.config;

import java.util.List;

/**
 * Changes to headers, in order: removals, then settings.
 *
 * @param remove lower-case names
 */
public record HeaderEdits(List<String> remove, List<Edit> edits) {

    public static final HeaderEdits NONE = new HeaderEdits(List.of(), List.of());

    public HeaderEdits {
        remove = List.copyOf(remove);
        edits = List.copyOf(edits);
    }

    /**
     * Envoy: {@code HeaderValueOption}.
     *
     * @param name lower case; never a pseudo header or {@code host}
     * @param value literal text, or with access-log operators ({@code %REQ(X)%})
     */
    public record Edit(String name, String value, Action action) {}

    /** Envoy: {@code HeaderAppendAction}, and what an authorization server's {@code append} means there. */
    public enum Action {
        APPEND_IF_EXISTS,
        APPEND_IF_EXISTS_OR_ADD,
        ADD_IF_ABSENT,
        OVERWRITE_IF_EXISTS_OR_ADD,
        OVERWRITE_IF_EXISTS
    }
}
