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
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.rbac.v3.Permission;
import io.envoyproxy.envoy.config.rbac.v3.RBAC;
import java.io.IOException;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
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
        assertThatThrownBy(
                        () -> Unchecked.parse(bytes, "envoy.config.rbac.v3.Permission", Permission.getDefaultInstance(), AT))
                .isInstanceOf(Refusal.class)
                .hasMessageContaining("too many levels of nesting");
    }

    @Test
    void a_map_is_parked_and_read_back() throws IOException {
        Metadata metadata = Metadata.newBuilder()
                .putFilterMetadata(
                        "istio",
                        Struct.newBuilder()
                                .putFields("config", Value.newBuilder().setStringValue("/a").build())
                                .putFields("n", Value.newBuilder().setNumberValue(1).build())
                                .build())
                .putTypedFilterMetadata("t", Any.getDefaultInstance())
                .build();
        WireWalk.Outcome walk = WireWalk.over(metadata.toByteString(), "envoy.config.core.v3.Metadata");
        Metadata parked = Metadata.parseFrom(walk.bytes());
        assertThat(walk.supported()).isTrue();
        assertThat(parked.getFilterMetadataMap()).isEmpty();
        assertThat(parked.getTypedFilterMetadataMap()).isEmpty();
        assertThat(Values.metadataText(parked, "istio", "config")).isEqualTo("/a");
        assertThat(Values.metadataText(parked, "istio", "n")).isEmpty();
        assertThat(Values.metadataText(parked, "other", "config")).isEmpty();
    }

    @Test
    void a_field_of_a_newer_api_where_a_map_is_parked_is_never_read_as_that_map() {
        byte[] policy = {0x7a, 0};
        assertThatThrownBy(() -> Unchecked.parse(
                                ByteString.copyFrom(policy), "envoy.config.rbac.v3.RBAC", RBAC.getDefaultInstance(), AT)
                        .checked(AT))
                .hasMessageContaining("unknown field number 15");
        assertThatThrownBy(() -> Unchecked.parse(
                                // metadata, in it field 15.
                                ByteString.copyFrom(new byte[] {0x32, 2, 0x7a, 0}),
                                ResourceType.LISTENER.message(),
                                Listener.getDefaultInstance(),
                                AT)
                        .checked(AT))
                .hasMessageContaining("newer than this version");
    }

    @Test
    void tags_longer_than_they_need_to_be_are_parked_too() throws IOException {
        // The tag of RBAC.policies, 0x12, in three bytes.
        byte[] policies = {(byte) 0x92, (byte) 0x80, 0, 3, 0x0a, 1, 'p'};
        WireWalk.Outcome walk = WireWalk.over(ByteString.copyFrom(policies), "envoy.config.rbac.v3.RBAC");
        assertThat(Parked.map(RBAC.parseFrom(walk.bytes()), "envoy.config.rbac.v3.RBAC", RBAC.POLICIES_FIELD_NUMBER))
                .containsOnlyKeys("p");
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
            if (random.nextInt(known ? 3 : 60) != 0 || field.isMapField() && depth == 0) {
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
