package lateen.xdsserver;

import io.grpc.Context;
import lateen.identity.SpiffeId;

/** Where the interceptor that authenticates a call leaves the caller's identity. */
public final class CallerIdentity {

    /** Absent on a plaintext port. */
    public static final Context.Key<SpiffeId> KEY = Context.key("lateen.caller-identity");

    private CallerIdentity() {}
}
