package lateen.xds.text;

import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import com.google.gson.stream.MalformedJsonException;
import java.io.EOFException;
import java.io.IOException;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** JSON text → {@link Tree}; lines are not known, paths are. */
final class JsonTree {

    static final int MAX_DEPTH = 100;
    static final int MAX_NODES = 2_000_000;

    private final String file;
    private final JsonReader reader;
    private final List<Problem> problems;
    private int nodes;

    private JsonTree(String file, String text, List<Problem> problems) {
        this.file = file;
        this.reader = new JsonReader(new StringReader(text));
        this.problems = problems;
    }

    /** Null after a fault, which is reported then. */
    static @Nullable Tree json(String file, String text, List<Problem> problems) {
        JsonTree tree = new JsonTree(file, text, problems);
        try {
            Tree root = tree.value(0);
            if (tree.reader.peek() != JsonToken.END_DOCUMENT) {
                throw new MalformedJsonException("something after the end");
            }
            return root;
        } catch (EOFException e) {
            problems.add(new Problem(file, 0, "", "not JSON: it ends too early, after " + tree.reader.getPath()));
        } catch (IOException | IllegalStateException e) {
            problems.add(new Problem(file, 0, "", "not JSON: " + e.getMessage()));
        }
        return null;
    }

    private Tree value(int depth) throws IOException {
        if (depth > MAX_DEPTH) {
            throw new MalformedJsonException("nested deeper than " + MAX_DEPTH + " levels at " + reader.getPath());
        }
        if (++nodes > MAX_NODES) {
            throw new MalformedJsonException("more than " + MAX_NODES + " values");
        }
        return switch (reader.peek()) {
            case BEGIN_ARRAY -> {
                List<Tree> items = new ArrayList<>();
                reader.beginArray();
                while (reader.hasNext()) {
                    items.add(value(depth + 1));
                }
                reader.endArray();
                yield new Tree.Items(0, items);
            }
            case BEGIN_OBJECT -> {
                LinkedHashMap<String, Tree.Entry> entries = new LinkedHashMap<>();
                reader.beginObject();
                while (reader.hasNext()) {
                    String name = reader.nextName();
                    String path = reader.getPath();
                    if (entries.put(name, new Tree.Entry(0, value(depth + 1))) != null) {
                        problems.add(
                                new Problem(file, 0, path.substring(path.startsWith("$.") ? 2 : 0), "is there twice"));
                    }
                }
                reader.endObject();
                yield new Tree.Fields(0, entries);
            }
            case STRING -> new Tree.Scalar(0, reader.nextString(), true);
            case NUMBER -> new Tree.Scalar(0, reader.nextString(), false);
            case BOOLEAN -> new Tree.Scalar(0, String.valueOf(reader.nextBoolean()), false);
            case NULL -> {
                reader.nextNull();
                yield new Tree.Scalar(0, "null", false);
            }
            case END_ARRAY, END_OBJECT, NAME, END_DOCUMENT ->
                throw new MalformedJsonException("a value was expected at " + reader.getPath());
        };
    }
}
