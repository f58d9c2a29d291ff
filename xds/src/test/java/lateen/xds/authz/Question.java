package lateen.xds.authz;

import java.util.LinkedHashMap;
import java.util.Map;
import lateen.decision.net.IpAddress;
import lateen.decision.request.ByteSlice;
import lateen.decision.request.ConnectionView;
import lateen.decision.request.HeaderName;
import lateen.decision.request.RequestView;

/** A request given by its bytes. */
final class Question implements RequestView {

    final Map<ByteSlice, ByteSlice> headers = new LinkedHashMap<>();
    private final ByteSlice path;

    Question(ByteSlice path) {
        this.path = path;
    }

    @Override
    public ConnectionView connection() {
        throw new AssertionError("not asked for");
    }

    @Override
    public ByteSlice method() {
        return ByteSlice.of("GET");
    }

    @Override
    public ByteSlice path() {
        return path;
    }

    @Override
    public ByteSlice authority() {
        return ByteSlice.of("catalog.shop:80");
    }

    @Override
    public ByteSlice scheme() {
        return ByteSlice.of("https");
    }

    @Override
    public int header(HeaderName name, ByteSlice into) {
        throw new AssertionError("not asked for");
    }

    @Override
    public ByteSlice joinedHeader(HeaderName name) {
        throw new AssertionError("not asked for");
    }

    static IpAddress ip(String text) {
        return IpAddress.parse(text);
    }
}
