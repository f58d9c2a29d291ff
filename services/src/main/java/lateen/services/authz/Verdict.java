package lateen.services.authz;

/** How a check ended, for the log and the counters. */
sealed interface Verdict {
    record Allowed() implements Verdict {}

    record Denied(String reason) implements Verdict {}

    /** Denied, as no decision could be had. */
    record Failed(String reason) implements Verdict {}
}
