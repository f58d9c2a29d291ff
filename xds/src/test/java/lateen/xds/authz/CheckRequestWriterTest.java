package lateen.xds.authz;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.JsonFormat;
import io.envoyproxy.envoy.service.auth.v3.AttributeContext;
import io.envoyproxy.envoy.service.auth.v3.CheckRequest;
import java.nio.charset.StandardCharsets;
import lateen.decision.net.SocketAddr;
import lateen.decision.request.ByteSlice;
import lateen.xds.authz.CheckRequestWriter.Peer;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class CheckRequestWriterTest {

    private static final Peer SOURCE = Peer.of(
            new SocketAddr(Question.ip("10.33.0.2"), 40000), "spiffe://cluster.local/ns/shop/sa/client", "PEM%0A");
    private static final Peer DESTINATION =
            Peer.of(new SocketAddr(Question.ip("fd00::1"), 8080), "spiffe://cluster.local/ns/shop/sa/web", "");

    private final CheckRequestWriter writer = new CheckRequestWriter();

    private CheckRequest read() throws InvalidProtocolBufferException {
        return CheckRequest.parseFrom(ByteString.copyFrom(writer.array(), writer.start(), writer.size()));
    }

    @Test
    void a_question_about_a_request_reads_back_as_envoys_message() throws Exception {
        for (int round = 0; round < 2; round++) {
            writer.begin();
            writer.header(ByteSlice.of("X-User"), ByteSlice.of("Ann"));
            writer.header(ByteSlice.of(":path"), ByteSlice.of("/a?b=c"));
            writer.http(
                    SOURCE,
                    DESTINATION,
                    -1,
                    1_700_000_000_123_456L,
                    new Question(ByteSlice.of("/a?b=c")),
                    "HTTP/1.1",
                    7);
            CheckRequest.Builder expected = CheckRequest.newBuilder();
            JsonFormat.parser().merge("""
                            {"attributes": {
                              "source": {"address": {"socketAddress": {"address": "10.33.0.2", "portValue": 40000}},
                                "principal": "spiffe://cluster.local/ns/shop/sa/client", "certificate": "PEM%0A"},
                              "destination": {"address": {"socketAddress": {"address": "fd00::1", "portValue": 8080}},
                                "principal": "spiffe://cluster.local/ns/shop/sa/web"},
                              "request": {"time": "2023-11-14T22:13:20.123456Z", "http": {
                                "id": "18446744073709551615", "method": "GET", "path": "/a?b=c",
                                "host": "catalog.shop:80", "scheme": "https", "protocol": "HTTP/1.1", "size": "7",
                                "headers": {"x-user": "Ann", ":path": "/a?b=c"}}},
                              "metadataContext": {}, "routeMetadataContext": {}}}
                            """, expected);
            assertThat(read()).isEqualTo(expected.build());
        }
    }

    @Test
    void a_question_about_a_connection_has_its_ends_only() throws Exception {
        writer.begin();
        writer.connection(SOURCE, DESTINATION);
        AttributeContext attributes = read().getAttributes();
        assertThat(attributes.getSource().getAddress().getSocketAddress().getPortValue())
                .isEqualTo(40000);
        assertThat(attributes.getDestination().getPrincipal()).isEqualTo("spiffe://cluster.local/ns/shop/sa/web");
        assertThat(attributes.hasRequest()).isFalse();
    }

    @Property(tries = 500)
    void whatever_the_bytes_of_a_header_are_the_message_is_readable_and_text_stays(
            @ForAll @Size(max = 300) byte[] value, @ForAll @Size(max = 40) byte[] path, @ForAll String text)
            throws Exception {
        writer.begin();
        ByteSlice padded = new ByteSlice().set(pad(value), 1, 1 + value.length);
        writer.header(ByteSlice.of("x-a"), padded);
        byte[] utf8 = new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8)
                .getBytes(StandardCharsets.UTF_8);
        writer.header(ByteSlice.of("x-b"), new ByteSlice().set(utf8, 0, utf8.length));
        writer.http(SOURCE, DESTINATION, 1, 0, new Question(new ByteSlice().set(pad(path), 1, 1 + path.length)), "", 0);
        var http = read().getAttributes().getRequest().getHttp();
        assertThat(http.getHeadersMap().get("x-b")).isEqualTo(new String(utf8, StandardCharsets.UTF_8));
        assertThat(http.getHeadersMap()).containsKey("x-a");
        // As many bytes as there were: what is no UTF-8 became a byte each.
        assertThat(http.getHeadersMap().get("x-a").getBytes(StandardCharsets.UTF_8))
                .hasSize(value.length);
    }

    private static byte[] pad(byte[] bytes) {
        byte[] padded = new byte[bytes.length + 2];
        System.arraycopy(bytes, 0, padded, 1, bytes.length);
        return padded;
    }
}
