package lateen.xds.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import lateen.decision.net.IpAddress;
import lateen.decision.net.SocketAddr;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StaticBootstrapTest {
    @TempDir
    Path directory;

    private StaticBootstrap read(String json) throws IOException {
        return StaticBootstrap.read(Files.writeString(directory.resolve("bootstrap.json"), json));
    }

    private StaticBootstrap withAddress(String address) throws IOException {
        return read("{\"admin\": {\"address\": {\"socket_address\": " + address + "}}}");
    }

    @ParameterizedTest
    @CsvSource({"127.0.0.1, 15000", "::1, 0"})
    void theAdministrationInterfaceListensWhereItIsTold(String ip, int port) throws IOException {
        assertThat(withAddress("{\"address\": \"" + ip + "\", \"port_value\": " + port + "}")
                        .admin())
                .isEqualTo(new SocketAddr(IpAddress.parse(ip), port));
    }

    @Test
    void withoutAnAddressThereIsNoAdministrationInterface() throws IOException {
        assertThat(read("{}").admin()).isNull();
        assertThat(read("{\"admin\": {}}").admin()).isNull();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {"address": "localhost", "port_value": 1}                  | admin.address.socket_address: | an IP address and a port
            {"address": "127.0.0.1", "port_value": 70000}              | port: 70000                   | 0..65535
            {"address": "127.0.0.1", "protocol": "UDP"}                | protocol: UDP                 | expected: TCP
            {"address": "127.0.0.1", "named_port": "http"}             | [named_port] is not supported | port_value
            """)
    void anotherKindOfAddressIsRefusedWithItsField(String address, String what, String expected) {
        assertThatThrownBy(() -> withAddress(address))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(what)
                .hasMessageContaining(expected);
    }

    @Test
    void otherFieldsOfAdminAreRefused() {
        assertThatThrownBy(() -> read("{\"admin\": {\"profile_path\": \"/p\"}}"))
                .hasMessageContaining("admin: [profile_path] is not supported");
    }

    @Test
    void theDumpShowsTheFile() throws IOException {
        StaticBootstrap bootstrap = read("{\"node\": {\"id\": \"gateway~1\"}}");
        assertThat(bootstrap.node()).isEqualTo("gateway~1");
        assertThat(bootstrap.configDump().get())
                .contains("type.googleapis.com/envoy.admin.v3.BootstrapConfigDump")
                .contains("\"id\": \"gateway~1\"");
    }

    @Test
    void theDumpShowsNoPrivateKey() throws IOException {
        Path key = Files.writeString(directory.resolve("key.pem"), KEY);
        Path chain = Files.writeString(directory.resolve("chain.pem"), CHAIN);
        StaticBootstrap bootstrap = read("""
                {"static_resources": {"secrets": [{"name": "default", "tls_certificate": {
                  "certificate_chain": {"filename": "%s"}, "private_key": {"filename": "%s"}}}]}}
                """.formatted(chain, key));
        assertThat(bootstrap.certificates()).containsKey("default");
        assertThat(bootstrap.configDump().get())
                .contains("[redacted]")
                .contains("chain.pem")
                .doesNotContain("PRIVATE KEY")
                .doesNotContain("key.pem");
    }

    /** Made for this test; it opens nothing. */
    private static final String KEY = """
            -----BEGIN PRIVATE KEY-----
            MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgy5kN/Eil/T4PFKXL
            CfCpJiV/W/06JUlDGTh5jTgTrUKhRANCAASoo9I5ays+B9h/8DPPBdmp7YLAS4WU
            Ll2QVR39pXtA5yWResGceeZLNAYCeU1F7CaF7MO/enD5WToE8H6a3WBm
            -----END PRIVATE KEY-----
            """;

    /** Of that key. */
    private static final String CHAIN = """
            -----BEGIN CERTIFICATE-----
            MIIBsDCCAVegAwIBAgIUDldsiPHoCalznqLA94wsELwaOokwCgYIKoZIzj0EAwIw
            DzENMAsGA1UECgwEdGVzdDAgFw0yNjExMjQwMzA3NTNaGA8yMTI2MTAzMTAzMDc1
            M1owDzENMAsGA1UECgwEdGVzdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABKij
            0jlrKz4H2H/wM88F2antgsBLhZQuXZBVHf2le0DnJZF6wZx55ks0BgJ5TUXsJoXs
            w796cPlZOgTwfprdYGajgY4wgYswHQYDVR0OBBYEFEjLCyykAyzRoosiT6sMXB0m
            RPkmMB8GA1UdIwQYMBaAFEjLCyykAyzRoosiT6sMXB0mRPkmMCsGA1UdEQQkMCKG
            IHNwaWZmZTovL2NsdXN0ZXIubG9jYWwvbnMvYS9zYS9iMAwGA1UdEwEB/wQCMAAw
            DgYDVR0PAQH/BAQDAgeAMAoGCCqGSM49BAMCA0cAMEQCIFA/itJq8gg5zjqV+xG9
            gbtQp9Z82XN2BqdiOXKUpjjyAiBcC0+PqO17S7hQilMJTtE7R1sa/Ox3X2h/xpyx
            GwKh6Q==
            -----END CERTIFICATE-----
            """;
}
