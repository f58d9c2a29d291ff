package lateen.xds.text;

import com.google.protobuf.Message;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** How a file is written; Envoy goes by its extension. */
public enum TextForm {
    YAML,
    JSON;

    /** A larger file is refused. */
    public static final long MAX_BYTES = 16L << 20;

    /** What a message for a wrong name says. */
    public static final String EXPECTED = ".yaml, .yml or .json";

    /** By the name's extension; null: another one. */
    public static @Nullable TextForm of(Path file) {
        String name = String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT);
        return name.endsWith(".yaml") || name.endsWith(".yml") ? YAML : name.endsWith(".json") ? JSON : null;
    }

    /**
     * Adds what a file says to a message.
     *
     * @param problems takes all that is wrong; the message is usable only when there is none
     * @return where things stand in the file
     * @throws IOException when it cannot be read
     */
    public static Lines read(Path file, Message.Builder into, List<Problem> problems) throws IOException {
        TextForm form = of(file);
        if (form == null) {
            problems.add(new Problem(file.toString(), 0, "", "unsupported kind of file (expected: " + EXPECTED + ")"));
            return Lines.NONE;
        }
        long size = Files.size(file);
        if (size > MAX_BYTES) {
            problems.add(new Problem(file.toString(), 0, "", size + " bytes (expected: at most " + MAX_BYTES + ")"));
            return Lines.NONE;
        }
        String text;
        try {
            text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(Files.readAllBytes(file)))
                    .toString();
        } catch (CharacterCodingException e) {
            problems.add(new Problem(file.toString(), 0, "", "not UTF-8"));
            return Lines.NONE;
        }
        return form.read(file.toString(), text, into, problems);
    }

    /** The same for a text; {@code name} is what problems call it. */
    public Lines read(String name, String text, Message.Builder into, List<Problem> problems) {
        Tree tree = switch (this) {
            case YAML -> YamlTree.read(name, text, problems);
            case JSON -> JsonTree.json(name, text, problems);
        };
        if (tree == null) {
            return Lines.NONE;
        }
        new MessageReader(name, problems).read(tree, into, Place.ROOT);
        return new Lines(tree);
    }
}
