package lateen.control.registry;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import lateen.decision.net.Cidr;
import lateen.decision.net.IpAddress;

/**
 * Where virtual addresses come from.
 *
 * @param given addresses by host, as a former snapshot or run had them
 */
public record AddressPool(Cidr v4, Cidr v6, Map<String, List<IpAddress>> given) {

    /** The ranges of the mesh on one machine. */
    public static final AddressPool DEFAULT =
            new AddressPool(Cidr.parse("10.33.1.0/24"), Cidr.parse("fd33:0:0:1::/64"), Map.of());

    public AddressPool {
        given = Map.copyOf(given);
    }

    public AddressPool remembering(MeshSnapshot snapshot) {
        Map<String, List<IpAddress>> now = new HashMap<>();
        snapshot.services().forEach((host, service) -> now.put(host, service.addresses()));
        return new AddressPool(v4, v6, now);
    }
}
