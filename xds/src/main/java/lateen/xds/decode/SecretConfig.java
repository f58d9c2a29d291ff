package lateen.xds.decode;

import lateen.identity.KeyMaterial;

/** Envoy: {@code Secret}. */
public sealed interface SecretConfig {

    String name();

    /**
     * Roots to trust. Envoy: {@code validation_context}.
     *
     * @param trustedCaPem one or more certificates as PEM
     */
    record Roots(String name, String trustedCaPem) implements SecretConfig {}

    /**
     * A certificate with its key. Envoy: {@code tls_certificate}. Only where keys may come from outside: a sidecar makes
     * its own.
     */
    record Certificate(String name, KeyMaterial material) implements SecretConfig {}
}
