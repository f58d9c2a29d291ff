package lateen.xds.bootstrap;

import com.google.protobuf.DynamicMessage;
import io.envoyproxy.envoy.config.bootstrap.v3.Bootstrap;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import lateen.xds.text.Lines;
import lateen.xds.text.Problem;
import lateen.xds.text.TextForm;
import org.jspecify.annotations.Nullable;

/**
 * Where a bootstrap comes from, as Envoy's command line says it.
 *
 * @param file {@code --config-path}; null: there is none
 * @param yaml {@code --config-yaml}, which is put over the file; null: none
 * @param node {@code --service-node}; empty: the file's
 * @param cluster {@code --service-cluster}; empty: the file's
 * @param zone {@code --service-zone}; empty: the file's
 * @param environment of {@code environment_variable}, by name; null: there is none
 */
public record BootstrapFile(
        @Nullable Path file,
        @Nullable String yaml,
        String node,
        String cluster,
        String zone,
        UnaryOperator<@Nullable String> environment) {

    /** A file and nothing else. */
    public static BootstrapFile of(Path file) {
        return new BootstrapFile(file, null, "", "", "", name -> null);
    }

    /** How it is called in messages. */
    public String name() {
        return file == null ? "--config-yaml" : file.toString();
    }

    record Parsed(Bootstrap bootstrap, Lines lines, List<Problem> problems) {}

    /** @throws IOException when the file cannot be read */
    Parsed parse() throws IOException {
        DynamicMessage.Builder read = DynamicMessage.newBuilder(Bootstrap.getDescriptor());
        List<Problem> problems = new ArrayList<>();
        Lines lines = Lines.NONE;
        if (file != null) {
            lines = TextForm.read(file, read, problems);
        }
        if (yaml != null) {
            Lines over = TextForm.YAML.read("--config-yaml", yaml, read, problems);
            lines = file == null ? over : lines;
        }
        Bootstrap.Builder bootstrap = Bootstrap.parseFrom(read.buildPartial().toByteString()).toBuilder();
        if (!node.isEmpty()) {
            bootstrap.getNodeBuilder().setId(node);
        }
        if (!cluster.isEmpty()) {
            bootstrap.getNodeBuilder().setCluster(cluster);
        }
        if (!zone.isEmpty()) {
            bootstrap.getNodeBuilder().getLocalityBuilder().setZone(zone);
        }
        return new Parsed(bootstrap.build(), lines, problems);
    }
}
