package lateen.control.translate;

import com.google.protobuf.Any;
import com.google.protobuf.BoolValue;
import com.google.protobuf.Duration;
import com.google.protobuf.Message;
import com.google.protobuf.Struct;
import com.google.protobuf.UInt32Value;
import com.google.protobuf.Value;
import io.envoyproxy.envoy.config.core.v3.Address;
import io.envoyproxy.envoy.config.core.v3.CidrRange;
import io.envoyproxy.envoy.config.core.v3.Metadata;
import io.envoyproxy.envoy.config.core.v3.SocketAddress;
import java.util.Map;
import java.util.TreeMap;
import lateen.control.source.ObjectMeta;
import lateen.decision.net.Cidr;
import lateen.decision.net.IpAddress;
import lateen.xdsserver.EncodedResource;

/** Protobuf's wrappers around plain values. */
final class Pack {

    private Pack() {}

    /** Like {@link Any#pack}, but with the entries of maps in order. */
    static Any any(Message message) {
        return EncodedResource.pack(message);
    }

    static BoolValue bool(boolean value) {
        return BoolValue.of(value);
    }

    static UInt32Value number(int value) {
        return UInt32Value.of(value);
    }

    static Duration duration(java.time.Duration value) {
        return Duration.newBuilder()
                .setSeconds(value.getSeconds())
                .setNanos(value.getNano())
                .build();
    }

    /** Istio's {@code filter_metadata.istio.config}: the object that asked for a route or a cluster. */
    static Metadata origin(String kind, ObjectMeta meta) {
        String path = "/apis/networking.istio.io/v1/namespaces/" + meta.namespace() + "/" + kind + "/" + meta.name();
        return Metadata.newBuilder()
                .putFilterMetadata("istio", struct(Map.of("config", path)))
                .build();
    }

    static Struct struct(Map<String, String> values) {
        Struct.Builder out = Struct.newBuilder();
        new TreeMap<>(values)
                .forEach((k, v) ->
                        out.putFields(k, Value.newBuilder().setStringValue(v).build()));
        return out.build();
    }

    static Address address(String ip, int port) {
        return Address.newBuilder()
                .setSocketAddress(SocketAddress.newBuilder().setAddress(ip).setPortValue(port))
                .build();
    }

    static Address address(IpAddress ip, int port) {
        return address(ip.canonical(), port);
    }

    static CidrRange range(Cidr cidr) {
        return CidrRange.newBuilder()
                .setAddressPrefix(cidr.base().canonical())
                .setPrefixLen(number(cidr.length()))
                .build();
    }
}
