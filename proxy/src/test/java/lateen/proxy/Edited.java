package lateen.proxy;

import java.lang.reflect.RecordComponent;
import java.util.Arrays;

/** Records like others but for some components. */
public final class Edited {

    private Edited() {}

    /**
     * A copy.
     *
     * @param edits names of components, each with its value
     */
    public static <R extends Record> R with(R record, Object... edits) {
        RecordComponent[] components = record.getClass().getRecordComponents();
        Object[] values = new Object[components.length];
        try {
            for (int i = 0; i < components.length; i++) {
                components[i].getAccessor().setAccessible(true);
                values[i] = components[i].getAccessor().invoke(record);
            }
            for (int e = 0; e < edits.length; e += 2) {
                values[place(components, (String) edits[e])] = edits[e + 1];
            }
            Class<?>[] types =
                    Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
            @SuppressWarnings("unchecked") // the record's own class
            R copy = (R) record.getClass().getDeclaredConstructor(types).newInstance(values);
            return copy;
        } catch (ReflectiveOperationException e) {
            throw new IllegalArgumentException(record.getClass().toString(), e);
        }
    }

    private static int place(RecordComponent[] components, String name) {
        for (int i = 0; i < components.length; i++) {
            if (components[i].getName().equals(name)) {
                return i;
            }
        }
        throw new IllegalArgumentException("no component " + name);
    }
}
