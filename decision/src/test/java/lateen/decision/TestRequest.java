package lateen.decision;

import java.util.ArrayList;
import java.util.List;
import lateen.decision.request.ByteSlice;
import lateen.decision.request.ConnectionView;
import lateen.decision.request.HeaderName;
import lateen.decision.request.RequestView;

/** A request given by its values; asking it allocates nothing, joined headers apart. */
public final class TestRequest implements RequestView {

    private final ByteSlice method;
    private final ByteSlice authority;
    private final ByteSlice path;
    private final ByteSlice scheme = ByteSlice.of("http");
    private final ByteSlice scratch = new ByteSlice();
    private final List<byte[]> names = new ArrayList<>();
    private final List<ByteSlice> values = new ArrayList<>();
    private ConnectionView connection = TestConnection.to("10.0.0.1", 80);

    private TestRequest(String method, String authority, String path) {
        this.method = ByteSlice.of(method);
        // In the middle of a larger array, as real ones are.
        String padded = "Host: " + authority + "\r\n";
        this.authority = ByteSlice.of(padded);
        this.authority.set(this.authority.array(), 6, 6 + authority.length());
        this.path = ByteSlice.of("GET " + path + " HTTP/1.1");
        this.path.set(this.path.array(), 4, 4 + path.length());
    }

    public static TestRequest get(String authority, String path) {
        return new TestRequest("GET", authority, path);
    }

    public static TestRequest of(String method, String authority, String path) {
        return new TestRequest(method, authority, path);
    }

    public TestRequest with(String name, String value) {
        names.add(ByteSlice.of(name).array());
        values.add(ByteSlice.of(value));
        return this;
    }

    public TestRequest over(ConnectionView connection) {
        this.connection = connection;
        return this;
    }

    @Override
    public ConnectionView connection() {
        return connection;
    }

    @Override
    public ByteSlice method() {
        return method;
    }

    @Override
    public ByteSlice path() {
        return path;
    }

    @Override
    public ByteSlice authority() {
        return authority;
    }

    @Override
    public ByteSlice scheme() {
        return scheme;
    }

    @Override
    public ByteSlice scratch() {
        return scratch;
    }

    @Override
    public int header(HeaderName name, ByteSlice into) {
        int count = 0;
        for (int i = 0; i < names.size(); i++) {
            byte[] each = names.get(i);
            if (name.matches(each, 0, each.length) && count++ == 0) {
                ByteSlice value = values.get(i);
                into.set(value.array(), value.start(), value.end());
            }
        }
        return count;
    }

    @Override
    public ByteSlice joinedHeader(HeaderName name) {
        List<String> all = new ArrayList<>();
        for (int i = 0; i < names.size(); i++) {
            if (name.matches(names.get(i), 0, names.get(i).length)) {
                all.add(values.get(i).toString());
            }
        }
        return ByteSlice.of(String.join(",", all));
    }
}
