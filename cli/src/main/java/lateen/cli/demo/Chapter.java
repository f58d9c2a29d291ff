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
    ENVOY;

    /** Whether sidecars of that kind can show it. */
    boolean shownWith(boolean envoys) {
        return switch (this) {
            case ENVOY -> envoys;
            // The picture is made of Istio's metrics, which are its own Envoy's: a plain one has none.
            case PICTURE -> !envoys;
            case RULES, CALL, DENIED, PLAINTEXT, CANARY, EDIT, INSTANCES, OUTLIER, LIMIT, OPA, RENEWAL, COST -> true;
        };
    }

    int number() {
        return List.of(values()).indexOf(this) + 1;
    }
}
