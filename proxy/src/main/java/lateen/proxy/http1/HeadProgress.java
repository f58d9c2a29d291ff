package lateen.proxy.http1;

/** The bytes so far are good. */
public enum HeadProgress implements HeadResult {
    /** All bytes were taken and the head goes on. */
    NEED_MORE,
    /** The head is complete; the reader index stands at the first byte after it. */
    COMPLETE
}
