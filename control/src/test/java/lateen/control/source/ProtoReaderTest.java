package lateen.control.source;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import com.google.protobuf.Message;
import com.google.protobuf.util.JsonFormat;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.core.v3.Node;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import lateen.control.registry.Load;
import lateen.control.translate.ProxyFacts;
import lateen.control.translate.ProxyResources;
import lateen.control.translate.Shop;
import lateen.control.translate.Translation;
import lateen.control.translate.TranslationInput;
import lateen.decision.net.IpAddress;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProtoReaderTest {

    /** Protobuf's own printer writes what this reads: every message that the control plane itself sends. */
    @Test
    void what_protobuf_writes_as_json_is_read_back_as_it_was() throws Exception {
        ProxyFacts catalog = new ProxyFacts("shop", "catalog", Map.of(), List.of(IpAddress.parse("10.33.0.4")), "");
        TranslationInput input = TranslationInput.of(catalog, Load.mesh(Shop.MESH + Shop.policy("p", "rules: [{}]")));
        ProxyResources inbound = Translation.inbound(input.inbound());
        ProxyResources outbound = Translation.outbound(input.outbound());
        List<Message> messages = new ArrayList<>(inbound.listeners());
        messages.addAll(outbound.listeners());
        messages.addAll(outbound.clusters());
        messages.addAll(outbound.routes());
        messages.addAll(outbound.endpoints());
        assertThat(messages).hasSizeGreaterThan(10);
        for (Message message : messages) {
            String json = JsonFormat.printer().usingTypeRegistry(types(message)).print(message);
            assertThat(read(json, message.getDefaultInstanceForType())).isEqualTo(message);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "connectTimeout: 1.5s                          | connect_timeout { seconds: 1 nanos: 500000000 }",
                "max_requests_per_connection: '7'              | max_requests_per_connection { value: 7 }",
                "respect_dns_ttl: true                         | respect_dns_ttl: true",
                "lb_policy: 2                                  | lb_policy: RING_HASH",
                "ring_hash_lb_config: {minimum_ring_size: 5e2} | ring_hash_lb_config { minimum_ring_size { value: 500 } }"
            })
    void every_form_that_the_json_mapping_allows_is_read(String yaml, String expected) throws Exception {
        assertThat(read(yaml, Cluster.getDefaultInstance()))
                .isEqualTo(com.google.protobuf.TextFormat.parse(expected, Cluster.class));
    }

    @Test
    void a_struct_keeps_numbers_texts_lists_and_nothing_apart() {
        Node node = (Node) read("metadata: {a: 1, b: '1', c: [true, ~], d: {}}", Node.getDefaultInstance());
        var fields = node.getMetadata().getFieldsMap();
        assertThat(fields.get("a").getNumberValue()).isEqualTo(1);
        assertThat(fields.get("b").getStringValue()).isEqualTo("1");
        assertThat(fields.get("c").getListValue().getValues(0).getBoolValue()).isTrue();
        assertThat(fields.get("c").getListValue().getValues(1).hasNullValue()).isTrue();
        assertThat(fields.get("d").hasStructValue()).isTrue();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "nme: x                                     | a.yaml:1: v.nme: unknown field of envoy.config.cluster.v3.Cluster (expected:",
                "name: 5                                    | v.name: 5 (expected: text; quote what looks like a number, true or false)",
                "name: [x]                                  | v.name: a list (expected: text",
                "respect_dns_ttl: 1                         | v.respect_dns_ttl: 1 (expected: true or false)",
                "max_requests_per_connection: 4294967296    | v.max_requests_per_connection: 4294967296 (expected: a whole number, uint32)",
                "max_requests_per_connection: 1.5           | (expected: a whole number, uint32)",
                "max_requests_per_connection: 1e999999999   | (expected: a whole number, uint32)",
                "lb_policy: NONE                            | v.lb_policy: \"NONE\" (expected: ROUND_ROBIN, LEAST_REQUEST,",
                "dns_resolvers: {}                          | v.dns_resolvers: a map (expected: a list)",
                "type: EDS, cluster_type: {name: x}         | v.cluster_type: is there beside type (expected: one of the two)",
                "transport_socket: {typed_config: {a: b}}   | v.transport_socket.typed_config: a map (expected: a map with \"@type\")"
            })
    void a_fault_is_named_with_its_place_and_what_was_expected(String yaml, String expected) {
        Problems problems = new Problems();
        read("{" + yaml + "}", Cluster.getDefaultInstance(), problems);
        assertThat(problems.errors()).singleElement().asString().contains(expected);
    }

    @Test
    void only_envoys_own_messages_are_looked_up() {
        assertThat(EnvoyTypes.of("type.googleapis.com/envoy.config.core.v3.Node"))
                .isInstanceOf(Node.class);
        assertThat(EnvoyTypes.of("type.googleapis.com/xds.type.v3.TypedStruct")).isNotNull();
        for (String other : List.of(
                "java.lang.Runtime",
                "type.googleapis.com/java.lang.Runtime",
                "type.googleapis.com/envoy.config.core.v3.Nodes",
                "type.googleapis.com/envoy.config.core.v3.Node.Builder",
                "type.googleapis.com/envoy.config.core.v3.NodeOrBuilder",
                "")) {
            assertThat(EnvoyTypes.of(other)).as(other).isNull();
        }
    }

    @Property(tries = 3000)
    void whatever_stands_there_the_outcome_is_a_message_and_problems(@ForAll("trees") String yaml) {
        assertThat(read(yaml, Listener.getDefaultInstance(), new Problems())).isInstanceOf(Listener.class);
    }

    @Provide
    Arbitrary<String> trees() {
        Arbitrary<String> leaf = Arbitraries.of(
                "1",
                "-1",
                "1e400",
                "0x1f",
                "true",
                "x",
                "''",
                "~",
                "[]",
                "{}",
                "3s",
                "'1'",
                ".nan",
                "99999999999999999999");
        Arbitrary<String> name = Arbitraries.of(
                "name",
                "address",
                "socket_address",
                "port_value",
                "filter_chains",
                "filters",
                "typed_config",
                "'@type'",
                "type_url",
                "value",
                "metadata",
                "filter_metadata",
                "listener_filters_timeout",
                "bind_to_port",
                "x");
        Arbitrary<String> type = Arbitraries.of(
                "type.googleapis.com/udpa.type.v1.TypedStruct",
                "type.googleapis.com/envoy.config.listener.v3.Listener",
                "type.googleapis.com/none");
        return Arbitraries.recursive(
                () -> Arbitraries.oneOf(leaf, type),
                below -> Arbitraries.oneOf(
                        Arbitraries.maps(name, below).ofMaxSize(4).map(ProtoReaderTest::map),
                        below.list().ofMaxSize(3).map(l -> "[" + String.join(", ", l) + "]")),
                0,
                6);
    }

    private static String map(Map<String, String> fields) {
        List<String> all = new ArrayList<>();
        fields.forEach((k, v) -> all.add(k + ": " + v));
        return "{" + String.join(", ", all) + "}";
    }

    private static Message read(String yaml, Message prototype) {
        Problems problems = new Problems();
        Message message = read(yaml, prototype, problems);
        assertThat(problems.errors()).isEmpty();
        return message;
    }

    private static Message read(String yaml, Message prototype, Problems problems) {
        List<YamlDocument> documents = YamlReader.read("a.yaml", yaml, problems);
        return documents.isEmpty()
                ? prototype
                : new ProtoReader(problems).read(documents.getFirst().root(), "v", prototype);
    }

    private static JsonFormat.TypeRegistry types(Message message) throws Exception {
        Set<String> urls = new TreeSet<>();
        collect(message, urls);
        JsonFormat.TypeRegistry.Builder out = JsonFormat.TypeRegistry.newBuilder();
        for (String url : urls) {
            out.add(EnvoyTypes.of(url).getDescriptorForType());
        }
        return out.build();
    }

    private static void collect(Object value, Set<String> urls) throws Exception {
        switch (value) {
            case Any any -> {
                urls.add(any.getTypeUrl());
                collect(EnvoyTypes.of(any.getTypeUrl()).getParserForType().parseFrom(any.getValue()), urls);
            }
            case Message message -> {
                for (Object each : message.getAllFields().values()) {
                    collect(each, urls);
                }
            }
            case List<?> list -> {
                for (Object each : list) {
                    collect(each, urls);
                }
            }
            default -> {}
        }
    }
}
