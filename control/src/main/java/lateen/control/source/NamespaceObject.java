package lateen.control.source;

/** Kubernetes: {@code v1 Namespace}; its labels are kept, nothing asks for them yet. */
public record NamespaceObject(ObjectMeta meta) implements ConfigObject {

    @Override
    public String kind() {
        return "Namespace";
    }

    static NamespaceObject read(ObjectMeta meta, FieldReader object) {
        FieldReader spec = object.childOrEmpty("spec");
        spec.serverFilled("finalizers");
        spec.end();
        return new NamespaceObject(meta);
    }
}
