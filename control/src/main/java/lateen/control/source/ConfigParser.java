package lateen.control.source;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Files → objects. Goes through to the end and reports all that is wrong; pure. */
public final class ConfigParser {

    /** Longest file that is read, in bytes. */
    public static final int MAX_FILE_BYTES = 16 << 20;

    private ConfigParser() {}

    /** Objects in the order of the files and documents; complete only when no error was added. */
    public static List<ConfigObject> parse(List<SourceFile> files, Problems problems) {
        List<ConfigObject> objects = new ArrayList<>();
        for (SourceFile file : files) {
            String text = text(file, problems);
            if (text != null) {
                for (YamlNode document : YamlReader.read(file.name(), text, problems)) {
                    object(document, problems, objects);
                }
            }
        }
        reportDuplicates(objects, problems);
        return objects;
    }

    private static @Nullable String text(SourceFile file, Problems problems) {
        Origin whole = new Origin(file.name(), 0);
        if (file.content().length > MAX_FILE_BYTES) {
            problems.error(whole, "", "longer than " + MAX_FILE_BYTES + " bytes (expected: less; split it)");
            return null;
        }
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(file.content()))
                    .toString();
        } catch (CharacterCodingException e) {
            problems.error(whole, "", "not UTF-8 text (" + e.getMessage() + ")");
            return null;
        }
    }

    private static void object(YamlNode document, Problems problems, List<ConfigObject> objects) {
        if (!(document instanceof YamlNode.Fields fields)) {
            problems.error(document.origin(), "", document.described() + " (expected: an object with a kind)");
            return;
        }
        FieldReader object = new FieldReader(fields, "", problems);
        ConfigKinds.Kind kind = ConfigKinds.find(object);
        if (kind != null) {
            ObjectMeta meta = meta(fields, object, ConfigKinds.nameRule(object.required("kind", TextRule.ANY)));
            objects.add(kind.parser().apply(meta, object));
            object.serverFilled("status");
            object.end();
        }
    }

    private static ObjectMeta meta(YamlNode.Fields root, FieldReader object, TextRule nameRule) {
        FieldReader in = object.childOrEmpty("metadata");
        String name = in.required("name", nameRule);
        String namespace = in.text("namespace", TextRule.LABEL_NAME, "default");
        Map<String, String> labels = in.textMap("labels");
        Map<String, String> annotations = in.textMap("annotations");
        Instant created = created(in);
        in.serverFilled("uid", "resourceVersion", "generation", "managedFields", "selfLink");
        in.serverFilled("ownerReferences", "finalizers", "deletionTimestamp", "deletionGracePeriodSeconds");
        in.end();
        Map<String, Integer> lines = new HashMap<>();
        lines(root, "", lines);
        return new ObjectMeta(namespace, name, labels, annotations, created, root.origin(), lines);
    }

    private static @Nullable Instant created(FieldReader in) {
        String text = in.text("creationTimestamp", TextRule.ANY);
        if (text == null) {
            return null;
        }
        try {
            return Instant.parse(text);
        } catch (DateTimeParseException e) {
            String path = in.path("creationTimestamp");
            in.problems().error(in.origin("creationTimestamp"), path, '"' + text + "\" (expected: RFC 3339 time)");
            return null;
        }
    }

    private static void lines(YamlNode node, String path, Map<String, Integer> out) {
        switch (node) {
            case YamlNode.Scalar _ -> {}
            case YamlNode.Items items -> {
                for (int i = 0; i < items.items().size(); i++) {
                    YamlNode item = items.items().get(i);
                    out.put(path + "[" + i + "]", item.origin().line());
                    lines(item, path + "[" + i + "]", out);
                }
            }
            case YamlNode.Fields fields ->
                fields.entries().forEach((key, entry) -> {
                    String below = path.isEmpty() ? key : path + "." + key;
                    out.put(below, entry.key().line());
                    lines(entry.value(), below, out);
                });
        }
    }

    private static void reportDuplicates(List<ConfigObject> objects, Problems problems) {
        Map<String, ConfigObject> seen = new HashMap<>();
        for (ConfigObject object : objects) {
            ObjectMeta meta = object.meta();
            ConfigObject first = seen.putIfAbsent(object.kind() + " " + meta.key(), object);
            if (first != null && !meta.name().isEmpty()) {
                String what = object instanceof KubeService
                        ? "host \"" + meta.name() + "." + meta.namespace() + "\" is there twice"
                        : object.kind() + " \"" + meta.key() + "\" is there twice";
                problems.error(
                        meta.at("metadata.name"),
                        "metadata.name",
                        what + " (first at " + first.meta().at("metadata.name") + ")");
            }
        }
    }
}
