package lateen.xds.decode;

import java.io.Serial;

/** Leaves the decoder from any depth; never leaves this package. */
final class Refusal extends RuntimeException {

    @Serial
    private static final long serialVersionUID = 1;

    Refusal(String reason) {
        super(reason, null, false, false);
    }
}
