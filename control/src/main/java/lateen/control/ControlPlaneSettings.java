package lateen.control;

import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import lateen.control.ca.CertificateAuthority;
import lateen.control.registry.AddressPool;
import org.jspecify.annotations.Nullable;

/**
 * How a control plane is started.
 *
 * @param configDirectory of YAML files
 * @param stateDirectory keeps the root, the virtual addresses and the configuration in force; made if it does not exist
 * @param bind address of all ports
 * @param xdsPort xDS and CA over TLS; 0: any free one
 * @param monitoringPort metrics, version, debug; 0: any free one
 * @param readyPort 0: any free one
 * @param trustDomain of all identities
 * @param leafLifetime of workload certificates
 * @param serverAddresses by which sidecars may dial, for the server's certificate
 * @param addresses ranges of virtual addresses
 * @param plaintext where gRPC clients get xDS without TLS, and nobody gets certificates or secrets; null: nowhere
 * @param grants lines of {@link lateen.control.ca.Grant}; null: no first certificates by token
 * @param grantAnswers where each is answered
 */
public record ControlPlaneSettings(
        Path configDirectory,
        Path stateDirectory,
        InetAddress bind,
        int xdsPort,
        int monitoringPort,
        int readyPort,
        String trustDomain,
        Duration leafLifetime,
        List<InetAddress> serverAddresses,
        AddressPool addresses,
        @Nullable InetSocketAddress plaintext,
        @Nullable InputStream grants,
        OutputStream grantAnswers,
        InstantSource clock) {

    public ControlPlaneSettings {
        serverAddresses = List.copyOf(serverAddresses);
    }

    /** The ports that Istio's control plane has, and its defaults. */
    public static ControlPlaneSettings defaults(Path configDirectory, Path stateDirectory, InetAddress bind) {
        return new ControlPlaneSettings(
                configDirectory,
                stateDirectory,
                bind,
                15012,
                15014,
                8080,
                "cluster.local",
                CertificateAuthority.DEFAULT_LIFETIME,
                bind.isAnyLocalAddress() ? List.of() : List.of(bind),
                AddressPool.DEFAULT,
                null,
                null,
                OutputStream.nullOutputStream(),
                InstantSource.system());
    }

    public ControlPlaneSettings withPorts(int xds, int monitoring, int ready) {
        return new ControlPlaneSettings(
                configDirectory,
                stateDirectory,
                bind,
                xds,
                monitoring,
                ready,
                trustDomain,
                leafLifetime,
                serverAddresses,
                addresses,
                plaintext,
                grants,
                grantAnswers,
                clock);
    }

    public ControlPlaneSettings withIdentity(String domain, Duration lifetime) {
        return new ControlPlaneSettings(
                configDirectory,
                stateDirectory,
                bind,
                xdsPort,
                monitoringPort,
                readyPort,
                domain,
                lifetime,
                serverAddresses,
                addresses,
                plaintext,
                grants,
                grantAnswers,
                clock);
    }

    public ControlPlaneSettings withGrants(InputStream in, OutputStream answers) {
        return new ControlPlaneSettings(
                configDirectory,
                stateDirectory,
                bind,
                xdsPort,
                monitoringPort,
                readyPort,
                trustDomain,
                leafLifetime,
                serverAddresses,
                addresses,
                plaintext,
                in,
                answers,
                clock);
    }

    public ControlPlaneSettings withPlaintext(InetSocketAddress address) {
        return new ControlPlaneSettings(
                configDirectory,
                stateDirectory,
                bind,
                xdsPort,
                monitoringPort,
                readyPort,
                trustDomain,
                leafLifetime,
                serverAddresses,
                addresses,
                address,
                grants,
                grantAnswers,
                clock);
    }
}
