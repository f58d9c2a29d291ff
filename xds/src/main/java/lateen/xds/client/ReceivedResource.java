package lateen.xds.client;

import com.google.protobuf.Any;
import java.time.Instant;

/** A resource as it came and was accepted. */
public record ReceivedResource(String name, String version, Any body, Instant received) {}
