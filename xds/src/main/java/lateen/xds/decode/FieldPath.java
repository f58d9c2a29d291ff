package lateen.xds.decode;

import com.google.protobuf.ByteString;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where in a resource the decoder is, e.g. {@code listener 'x': filter_chains[0].filters[1]}; text is made on refusal
 * only.
 *
 * @param index in a list; -1: no list
 * @param aside what was taken out of the message at this place before it was parsed
 */
record FieldPath(@Nullable FieldPath parent, String segment, int index, Aside aside) {

    private static final int LONGEST_VALUE = 200;

    /** Reads one element of a list. */
    interface Element<A, B> {
        B read(A element, FieldPath at);
    }

    static FieldPath resource(String kind, String name) {
        return new FieldPath(null, kind + " '" + shortened(name) + "'", -1, Aside.NOTHING);
    }

    FieldPath at(String field) {
        return new FieldPath(this, field, -1, aside.at(field, -1));
    }

    FieldPath at(String field, int position) {
        return new FieldPath(this, field, position, aside.at(field, position));
    }

    /** The same place, where a message was opened out of which that was taken. */
    FieldPath with(Aside taken) {
        return new FieldPath(parent, segment, index, taken);
    }

    /** A map field that was set aside: bytes of the values by key. */
    Map<String, ByteString> map(String field) {
        return WireMap.of(aside.field(field));
    }

    <A, B> List<B> each(List<A> elements, String field, Element<A, B> element) {
        List<B> read = new ArrayList<>(elements.size());
        for (int i = 0; i < elements.size(); i++) {
            read.add(element.read(elements.get(i), at(field, i)));
        }
        return read;
    }

    /** An exception to throw: {@code path: value (expected: …)}. */
    Refusal refuse(Object value, String expected) {
        return because("'" + shortened(String.valueOf(value)) + "' (expected: " + expected + ")");
    }

    Refusal missing(String field, String expected) {
        return at(field).because("missing (expected: " + expected + ")");
    }

    Refusal because(String reason) {
        return new Refusal(this + ": " + reason);
    }

    String required(String value, String field) {
        if (value.isEmpty()) {
            throw missing(field, "text");
        }
        return value;
    }

    private static String shortened(String value) {
        return value.length() <= LONGEST_VALUE ? value : value.substring(0, LONGEST_VALUE) + "…";
    }

    @Override
    public String toString() {
        String own = index < 0 ? segment : segment + "[" + index + "]";
        return parent == null ? own : parent + (parent.parent == null ? ": " : ".") + own;
    }
}
