package lateen.control.translate;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import lateen.control.registry.Routing;
import lateen.control.registry.Service;
import lateen.control.source.Destination;
import lateen.control.source.VirtualService;

/** Destinations of routes → names of clusters. One that is not there gets a name all the same: requests there fail. */
final class Destinations {

    private final Routing routing;
    private final Map<String, Service> services = new HashMap<>();

    Destinations(Routing routing, List<Service> services) {
        this.routing = routing;
        services.forEach(s -> this.services.put(s.host(), s));
    }

    /** The port: as written, else the only one of the service, else that on which the request came. */
    String cluster(VirtualService from, Destination destination, int listenerPort) {
        String host = routing.resolve(destination.host(), from.meta().namespace());
        Service service = services.get(host);
        Integer written = destination.port();
        int port = written != null
                ? written
                : service != null && service.ports().size() == 1
                        ? service.ports().getFirst().port()
                        : listenerPort;
        String subset = destination.subset();
        return XdsNames.outbound(host, port, subset == null ? "" : subset);
    }
}
