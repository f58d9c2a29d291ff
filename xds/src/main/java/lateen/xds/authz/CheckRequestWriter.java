package lateen.xds.authz;

import lateen.decision.net.SocketAddr;
import lateen.decision.request.ByteSlice;
import lateen.decision.request.RequestView;

/**
 * Writes {@code envoy.service.auth.v3.CheckRequest} with what Envoy 1.40 puts in. For a request: {@link #begin}, {@link
 * #header} for each, {@link #http}; for a connection: {@link #begin}, {@link #connection}. The bytes are then {@link
 * #array} from {@link #start}, {@link #size} of them, until the next {@code begin}. One thread owns it.
 */
public final class CheckRequestWriter {

    private static final int ATTRIBUTES = 1;
    /** Of {@code AttributeContext}. */
    private static final int SOURCE = 1;

    private static final int DESTINATION = 2;
    private static final int REQUEST = 4;
    private static final int METADATA_CONTEXT = 11;
    private static final int ROUTE_METADATA_CONTEXT = 13;
    /** Of {@code AttributeContext.Peer}. */
    private static final int ADDRESS = 1;

    private static final int PRINCIPAL = 4;
    private static final int CERTIFICATE = 5;
    /** Of {@code AttributeContext.Request}. */
    private static final int TIME = 1;

    private static final int HTTP = 2;
    /** Of {@code AttributeContext.HttpRequest}. */
    private static final int ID = 1;

    private static final int METHOD = 2;
    private static final int HEADERS = 3;
    private static final int PATH = 4;
    private static final int HOST = 5;
    private static final int SCHEME = 6;
    private static final int SIZE = 9;
    private static final int PROTOCOL = 10;

    private final BackwardWriter out = new BackwardWriter();

    /** An {@code AttributeContext.Peer} ready to be written, once for each connection. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    public record Peer(byte[] bytes) {

        /**
         * @param principal URI name of its certificate; empty: none
         * @param certificate PEM, URL-encoded; empty: not asked for, or none
         */
        public static Peer of(SocketAddr address, String principal, String certificate) {
            BackwardWriter out = new BackwardWriter();
            out.text(CERTIFICATE, certificate);
            out.text(PRINCIPAL, principal);
            int peer = out.open();
            if (address.isUnix()) {
                // Address.pipe, Pipe.path.
                out.text(1, address.path());
                out.close(2, peer);
            } else {
                if (address.port() != 0) {
                    out.varint(3, address.port());
                }
                out.text(2, address.ip().canonical());
                out.close(1, peer);
            }
            out.close(ADDRESS, peer);
            return new Peer(out.copy());
        }
    }

    public void begin() {
        out.clear();
    }

    /** One header, its name in any letter case; names must be different. */
    public void header(ByteSlice name, ByteSlice value) {
        int entry = out.open();
        out.header(2, value.array(), value.start(), value.end(), false);
        out.header(1, name.array(), name.start(), name.end(), true);
        out.close(HEADERS, entry);
    }

    /**
     * Ends the question about a request.
     *
     * @param id a number that no other request at the same time has
     * @param epochMicros when it began
     * @param size of its body so far, in bytes
     */
    public void http(
            Peer source, Peer destination, long id, long epochMicros, RequestView request, String protocol, long size) {
        // All that was written until now are headers: they end where everything ends.
        out.text(PROTOCOL, protocol);
        if (size != 0) {
            out.varint(SIZE, size);
        }
        slice(SCHEME, request.scheme());
        slice(HOST, request.authority());
        slice(PATH, request.path());
        slice(METHOD, request.method());
        out.text(ID, Long.toUnsignedString(id));
        out.close(HTTP, 0);
        time(epochMicros);
        out.close(REQUEST, 0);
        out.close(ROUTE_METADATA_CONTEXT, out.open());
        attributes(source, destination);
    }

    /** Ends the question about a connection. */
    public void connection(Peer source, Peer destination) {
        attributes(source, destination);
    }

    private void attributes(Peer source, Peer destination) {
        // There, but empty: no filter before writes metadata that is passed on.
        out.close(METADATA_CONTEXT, out.open());
        out.bytes(DESTINATION, destination.bytes, 0, destination.bytes.length);
        out.bytes(SOURCE, source.bytes, 0, source.bytes.length);
        out.close(ATTRIBUTES, 0);
    }

    private void time(long epochMicros) {
        int mark = out.open();
        long nanos = Math.floorMod(epochMicros, 1_000_000L) * 1000;
        if (nanos != 0) {
            out.varint(2, nanos);
        }
        out.varint(1, Math.floorDiv(epochMicros, 1_000_000L));
        out.close(TIME, mark);
    }

    private void slice(int field, ByteSlice value) {
        if (value.length() != 0) {
            out.header(field, value.array(), value.start(), value.end(), false);
        }
    }

    public byte[] array() {
        return out.array();
    }

    public int start() {
        return out.start();
    }

    public int size() {
        return out.size();
    }
}
