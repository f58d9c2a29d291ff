package lateen.xds.decode;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import lateen.xds.ResourceType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A JVM of its own decodes what a control plane sends, and says which classes it loaded. */
class NoDescriptorsTest {

    @Test
    void decoding_what_is_supported_loads_no_descriptors_of_protobuf(@TempDir Path dir) throws Exception {
        List<String> loaded = classesLoaded(dir, true);
        assertThat(loaded)
                .anyMatch(line -> line.contains("lateen.xds.decode.RbacDecoder"))
                .noneMatch(line -> line.contains("com.google.protobuf.Descriptors$FieldDescriptor"));
    }

    @Test
    void decoding_what_is_refused_does_load_them(@TempDir Path dir) throws Exception {
        assertThat(classesLoaded(dir, false))
                .anyMatch(line -> line.contains("com.google.protobuf.Descriptors$FieldDescriptor"));
    }

    private static List<String> classesLoaded(Path dir, boolean supported) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xlog:class+init=info",
                "-cp",
                System.getProperty("java.class.path"),
                Child.class.getName()));
        for (ResourceType type : ResourceType.values()) {
            String json = Samples.sample(type);
            Any any = Samples.any(
                    type,
                    supported ? json : json.replace("'use_original_dst'", "'enable_mptcp':true,'use_original_dst'"));
            Path file = dir.resolve(type.name());
            Files.write(file, any.getValue().toByteArray());
            command.add(type + "=" + file);
        }
        Path out = dir.resolve("out");
        Process child = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(out.toFile())
                .start();
        assertThat(child.waitFor()).as(Files.readString(out)).isZero();
        return Files.readAllLines(out, StandardCharsets.UTF_8);
    }

    /** Arguments: type and file. */
    static final class Child {

        private Child() {}

        public static void main(String[] arguments) throws IOException {
            for (String argument : arguments) {
                int equals = argument.indexOf('=');
                ResourceType type = ResourceType.valueOf(argument.substring(0, equals));
                try (InputStream in = Files.newInputStream(Path.of(argument.substring(equals + 1)))) {
                    Any body = Any.newBuilder()
                            .setTypeUrl(type.typeUrl())
                            .setValue(ByteString.readFrom(in))
                            .build();
                    System.out.println(ResourceDecoder.decode(type, body));
                }
            }
        }
    }
}
