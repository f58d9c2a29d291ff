package lateen.xds.bootstrap;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.Secret;
import java.util.Set;
import java.util.regex.Pattern;
import lateen.xds.ResourceType;
import lateen.xds.client.Reading;
import lateen.xds.decode.Decoding;
import lateen.xds.decode.ResourceDecoder;
import lateen.xds.source.SourceRef;
import lateen.xds.text.KnownTypes;
import org.jspecify.annotations.Nullable;

/** Reads resources of any control plane, which may say more than those of a mesh; see {@link PlainForm}. */
final class StandaloneReading implements Reading {

    private static final Pattern ROOT = Pattern.compile("^([a-z]+ '[^']*')\\.");

    private final ConfigSources sources;
    private final DataSources data;
    private final Set<String> staticSecrets;

    StandaloneReading(ConfigSources sources, DataSources data, Set<String> staticSecrets) {
        this.sources = sources;
        this.data = data;
        this.staticSecrets = Set.copyOf(staticSecrets);
    }

    @Override
    public Read read(ResourceType type, Any body, SourceRef from) {
        Message prototype = KnownTypes.prototype(type.message());
        if (prototype == null) {
            throw new IllegalStateException(type.message() + " is not on the class path");
        }
        if (!KnownTypes.nameOf(body.getTypeUrl()).equals(type.message())) {
            return new Read.Bad(type + ": '" + body.getTypeUrl() + "' (expected: " + type.message() + ")");
        }
        try {
            Message message = prototype.getParserForType().parseFrom(body.getValue());
            return read(type, message, kind(type) + " '" + name(message) + "'", from);
        } catch (InvalidProtocolBufferException e) {
            return new Read.Bad(type + ": not a readable " + type.message() + ": " + e.getMessage());
        }
    }

    /**
     * @param path how problems call it
     * @param from null: it stands in the bootstrap
     */
    Read read(ResourceType type, Message message, String path, @Nullable SourceRef from) {
        try {
            if (type == ResourceType.SECRET) {
                Secret secret = Secret.parseFrom(message.toByteString());
                return new Read.Good(new InlineSecrets(data).secret(secret, path), lateen.xds.client.Need.Needs.NONE);
            }
            PlainForm form = new PlainForm(sources, data, staticSecrets, from);
            Any plain = form.plain(message, path);
            return switch (ResourceDecoder.decode(type, plain)) {
                case Decoding.Rejected<?>(String reason) -> new Read.Bad(reason);
                case Decoding.Decoded<?>(Object record) -> new Read.Good(record, form.needs());
            };
        } catch (Unsupported e) {
            return new Read.Bad(ROOT.matcher(String.valueOf(e.getMessage())).replaceFirst("$1: "));
        } catch (InvalidProtocolBufferException e) {
            return new Read.Bad(path + ": not readable: " + e.getMessage());
        }
    }

    /** As the decoder calls them. */
    static String kind(ResourceType type) {
        return switch (type) {
            case LISTENER -> "listener";
            case ROUTE -> "route";
            case CLUSTER -> "cluster";
            case ENDPOINT -> "endpoints";
            case SECRET -> "secret";
        };
    }

    private static String name(Message message) {
        return String.valueOf(message.getField(message.getDescriptorForType().findFieldByNumber(1)));
    }
}
