package lateen.xds.decode;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import io.envoyproxy.envoy.config.core.v3.Address;
import io.envoyproxy.envoy.config.core.v3.CidrRange;
import io.envoyproxy.envoy.config.core.v3.DataSource;
import io.envoyproxy.envoy.config.core.v3.Pipe;
import io.envoyproxy.envoy.config.core.v3.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import lateen.decision.net.Cidr;
import lateen.decision.net.IpAddress;
import lateen.decision.net.SocketAddr;
import lateen.xds.ResourceType;

/** The small things that stand in many messages. */
final class Values {

    private static final long LONGEST_SECONDS = 315_576_000_000L;

    private static final int LONGEST_PATH = 107;

    private Values() {}

    /** Parses and checks what an Any holds. */
    static <T extends Message> T open(Any any, T prototype, FieldPath at) {
        return open(any, prototype, at, (message, _) -> message);
    }

    /** Parses, checks and reads what an Any holds; for messages with maps somewhere inside, which only the path knows. */
    static <T extends Message, R> R open(Any any, T prototype, FieldPath at, FieldPath.Element<T, R> element) {
        Unchecked<T> read = Unchecked.parse(any.getValue(), typeName(any), prototype, at);
        return element.read(read.checked(at), read.inside(at));
    }

    /** Parses a whole resource, whose name is not known before. */
    static <T extends Message> Unchecked<T> parsed(Any any, T prototype, String kind, ResourceType type) {
        FieldPath at = new FieldPath(null, kind, -1, Aside.NOTHING);
        if (!typeName(any).equals(type.message())) {
            throw at.refuse(any.getTypeUrl(), type.message());
        }
        return Unchecked.parse(any.getValue(), type.message(), prototype, at);
    }

    /** Full message name of an Any's content. */
    static String typeName(Any any) {
        return any.getTypeUrl().substring(any.getTypeUrl().lastIndexOf('/') + 1);
    }

    static Any any(ByteString bytes, FieldPath at) {
        try {
            return Any.parseFrom(bytes);
        } catch (InvalidProtocolBufferException e) {
            throw at.because("not a readable google.protobuf.Any: " + e.getMessage());
        }
    }

    static Duration duration(com.google.protobuf.Duration duration, FieldPath at) {
        boolean negative = duration.getSeconds() < 0 || duration.getNanos() < 0;
        if (negative || duration.getSeconds() > LONGEST_SECONDS || duration.getNanos() > 999_999_999) {
            throw at.refuse(duration.getSeconds() + "s " + duration.getNanos() + "ns", "0 or longer");
        }
        return Duration.ofSeconds(duration.getSeconds(), duration.getNanos());
    }

    /** Of TCP, or of a unix socket. */
    static SocketAddr address(Address address, FieldPath at) {
        return address.hasPipe() ? unix(address.getPipe(), at.at("pipe")) : socket(address, at);
    }

    private static SocketAddr unix(Pipe pipe, FieldPath at) {
        String path = at.required(pipe.getPath(), "path");
        // sun_path of unix(7), with the NUL at its end or, of an abstract name, at its beginning.
        int length = path.getBytes(StandardCharsets.UTF_8).length;
        if (length > LONGEST_PATH || path.equals("@") || path.indexOf('\0') >= 0) {
            throw at.at("path").refuse(path, "1.." + LONGEST_PATH + " bytes, none of them NUL");
        }
        return SocketAddr.unix(path);
    }

    static SocketAddr socket(Address address, FieldPath at) {
        if (!address.hasSocketAddress()) {
            throw at.missing("socket_address", "an IP address and a port");
        }
        return socket(address.getSocketAddress(), at.at("socket_address"));
    }

    static SocketAddr socket(SocketAddress address, FieldPath at) {
        return new SocketAddr(
                ip(address.getAddress(), at.at("address")), port(address.getPortValue(), at.at("port_value")));
    }

    static int port(int port, FieldPath at) {
        if (port < 0 || port > 65535) {
            throw at.refuse(Integer.toUnsignedString(port), "0..65535");
        }
        return port;
    }

    static IpAddress ip(String text, FieldPath at) {
        try {
            return IpAddress.parse(text);
        } catch (IllegalArgumentException e) {
            throw at.refuse(text, "an IPv4 or IPv6 address");
        }
    }

    static Cidr cidr(CidrRange range, FieldPath at) {
        IpAddress base = ip(range.getAddressPrefix(), at.at("address_prefix"));
        int length = range.getPrefixLen().getValue();
        if (length < 0 || length > base.bits()) {
            throw at.at("prefix_len").refuse(Integer.toUnsignedString(length), "0.." + base.bits());
        }
        return new Cidr(base, length);
    }

    /** A 32-bit count; what Java reads as negative is too large to be meant. */
    static int count(int value, FieldPath at) {
        if (value < 0) {
            throw at.refuse(Integer.toUnsignedString(value), "0.." + Integer.MAX_VALUE);
        }
        return value;
    }

    /** What would end a line of a head, or a part of one, is refused. */
    static String inHead(String text, FieldPath at) {
        if (text.chars().anyMatch(c -> c <= ' ' || c == 0x7f)) {
            throw at.refuse(text, "no spaces and control characters");
        }
        return text;
    }

    static String text(DataSource source, FieldPath at) {
        return switch (source.getSpecifierCase()) {
            case INLINE_STRING -> source.getInlineString();
            case INLINE_BYTES -> source.getInlineBytes().toString(StandardCharsets.UTF_8);
            case FILENAME, ENVIRONMENT_VARIABLE, SPECIFIER_NOT_SET ->
                throw at.refuse(source.getSpecifierCase(), "inline_string or inline_bytes");
        };
    }

    /** {@code filter_metadata[namespace].key} of the metadata at that place as text; empty when absent. */
    static String metadataText(FieldPath metadata, String namespace, String key) {
        return metadata(metadata, namespace).text(key);
    }

    /** {@code filter_metadata[namespace]} of the metadata at that place; empty when absent. */
    static StructValue.Fields metadata(FieldPath metadata, String namespace) {
        return StructValue.fields(metadata.map("filter_metadata").getOrDefault(namespace, ByteString.EMPTY));
    }
}
