package lateen.control.source;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/**
 * Istio: {@code MeshConfig}, from key {@code mesh} of ConfigMap {@code istio}; of its fields those that Lateen acts on.
 *
 * <p>Unlike Istio's, a mesh without configuration logs every request to standard output, as JSON: a log line names the
 * policy that refused a request, and a mesh that keeps this to itself is hard to start with.
 *
 * @param trustDomain null: as the control plane was started
 * @param accessLogFile empty: no access log
 * @param accessLogFormat Envoy's operators, as text or as a flat JSON object by the encoding; empty: the default format
 * @param logIdentities Lateen's own {@code lateen.accessLogIdentities}: the default JSON format also names both peers
 *     and their TLS versions
 * @param providers in the order of the file
 */
public record MeshConfig(
        ObjectMeta meta,
        @Nullable String trustDomain,
        String accessLogFile,
        Encoding encoding,
        String accessLogFormat,
        SequencedMap<String, String> jsonFormat,
        boolean logIdentities,
        List<ExtensionProvider> providers)
        implements ConfigObject {

    /** Of the control plane's namespace and ConfigMap. */
    public static final String NAME = "istio";

    public MeshConfig {
        providers = List.copyOf(providers);
        jsonFormat = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(jsonFormat));
    }

    @Override
    public String kind() {
        return "ConfigMap";
    }

    /** Istio: {@code MeshConfig.AccessLogEncoding}. */
    public enum Encoding {
        TEXT,
        JSON
    }

    static MeshConfig read(ObjectMeta meta, FieldReader object) {
        FieldReader data = object.childOrEmpty("data");
        String mesh = data.required("mesh", TextRule.ANY);
        data.unsupported("meshNetworks");
        data.end();
        if (!meta.name().equals(NAME)) {
            object.problems()
                    .error(
                            meta.at("metadata.name"),
                            "metadata.name",
                            '"' + meta.name() + "\" (expected: " + NAME + ")");
        }
        String file = meta.origin().file() + "[data.mesh]";
        var documents = YamlReader.read(file, mesh, object.problems());
        YamlNode root = documents.isEmpty() ? null : documents.getFirst().root();
        if (root instanceof YamlNode.Fields fields) {
            return fields(meta, new FieldReader(fields, "", object.problems()));
        }
        if (root != null) {
            object.problems().error(root.origin(), "", root.described() + " (expected: a map of mesh settings)");
        }
        return fields(meta, object.childOrEmpty("binaryData"));
    }

    private static MeshConfig fields(ObjectMeta meta, FieldReader in) {
        String trustDomain = in.text("trustDomain", TextRule.OBJECT_NAME);
        String logFile = in.text("accessLogFile", TextRule.ANY, "/dev/stdout");
        Encoding encoding = in.choice("accessLogEncoding", Encoding.class, Encoding.JSON);
        String format = in.text("accessLogFormat", TextRule.ANY, "");
        SequencedMap<String, String> json = new LinkedHashMap<>();
        if (encoding == Encoding.JSON && !format.isBlank()) {
            json.putAll(jsonFormat(in, format));
        }
        FieldReader own = in.childOrEmpty("lateen");
        boolean identities = own.flag("accessLogIdentities", false);
        own.end();
        List<ExtensionProvider> providers = ExtensionProvider.read(in);
        in.end();
        return new MeshConfig(meta, trustDomain, logFile, encoding, format, json, identities, providers);
    }

    /** JSON is YAML, so the same reader takes it. */
    private static SequencedMap<String, String> jsonFormat(FieldReader in, String format) {
        SequencedMap<String, String> out = new LinkedHashMap<>();
        var documents = YamlReader.read(in.origin("accessLogFormat").file(), format, in.problems());
        if (documents.size() == 1 && documents.getFirst().root() instanceof YamlNode.Fields fields) {
            fields.entries().forEach((key, entry) -> {
                if (entry.value() instanceof YamlNode.Scalar scalar) {
                    out.put(key, scalar.value());
                } else {
                    in.wrong(entry.value(), in.path("accessLogFormat") + "." + key, "text with operators");
                }
            });
        } else {
            in.problems()
                    .error(
                            in.origin("accessLogFormat"),
                            in.path("accessLogFormat"),
                            "is not a JSON object (expected: one, as accessLogEncoding is JSON)");
        }
        return out;
    }
}
