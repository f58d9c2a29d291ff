package lateen.xds.decode;

/**
 * Trusted roots from the control plane. Envoy: {@code Secret} with a {@code validation_context}.
 *
 * @param trustedCaPem one or more certificates as PEM
 */
public record SecretConfig(String name, String trustedCaPem) {}
