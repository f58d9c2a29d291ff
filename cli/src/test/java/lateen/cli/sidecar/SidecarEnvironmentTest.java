package lateen.cli.sidecar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SidecarEnvironmentTest {

    private static final Map<String, String> GOOD = Map.of(
            "POD_NAME", "catalog-1",
            "POD_NAMESPACE", "shop",
            "SERVICE_ACCOUNT", "catalog",
            "INSTANCE_IP", "10.33.0.4",
            "CA_ADDR", "10.33.0.1:15012",
            "ISTIO_META_WORKLOAD_NAME", "catalog",
            "ISTIO_METAJSON_LABELS", "{\"app\": \"catalog\"}");

    @Test
    void anInjectedPodsEnvironmentSaysWhoTheSidecarIs() {
        SidecarEnvironment read = SidecarEnvironment.read(GOOD);
        assertThat(read.id()).hasToString("spiffe://cluster.local/ns/shop/sa/catalog");
        assertThat(read.node().id()).isEqualTo("sidecar~10.33.0.4~catalog-1.shop~shop.svc.cluster.local");
        assertThat(read.discovery().getPort()).isEqualTo(15012);
        assertThat(read.metadata()).containsEntry("WORKLOAD_NAME", "catalog");
        assertThat(read.labels()).containsEntry("app", "catalog");
    }

    @ParameterizedTest
    @CsvSource({
        "POD_NAME, '', POD_NAME is not set",
        "POD_NAMESPACE, '', POD_NAMESPACE is not set",
        "INSTANCE_IPS, 10.33.0.999, INSTANCE_IPS: '10.33.0.999' is not an IP address",
        "CA_ADDR, 10.33.0.1, CA_ADDR: '10.33.0.1'",
        "CA_ADDR, 10.33.0.1:port, CA_ADDR: '10.33.0.1:port'",
        "SERVICE_ACCOUNT, a/b, a/b",
        "ISTIO_METAJSON_LABELS, app=catalog, ISTIO_METAJSON_LABELS: 'app=catalog'",
    })
    void aBadVariableIsNamedWithItsValue(String name, String value, String message) {
        Map<String, String> env = new HashMap<>(GOOD);
        env.put(name, value);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SidecarEnvironment.read(env))
                .withMessageContaining(message);
    }
}
