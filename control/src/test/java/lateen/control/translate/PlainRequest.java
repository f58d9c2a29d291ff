package lateen.control.translate;

import java.util.Map;
import lateen.decision.request.ByteSlice;
import lateen.decision.request.ConnectionView;
import lateen.decision.request.HeaderName;
import lateen.decision.request.RequestView;

/** A request given by its values, without a connection. */
record PlainRequest(String verb, String host, String target, Map<String, String> headers) implements RequestView {

    @Override
    public ConnectionView connection() {
        throw new UnsupportedOperationException("no route asks for it");
    }

    @Override
    public ByteSlice method() {
        return ByteSlice.of(verb);
    }

    @Override
    public ByteSlice path() {
        return ByteSlice.of(target);
    }

    @Override
    public ByteSlice authority() {
        return ByteSlice.of(host);
    }

    @Override
    public ByteSlice scheme() {
        return ByteSlice.of("http");
    }

    @Override
    public int header(HeaderName name, ByteSlice into) {
        for (Map.Entry<String, String> header : headers.entrySet()) {
            byte[] bytes = ByteSlice.of(header.getKey()).array();
            if (name.matches(bytes, 0, bytes.length)) {
                ByteSlice value = ByteSlice.of(header.getValue());
                into.set(value.array(), value.start(), value.end());
                return 1;
            }
        }
        return 0;
    }

    @Override
    public ByteSlice joinedHeader(HeaderName name) {
        ByteSlice value = new ByteSlice();
        header(name, value);
        return value;
    }
}
