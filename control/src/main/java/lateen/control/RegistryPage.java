package lateen.control;

import java.util.stream.Collectors;
import lateen.control.registry.MeshSnapshot;
import lateen.control.registry.Service;

/** The services as JSON, one a line: host, short names and addresses, from which a hosts file can be written. */
final class RegistryPage {

    private RegistryPage() {}

    /** Names consist of letters, digits, '-' and '.', so that nothing needs escaping. */
    static String json(MeshSnapshot mesh) {
        return mesh.services().values().stream()
                .map(RegistryPage::service)
                .collect(Collectors.joining(",\n ", "[", "]\n"));
    }

    private static String service(Service service) {
        String addresses =
                service.addresses().stream().map(a -> "\"" + a + "\"").collect(Collectors.joining(", "));
        return "{\"hostname\": \"" + service.host() + "\", \"name\": \"" + service.name() + "\", \"namespace\": \""
                + service.namespace() + "\", \"addresses\": [" + addresses + "]}";
    }
}
