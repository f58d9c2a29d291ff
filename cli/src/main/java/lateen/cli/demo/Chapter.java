package lateen.cli.demo;

import java.util.List;

/** What the demonstration shows, in its order. */
enum Chapter {
    RULES,
    CALL,
    DENIED,
    PLAINTEXT,
    CANARY,
    EDIT,
    INSTANCES,
    OUTLIER,
    LIMIT,
    OPA,
    RENEWAL,
    PICTURE,
    COST,
    /** With Envoy sidecars only. */
    ENVOY;

    int number() {
        return List.of(values()).indexOf(this) + 1;
    }
}
