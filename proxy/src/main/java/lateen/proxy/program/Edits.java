package lateen.proxy.program;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import lateen.decision.config.HeaderEdits;
import lateen.decision.request.HeaderName;
import lateen.proxy.http1.Head;

/** Header edits as prepared bytes. Immutable. */
public final class Edits {
    private static final Edits NONE = new Edits(List.of(), List.of());

    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Edit(HeaderName name, byte[] value, HeaderEdits.Action action) {}

    private final List<HeaderName> remove;
    private final List<Edit> edits;

    private Edits(List<HeaderName> remove, List<Edit> edits) {
        this.remove = remove;
        this.edits = edits;
    }

    /** @throws IllegalArgumentException on an operator in a value, which this version does not evaluate */
    static Edits of(List<HeaderEdits> levels) {
        List<HeaderName> remove = new ArrayList<>();
        List<Edit> edits = new ArrayList<>();
        for (HeaderEdits level : levels) {
            level.remove().forEach(name -> remove.add(HeaderName.of(name)));
            for (HeaderEdits.Edit each : level.edits()) {
                String value = each.value().replace("%%", "\0");
                if (value.indexOf('%') >= 0) {
                    throw new IllegalArgumentException("header '" + each.name() + "': value '" + each.value()
                            + "' (expected: literal text; operators are not supported here yet)");
                }
                edits.add(new Edit(
                        HeaderName.of(each.name()),
                        value.replace('\0', '%').getBytes(StandardCharsets.UTF_8),
                        each.action()));
            }
        }
        return remove.isEmpty() && edits.isEmpty() ? NONE : new Edits(List.copyOf(remove), List.copyOf(edits));
    }

    /** Values as they are, without operators. */
    public static Edits literal(HeaderEdits edits) {
        if (edits.equals(HeaderEdits.NONE)) {
            return NONE;
        }
        return new Edits(
                edits.remove().stream().map(HeaderName::of).toList(),
                edits.edits().stream()
                        .map(each -> new Edit(
                                HeaderName.of(each.name()),
                                each.value().getBytes(StandardCharsets.UTF_8),
                                each.action()))
                        .toList());
    }

    /** These and then those. */
    public Edits and(Edits more) {
        if (remove.isEmpty() && edits.isEmpty()) {
            return more;
        }
        List<HeaderName> bothRemove = new ArrayList<>(remove);
        bothRemove.addAll(more.remove);
        List<Edit> both = new ArrayList<>(edits);
        both.addAll(more.edits);
        return new Edits(List.copyOf(bothRemove), List.copyOf(both));
    }

    public void apply(Head head) {
        for (HeaderName each : remove) {
            head.remove(each);
        }
        for (Edit each : edits) {
            byte[] value = each.value;
            switch (each.action) {
                case APPEND_IF_EXISTS -> {
                    if (head.has(each.name)) {
                        head.append(each.name, value, 0, value.length);
                    }
                }
                case APPEND_IF_EXISTS_OR_ADD -> head.append(each.name, value, 0, value.length);
                case ADD_IF_ABSENT -> head.addIfAbsent(each.name, value, 0, value.length);
                case OVERWRITE_IF_EXISTS_OR_ADD -> head.set(each.name, value);
                case OVERWRITE_IF_EXISTS -> head.replace(each.name, value, 0, value.length);
            }
        }
    }
}
