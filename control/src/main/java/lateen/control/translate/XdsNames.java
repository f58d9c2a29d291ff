package lateen.control.translate;

import lateen.control.registry.Service;

/** Names that other people's tools look up; Istio's. */
final class XdsNames {

    static final int OUTBOUND_PORT = 15001;
    static final int INBOUND_PORT = 15006;

    static final String PASSTHROUGH = "PassthroughCluster";
    static final String BLACK_HOLE = "BlackHoleCluster";
    static final String INBOUND_PASSTHROUGH = "InboundPassthroughCluster";
    static final String SDS_CLUSTER = "sds-grpc";
    static final String OWN_CERTIFICATE = "default";
    static final String ROOTS = "ROOTCA";

    private XdsNames() {}

    static String outbound(Service service, Service.Port port) {
        return outbound(service.host(), port.port());
    }

    static String outbound(String host, int port) {
        return outbound(host, port, "");
    }

    /** @param subset empty: all of the service */
    static String outbound(String host, int port, String subset) {
        return "outbound|" + port + "|" + subset + "|" + host;
    }

    static String inbound(int port) {
        return "inbound|" + port + "||";
    }

    static String sni(Service service, Service.Port port, String subset) {
        return "outbound_." + port.port() + "_." + subset + "_." + service.host();
    }
}
