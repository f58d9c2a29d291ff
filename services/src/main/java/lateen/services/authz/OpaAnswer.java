package lateen.services.authz;

/** What asking OPA came to. */
sealed interface OpaAnswer {

    /** The policy's own word. */
    record Decided(Decision decision) implements OpaAnswer {}

    /** The rule has no value for this input, or there is no such rule: a denial. */
    record Undefined(String path) implements OpaAnswer {}

    /** No decision could be had. */
    record Failed(String reason) implements OpaAnswer {}
}
