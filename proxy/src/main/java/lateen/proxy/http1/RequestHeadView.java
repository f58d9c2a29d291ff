package lateen.proxy.http1;

import lateen.decision.request.ByteSlice;
import lateen.decision.request.ConnectionView;
import lateen.decision.request.HeaderName;
import lateen.decision.request.RequestView;

/** A {@link RequestHead} as decisions see it. One for each connection; it follows the head's edits. */
public final class RequestHeadView implements RequestView {

    private final RequestHead head;
    private final ConnectionView connection;
    private final ByteSlice scheme;

    /**
     * @param secure whether the request came over TLS; the scheme follows the connection, never the target
     */
    public RequestHeadView(RequestHead head, ConnectionView connection, boolean secure) {
        this.head = head;
        this.connection = connection;
        this.scheme = ByteSlice.of(secure ? "https" : "http");
    }

    @Override
    public ConnectionView connection() {
        return connection;
    }

    @Override
    public ByteSlice method() {
        return head.method();
    }

    @Override
    public ByteSlice path() {
        return head.path();
    }

    @Override
    public ByteSlice authority() {
        return head.authority();
    }

    @Override
    public ByteSlice scheme() {
        return scheme;
    }

    @Override
    public int header(HeaderName name, ByteSlice into) {
        return head.header(name, into);
    }

    @Override
    public ByteSlice joinedHeader(HeaderName name) {
        return head.joined(name);
    }
}
