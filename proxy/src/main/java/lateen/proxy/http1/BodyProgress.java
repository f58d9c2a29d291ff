package lateen.proxy.http1;

/** The bytes so far are good. */
public enum BodyProgress implements BodyResult {
    /** All bytes were taken and the body goes on. */
    NEED_MORE,
    /** The body is complete; the reader index stands at the first byte after it. */
    DONE
}
