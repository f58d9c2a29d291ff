package lateen.xds.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A JVM of its own reads a file, and says which classes it loaded: they stay in the memory of every proxy. */
class FewClassesTest {

    private static final String FILE = """
            static_resources:
              listeners:
              - name: in
                address: {socket_address: {address: 127.0.0.1, port_value: 8080}}
                filter_chains:
                - filters:
                  - name: envoy.filters.network.http_connection_manager
                    typed_config:
                      '@type': type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
                      stat_prefix: in
                      route_config: {virtual_hosts: [{name: all, domains: ['*'], routes: [{match: {prefix: /}, route: {cluster: out}}]}]}
                      http_filters:
                      - name: envoy.filters.http.router
                        typed_config: {'@type': type.googleapis.com/envoy.extensions.filters.http.router.v3.Router}
              clusters:
              - name: out
                type: STATIC
                connect_timeout: 5s
                load_assignment: {cluster_name: out, endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: 8081}}}}]}]}
            """;

    @Test
    void what_stands_nowhere_in_the_file_is_not_looked_up_in_generated_classes(@TempDir Path dir) throws Exception {
        Path file = Files.writeString(dir.resolve("bootstrap.yaml"), FILE);
        Path out = dir.resolve("out");
        Process child = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xlog:class+load=info",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Child.class.getName(),
                        file.toString())
                .redirectErrorStream(true)
                .redirectOutput(out.toFile())
                .start();
        assertThat(child.waitFor()).as(Files.readString(out)).isZero();

        List<String> loaded = Files.readAllLines(out, StandardCharsets.UTF_8);
        assertThat(loaded)
                .anyMatch(line -> line.contains("envoy.config.cluster.v3.Cluster$Builder "))
                .noneMatch(line -> line.contains("envoy.config.cluster.v3.Cluster$RingHashLbConfig$Builder "))
                .noneMatch(line -> line.contains("v3.HttpConnectionManager$UpgradeConfig$Builder "))
                .noneMatch(line -> line.contains("envoy.config.bootstrap.v3.Watchdogs$Builder "));
    }

    /** Arguments: the file. */
    static final class Child {

        private Child() {}

        public static void main(String[] arguments) throws Exception {
            System.out.println(StandaloneBootstrap.usable(Path.of(arguments[0])).config());
        }
    }
}
