package lateen.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.grpc.ManagedChannel;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import lateen.control.translate.Shop;
import lateen.xds.ResourceType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ControlPlaneTest {

    @TempDir
    Path directory;

    private PlaneRig rig;
    private ControlPlane plane;

    @BeforeEach
    void start() throws Exception {
        rig = new PlaneRig(directory);
        save(Shop.MESH);
        rig.start();
        plane = rig.plane;
    }

    @AfterEach
    void stop() {
        rig.close();
    }

    @Test
    void a_sidecar_joins_with_a_token_and_is_told_its_configuration_and_its_changes() throws Exception {
        ManagedChannel channel = rig.channel(rig.join());
        try {
            PlaneRig.Stream stream = new PlaneRig.Stream(channel);
            stream.subscribe(ResourceType.LISTENER);
            await().until(() -> stream.latest("virtualInbound") != null);
            String first = stream.latest("virtualInbound");

            save(Shop.MESH + Shop.mtls("STRICT"));
            await().until(() -> !first.equals(stream.latest("virtualInbound")));

            String strict = stream.latest("virtualInbound");
            save(Shop.MESH + Shop.mtls("STRICTER"));
            await().until(() -> !plane.problems().isEmpty());
            assertThat(plane.problems().getFirst().toString())
                    .startsWith("shop.yaml:")
                    .contains("spec.mtls.mode: \"STRICTER\" (expected: UNSET, DISABLE, PERMISSIVE, STRICT)");
            assertThat(stream.latest("virtualInbound")).isEqualTo(strict);
            assertThat(get("/metrics"))
                    .contains("pilot_total_rejected_configs 1\n", "pilot_xds 1\n", "pilot_services 2\n");

            save(Shop.MESH);
            await().until(() -> first.equals(stream.latest("virtualInbound")));
            assertThat(plane.problems()).isEmpty();
        } finally {
            channel.shutdownNow();
        }
    }

    @Test
    void without_a_certificate_there_is_no_configuration() throws Exception {
        ManagedChannel channel = rig.channel(null);
        try {
            PlaneRig.Stream stream = new PlaneRig.Stream(channel);
            stream.subscribe(ResourceType.LISTENER);
            await().until(() -> stream.failure != null);
            assertThat(stream.failure.getMessage()).contains("UNAUTHENTICATED").contains("no client certificate");
        } finally {
            channel.shutdownNow();
        }
    }

    @Test
    void the_registry_page_lists_names_and_addresses_and_other_methods_are_refused() throws Exception {
        assertThat(get("/debug/registryz"))
                .contains("{\"hostname\": \"catalog.shop.svc.cluster.local\", \"name\": \"catalog\","
                        + " \"namespace\": \"shop\", \"addresses\": [\"10.33.1.7\", \"fd33:0:0:1:0:0:0:7\"]}");
        HttpRequest post = HttpRequest.newBuilder(uri("/metrics"))
                .POST(HttpRequest.BodyPublishers.noBody())
                .build();
        try (HttpClient http = HttpClient.newHttpClient()) {
            assertThat(http.send(post, BodyHandlers.ofString()).statusCode()).isEqualTo(405);
        }
    }

    @Test
    void a_taken_port_is_named() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            int port = taken.getLocalPort();
            assertThatThrownBy(() -> ControlPlane.start(rig.settings("state").withPorts(port, 0, 0)))
                    .isInstanceOf(PortInUse.class)
                    .hasMessageStartingWith("port " + port + " on 127.0.0.1 (xDS and certificates) cannot be opened");
            assertThatThrownBy(() -> ControlPlane.start(rig.settings("state").withPorts(0, port, 0)))
                    .hasMessageContaining("port " + port + " on 127.0.0.1 (metrics)");
        }
    }

    @Test
    void a_first_configuration_with_problems_is_refused_with_all_of_them() throws Exception {
        save(Shop.MESH.replace("port: 80,", "port: 0,") + Shop.mtls("ON"));
        assertThatThrownBy(() -> ControlPlane.start(rig.settings("other-state")))
                .isInstanceOf(ConfigRefused.class)
                .hasMessageContaining("2 problems")
                .hasMessageContaining("shop.yaml:8: spec.ports[0].port: 0 (expected: a number, 1..65535)");
    }

    /** As editors do: a new file is renamed over the old one. */
    private void save(String yaml) throws IOException {
        Path fresh = Files.writeString(directory.resolve("fresh"), yaml);
        Files.move(fresh, directory.resolve("config/shop.yaml"), StandardCopyOption.ATOMIC_MOVE);
    }

    private String get(String path) throws Exception {
        try (HttpClient http =
                HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build()) {
            return http.send(HttpRequest.newBuilder(uri(path)).build(), BodyHandlers.ofString())
                    .body();
        }
    }

    private URI uri(String path) {
        return URI.create("http://127.0.0.1:" + plane.monitoringPort() + path);
    }
}
