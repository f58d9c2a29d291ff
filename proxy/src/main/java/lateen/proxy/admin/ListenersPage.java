package lateen.proxy.admin;

import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import lateen.decision.config.ListenerConfig;
import lateen.decision.net.IpAddress;
import lateen.decision.net.SocketAddr;

/** {@code /listeners}: {@code name::address}, also of listeners that have no socket of their own. On the page thread. */
final class ListenersPage {
    private final AdminSource source;

    ListenersPage(AdminSource source) {
        this.source = source;
    }

    Reply reply(Query query) {
        return switch (query.parameter("format")) {
            case "", "text" -> Reply.text(text());
            case "json" -> Reply.json(json());
            default ->
                Reply.refuse(
                        Status.BAD_REQUEST, "format: '" + query.parameter("format") + "' (expected: text or json)\n");
        };
    }

    private StringBuilder text() {
        StringBuilder text = new StringBuilder();
        sorted().forEach((name, listener) -> addresses(listener)
                .forEach(address ->
                        text.append(name).append("::").append(address).append('\n')));
        return text;
    }

    /** Envoy: {@code admin.v3.Listeners}. */
    private StringBuilder json() {
        Json json = new Json().open().array("listener_statuses");
        sorted().forEach((name, listener) -> {
            List<SocketAddr> addresses = addresses(listener);
            json.open().field("name", name).open("local_address");
            socketAddress(json, addresses.getFirst()).close();
            if (addresses.size() > 1) {
                json.array("additional_local_addresses");
                addresses.stream()
                        .skip(1)
                        .forEach(each -> socketAddress(json.open(), each).close());
                json.closeArray();
            }
            json.close();
        });
        return json.closeArray().close().text();
    }

    static Json socketAddress(Json json, SocketAddr address) {
        if (address.isUnix()) {
            return json.open("pipe").field("path", address.path()).close();
        }
        return json.open("socket_address")
                .field("address", address.ip().toString())
                .field("port_value", address.port())
                .close();
    }

    private Map<String, ListenerConfig> sorted() {
        return new TreeMap<>(source.program().get().config().listeners());
    }

    private List<SocketAddr> addresses(ListenerConfig listener) {
        List<InetSocketAddress> bound = source.addresses().apply(listener.name());
        return bound.isEmpty()
                ? listener.addresses()
                : Stream.concat(
                                bound.stream()
                                        .map(each -> new SocketAddr(IpAddress.of(each.getAddress()), each.getPort())),
                                listener.addresses().stream().filter(SocketAddr::isUnix))
                        .sorted((a, b) -> a.toString().compareTo(b.toString()))
                        .toList();
    }
}
