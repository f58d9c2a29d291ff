package lateen.proxy.proxyprotocol;

/** What the first bytes of a connection are. */
public sealed interface HeaderRead {

    /** The beginning of a header, or nothing yet. */
    record NeedMore() implements HeaderRead {}

    /** No header, and none is needed: all bytes are the client's own. */
    record Absent() implements HeaderRead {}

    /**
     * A header that says nothing of addresses: those of the connection count.
     *
     * @param length of the header in bytes
     */
    record Silent(int length) implements HeaderRead {}

    /** @param length of the header in bytes */
    record Found(ProxyHeader header, int length) implements HeaderRead {}

    /** No header where one is needed, or one that cannot be accepted. */
    record Bad(String reason) implements HeaderRead {}
}
