package lateen.proxy.accesslog;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import lateen.decision.request.HeaderName;

/** A short text with Envoy's operators in it, for other uses than a log. Immutable; any thread. */
public final class TextTemplate {
    private final List<Operator> pieces;

    private TextTemplate(List<Operator> pieces) {
        this.pieces = pieces;
    }

    /** @throws IllegalArgumentException naming the text, the place in it and what was expected */
    public static TextTemplate compile(String text) {
        List<HeaderName> headers = new ArrayList<>();
        List<Operator> pieces = LogFormat.parse(text, new Operators(headers, headers), false);
        if (!headers.isEmpty()) {
            throw new IllegalArgumentException("'" + text + "': an operator of requests (expected: of connections)");
        }
        return new TextTemplate(List.copyOf(pieces));
    }

    /** What has no value is {@code -}. Allocates. */
    public String of(LogEntry entry) {
        LogBuffer out = new LogBuffer(false);
        LogFormat.writeAll(pieces, entry, out);
        return new String(out.array(), 0, out.length(), StandardCharsets.UTF_8);
    }
}
