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

/** Files → objects. Goes through to the end and reports all that is wrong, each document by itself; pure. */
public final class ConfigParser {

    /** Longest file that is read, in bytes. */
    public static final int MAX_FILE_BYTES = 16 << 20;

    private ConfigParser() {}

    /** Documents in the order of the files and within them; one that comes second under a name is refused. */
    public static List<ConfigDocument> parse(List<SourceFile> files) {
        List<ConfigDocument> documents = new ArrayList<>();
        for (SourceFile file : files) {
            Problems problems = new Problems();
            String text = text(file, problems);
            if (text != null) {
                parse(new SourceText(file.name(), 1, text), documents, problems);
            }
            if (problems.hasErrors()) {
                documents.add(ConfigDocument.unreadable(file.name(), problems));
            }
        }
        return withoutDuplicates(documents);
    }

    /** One document again, as it was kept. */
    public static ConfigDocument parse(SourceText source) {
        List<ConfigDocument> documents = new ArrayList<>();
        Problems problems = new Problems();
        parse(source, documents, problems);
        return documents.size() == 1 && !problems.hasErrors()
                ? documents.getFirst()
                : ConfigDocument.unreadable(source.file(), problems);
    }

    private static void parse(SourceText source, List<ConfigDocument> documents, Problems problems) {
        for (YamlDocument document : YamlReader.read(source, problems)) {
            documents.add(document(document, source));
        }
    }

    private static @Nullable String text(SourceFile file, Problems problems) {
        Origin whole = new Origin(file.name(), 0);
        if (file.unreadable() != null) {
            problems.error(whole, "", "cannot be read: " + file.unreadable());
            return null;
        }
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

    private static ConfigDocument document(YamlDocument document, SourceText source) {
        Problems problems = new Problems();
        problems.addErrors(document.errors());
        ConfigObject object = object(document.root(), problems);
        String id = object == null || object.meta().name().isEmpty() ? "" : id(object);
        return new ConfigDocument(
                source.file(),
                id,
                problems.hasErrors() ? null : object,
                document.within(source),
                problems.errors(),
                problems.warnings());
    }

    private static @Nullable ConfigObject object(YamlNode document, Problems problems) {
        if (!(document instanceof YamlNode.Fields fields)) {
            problems.error(document.origin(), "", document.described() + " (expected: an object with a kind)");
            return null;
        }
        FieldReader object = new FieldReader(fields, "", problems);
        ConfigKinds.Kind kind = ConfigKinds.find(object);
        if (kind == null) {
            return null;
        }
        ObjectMeta meta = meta(fields, object, ConfigKinds.nameRule(object.required("kind", TextRule.ANY)));
        ConfigObject read = kind.parser().apply(meta, object);
        object.serverFilled("status");
        object.end();
        return read;
    }

    private static String id(ConfigObject object) {
        return object.kind() + " " + object.meta().key();
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

    private static List<ConfigDocument> withoutDuplicates(List<ConfigDocument> documents) {
        List<ConfigDocument> out = new ArrayList<>();
        Map<String, ConfigObject> seen = new HashMap<>();
        for (ConfigDocument document : documents) {
            ConfigObject object = document.object();
            ConfigObject first = object == null ? null : seen.putIfAbsent(document.id(), object);
            out.add(object == null || first == null ? document : document.refused(twice(object, first)));
        }
        return out;
    }

    private static List<Problem> twice(ConfigObject second, ConfigObject first) {
        ObjectMeta meta = second.meta();
        String what = second instanceof KubeService
                ? "host \"" + meta.name() + "." + meta.namespace() + "\" is there twice"
                : second.kind() + " \"" + meta.key() + "\" is there twice";
        return List.of(new Problem(
                meta.at("metadata.name"),
                "metadata.name",
                what + " (first at " + first.meta().at("metadata.name") + ")"));
    }
}
