package lateen.agent.envoy;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EnvoyAdminTest {

    @ParameterizedTest(name = "{0} HTTP connections with {1} requests, of {2} connections: busy {3}")
    @CsvSource({"0, 0, 0, false", "3, 0, 3, false", "3, 1, 3, true", "3, 0, 4, true"})
    void requestsAndTcpConnectionsKeepItBusyAndIdleHttpConnectionsDoNot(
            int httpConnections, int requests, int connections, boolean busy) {
        String stats = """
                http.admin.downstream_cx_active: 1
                http.admin.downstream_rq_active: 1
                http.inbound_inbound|8080||.downstream_cx_active: %d
                http.inbound_inbound|8080||.downstream_rq_active: %d
                listener.0.0.0.0_15006.downstream_cx_active: %d
                listener.0.0.0.0_15006.worker_0.downstream_cx_active: %d
                listener.admin.downstream_cx_active: 1
                listener.admin.main_thread.downstream_cx_active: 1
                """.formatted(httpConnections, requests, connections, connections);

        assertThat(EnvoyAdmin.busy(stats)).isEqualTo(busy);
    }
}
