package lateen.proxy.admin;

/** Whether traffic may come. */
public sealed interface Readiness {

    /** It may. */
    record Live() implements Readiness {}

    /**
     * Not yet.
     *
     * @param reason what is missing, for people
     */
    record Initializing(String reason) implements Readiness {}

    /**
     * No more.
     *
     * @param reason who asked for it
     */
    record Draining(String reason) implements Readiness {}

    /** Envoy: {@code admin.v3.ServerInfo.State}. */
    default String state() {
        return switch (this) {
            case Live() -> "LIVE";
            case Initializing ignored -> "INITIALIZING";
            case Draining ignored -> "DRAINING";
        };
    }
}
