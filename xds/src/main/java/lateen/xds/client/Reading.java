package lateen.xds.client;

import com.google.protobuf.Any;
import lateen.xds.ResourceType;
import lateen.xds.client.Need.Needs;
import lateen.xds.source.SourceRef;

/** How the body of a resource is understood. Never throws on foreign bytes. */
@FunctionalInterface
public interface Reading {

    /** @param from where it came from, which is where a source {@code self} leads */
    Read read(ResourceType type, Any body, SourceRef from);

    /** What became of a body. */
    sealed interface Read {
        /** @param record of {@code decision.config}, or a {@link lateen.xds.decode.SecretConfig} */
        record Good(Object record, Needs needs) implements Read {}

        /** @param reason for the operator: resource, field path, value, what was expected */
        record Bad(String reason) implements Read {}
    }
}
