package lateen.cli.demo;

/** Something taken away on purpose, so that tests can see a step fail. */
enum Sabotage {
    NONE,
    /** No rules are written. */
    NO_CAPTURE,
    /** No AuthorizationPolicy exists. */
    NO_POLICY,
    /** PeerAuthentication allows plaintext. */
    PERMISSIVE
}
