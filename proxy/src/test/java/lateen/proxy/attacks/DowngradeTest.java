package lateen.proxy.attacks;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import lateen.proxy.Rig;
import lateen.proxy.http2.Frames;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Request smuggling by HTTP/2 fields that mean something else once they are HTTP/1: each pattern as frames through this
 * proxy and through Envoy 1.40, before a back end of HTTP/1. A malformed request is an error of its stream: the next
 * stream of the connection is answered.
 */
@Tag("kernel")
class DowngradeTest {
    private static final Rig rig = new Rig();
    private static Side lateen;
    private static Side envoy;

    @TempDir
    static Path dir;

    @BeforeAll
    static void start() throws Exception {
        lateen = Side.lateen(rig, dir);
        envoy = Side.envoy(rig, dir);
    }

    @AfterAll
    static void close() throws Exception {
        rig.close();
    }

    static Stream<Row> rows() {
        return Row.table("http2-downgrade.txt");
    }

    /**
     * Between {@code ^} stand {@code @METHOD /path} for the usual four, {@code name: value}, {@code <data}, and {@code
     * >name: value} of a trailer.
     */
    private static ByteBuf[] frames(String sent) {
        List<String> head = new ArrayList<>();
        List<String> trailers = new ArrayList<>();
        List<String> data = new ArrayList<>();
        for (String part : sent.split("\\^", -1)) {
            switch (part.charAt(0)) {
                case '@' -> {
                    String[] line = part.substring(1).split(" ", 2);
                    head.addAll(List.of(":method", line[0], ":scheme", "http", ":path", line[1], ":authority", "a"));
                }
                case '<' -> data.add(part.substring(1));
                case '>' -> field(part.substring(1), trailers);
                default -> field(part, head);
            }
        }
        List<ByteBuf> frames = new ArrayList<>();
        boolean bare = data.isEmpty() && trailers.isEmpty();
        frames.add(headers(bare, head));
        for (int i = 0; i < data.size(); i++) {
            boolean last = i == data.size() - 1 && trailers.isEmpty();
            frames.add(Frames.data(1, last ? Frames.END_STREAM : 0, data.get(i)));
        }
        if (!trailers.isEmpty()) {
            frames.add(headers(true, trailers));
        }
        return frames.toArray(ByteBuf[]::new);
    }

    private static ByteBuf headers(boolean last, List<String> fields) {
        return Frames.frame(1, Frames.END_HEADERS | (last ? Frames.END_STREAM : 0), 1, Frames.literals(fields));
    }

    private static void field(String part, List<String> into) {
        int colon = part.indexOf(": ", 1);
        into.add(part.substring(0, colon));
        into.add(part.substring(colon + 2));
    }

    private static String outcome(Side side, Row row) throws Exception {
        side.backend().arrived().clear();
        side.backend().cuts().clear();
        try (Http2Client client = new Http2Client(side.open())) {
            client.send(frames(row.sent()));
            String seen = client.await(1);
            if (seen.equals("-")) {
                return client.goaway < 0 ? "-" : "GOAWAY" + client.goaway;
            }
            String next = client.get(3, "/probe").await(3);
            return seen + (next.equals("200") && client.body(3).equals("GET /probe") ? "=" : " " + next);
        }
    }

    @ParameterizedTest
    @MethodSource("rows")
    void eachPattern(Row row) throws Exception {
        assertThat(row.why().isEmpty())
                .as("a difference from Envoy, and only a difference, has a reason: %s", row.why())
                .isEqualTo(row.ours().equals(row.envoys()));
        assertThat(outcome(lateen, row)).isEqualTo(row.ours());
        try (Http1Client next = new Http1Client(lateen)) {
            assertThat(next.get("/after")).isEqualTo("GET /after");
        }
        List<String> expected = new ArrayList<>(row.arrives());
        expected.add("GET /probe");
        expected.add("GET /after");
        assertThat(lateen.backend().arrived()).containsExactlyInAnyOrderElementsOf(expected);
        assertThat(outcome(envoy, row)).as("Envoy").isEqualTo(row.envoys());
    }
}
