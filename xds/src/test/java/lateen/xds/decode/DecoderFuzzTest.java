package lateen.xds.decode;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import java.util.List;
import lateen.xds.ResourceType;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

class DecoderFuzzTest {

    @Property(tries = 2000)
    void random_bytes_are_decoded_or_refused_never_thrown(
            @ForAll ResourceType type, @ForAll @Size(max = 200) byte[] bytes) {
        assertThat(ResourceDecoder.decode(type, body(type, bytes))).isNotNull();
    }

    @Property(tries = 5000)
    void valid_resources_with_some_bytes_changed_are_decoded_or_refused(
            @ForAll ResourceType type,
            @ForAll @Size(min = 1, max = 4) List<@IntRange(max = 5000) Integer> places,
            @ForAll byte value)
            throws Exception {
        byte[] bytes = Samples.any(type, Samples.sample(type)).getValue().toByteArray();
        for (int place : places) {
            bytes[place % bytes.length] = value;
        }
        assertThat(ResourceDecoder.decode(type, body(type, bytes))).isNotNull();
    }

    private static Any body(ResourceType type, byte[] bytes) {
        return Any.newBuilder()
                .setTypeUrl(type.typeUrl())
                .setValue(ByteString.copyFrom(bytes))
                .build();
    }
}
