package lateen.xds.decode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.envoyproxy.envoy.config.core.v3.Metadata;
import io.envoyproxy.envoy.config.core.v3.SocketAddress;
import io.envoyproxy.envoy.config.rbac.v3.Permission;
import io.envoyproxy.envoy.config.route.v3.Route;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.config.route.v3.VirtualHost;
import java.io.IOException;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import java.util.stream.Stream;
import lateen.xds.ResourceType;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class WireWalkTest {

    private static final List<String> TYPES =
            List.copyOf(new TreeSet<>(SupportedFields.table().keySet()));
    private static final FieldPath AT = FieldPath.resource("random", "one");

    @Property(tries = 20_000)
    void the_walk_over_bytes_and_the_walk_over_descriptors_accept_and_refuse_alike(@ForAll Random random)
            throws IOException {
        Message message = random(prototype(random), random, 4);
        assertThat(byBytes(message)).as("%s %s", message.getClass(), message).isEqualTo(byDescriptors(message));
    }

    @Test
    void of_the_random_messages_some_are_accepted_and_some_refused() throws IOException {
        Random random = new Random(1);
        int accepted = 0;
        for (int i = 0; i < 2000; i++) {
            accepted += byBytes(random(prototype(random), random, 4)) ? 1 : 0;
        }
        assertThat(accepted).isBetween(500, 1500);
    }

    @ParameterizedTest
    @EnumSource(ResourceType.class)
    void a_whole_resource_of_a_control_plane_needs_no_second_walk(ResourceType type) throws Exception {
        Any any = Samples.any(type, Samples.sample(type));
        assertThat(WireWalk.over(any.getValue(), Values.typeName(any)).supported())
                .isTrue();
    }

    @Test
    void a_default_value_spelled_out_on_the_wire_is_no_refusal() {
        // Field 3, port_value, 0.
        ByteString spelled = ByteString.copyFrom(new byte[] {0x18, 0});
        SocketAddress address = Unchecked.parse(
                        spelled, "envoy.config.core.v3.SocketAddress", SocketAddress.getDefaultInstance(), AT)
                .checked(AT);
        assertThat(address.getPortValue()).isZero();
        // Field 6, ipv4_compat, is not supported; false is what it is anyway.
        ByteString unsupported = ByteString.copyFrom(new byte[] {0x30, 0});
        assertThat(Unchecked.parse(
                                unsupported,
                                "envoy.config.core.v3.SocketAddress",
                                SocketAddress.getDefaultInstance(),
                                AT)
                        .checked(AT))
                .isNotNull();
    }

    @Test
    void nesting_deeper_than_protobuf_allows_is_refused() {
        Permission deep = Permission.newBuilder().setAny(true).build();
        for (int i = 0; i < 200; i++) {
            deep = Permission.newBuilder().setNotRule(deep).build();
        }
        ByteString bytes = deep.toByteString();
        assertThatThrownBy(() ->
                        Unchecked.parse(bytes, "envoy.config.rbac.v3.Permission", Permission.getDefaultInstance(), AT))
                .isInstanceOf(Refusal.class)
                .hasMessageContaining("too many levels of nesting");
    }

    @Test
    void maps_are_set_aside_and_found_by_their_path_whatever_stands_around_them() throws IOException {
        VirtualHost host = VirtualHost.newBuilder()
                .setName("h")
                .addRoutes(Route.newBuilder().setName("none"))
                .addRoutes(Route.newBuilder().setMetadata(metadata("/a")).setName("one"))
                .addRoutes(Route.newBuilder().setName("two").setMetadata(metadata("/b")))
                .addDomains("*")
                .build();
        RouteConfiguration routes = RouteConfiguration.newBuilder()
                .setName("80")
                .addVirtualHosts(host)
                .setIgnorePortInHostMatching(true)
                .build();
        WireWalk.Outcome walk = WireWalk.over(routes.toByteString(), ResourceType.ROUTE.message());
        RouteConfiguration.Builder expected = routes.toBuilder();
        expected.getVirtualHostsBuilder(0)
                .getRoutesBuilder(1)
                .getMetadataBuilder()
                .clear();
        expected.getVirtualHostsBuilder(0)
                .getRoutesBuilder(2)
                .getMetadataBuilder()
                .clear();
        assertThat(walk.supported()).isTrue();
        assertThat(RouteConfiguration.parseFrom(walk.bytes())).isEqualTo(expected.build());
        FieldPath at = AT.with(walk.aside()).at("virtual_hosts", 0);
        assertThat(Stream.of(0, 1, 2).map(i -> text(at.at("routes", i), "config")))
                .containsExactly("", "/a", "/b");
        assertThat(text(at.at("routes", 1), "number")).isEmpty();
        assertThat(Values.metadataText(at.at("routes", 1).at("metadata"), "other", "config"))
                .isEmpty();
    }

    @Test
    void two_occurrences_of_a_message_are_one_also_in_what_was_set_aside() throws IOException {
        ByteString twice = Route.newBuilder()
                .setMetadata(metadata("/a"))
                .build()
                .toByteString()
                .concat(Route.newBuilder().setMetadata(metadata("/b")).build().toByteString());
        WireWalk.Outcome walk = WireWalk.over(twice, "envoy.config.route.v3.Route");
        assertThat(text(AT.with(walk.aside()), "config")).isEqualTo("/b");
    }

    private static Metadata metadata(String config) {
        return Metadata.newBuilder()
                .putFilterMetadata(
                        "istio",
                        Struct.newBuilder()
                                .putFields(
                                        "config",
                                        Value.newBuilder()
                                                .setStringValue(config)
                                                .build())
                                .putFields(
                                        "number",
                                        Value.newBuilder().setNumberValue(1).build())
                                .build())
                .putTypedFilterMetadata("t", Any.getDefaultInstance())
                .build();
    }

    private static String text(FieldPath at, String key) {
        return Values.metadataText(at.at("metadata"), "istio", key);
    }

    private static Message prototype(Random random) {
        return EnvoyTypes.prototype(TYPES.get(random.nextInt(TYPES.size())));
    }

    private static boolean byBytes(Message message) throws IOException {
        return WireWalk.over(
                        message.toByteString(), message.getDescriptorForType().getFullName())
                .supported();
    }

    private static boolean byDescriptors(Message message) {
        try {
            SupportedFields.check(message, AT);
            return true;
        } catch (Refusal refusal) {
            return false;
        }
    }

    /** Mostly of supported fields, with the values that they may have; any field and value now and then. */
    private static Message random(Message prototype, Random random, int depth) {
        Message.Builder message = prototype.newBuilderForType();
        var rules = SupportedFields.rules().get(message.getDescriptorForType().getFullName());
        for (FieldDescriptor field : message.getDescriptorForType().getFields()) {
            boolean known = rules == null || rules.containsKey(field.getName());
            if (random.nextInt(known ? 3 : 6) != 0 || field.isMapField() && depth == 0) {
                continue;
            }
            if (field.isRepeated()) {
                for (int i = random.nextInt(3); i > 0; i--) {
                    message.addRepeatedField(field, value(message, field, random, depth));
                }
            } else {
                message.setField(field, value(message, field, random, depth));
            }
        }
        return message.build();
    }

    private static Object value(Message.Builder message, FieldDescriptor field, Random random, int depth) {
        return switch (field.getJavaType()) {
            case INT -> random.nextInt(4);
            case LONG -> random.nextLong(3);
            case FLOAT -> (float) random.nextInt(3);
            case DOUBLE -> (double) random.nextInt(3);
            case BOOLEAN -> random.nextInt(4) == 0;
            case STRING -> random.nextBoolean() ? "" : "text" + random.nextInt(3);
            case BYTE_STRING -> ByteString.copyFromUtf8("b");
            case ENUM -> enumValue(field.getEnumType().getValues(), random);
            case MESSAGE -> {
                Message inner = message.newBuilderForField(field).build();
                yield depth == 0 || random.nextInt(4) == 0 ? inner : random(inner, random, depth - 1);
            }
        };
    }

    private static EnumValueDescriptor enumValue(List<EnumValueDescriptor> values, Random random) {
        return values.get(random.nextInt(3) == 0 ? random.nextInt(values.size()) : 0);
    }
}
