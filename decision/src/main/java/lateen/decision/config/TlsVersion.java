package lateen.decision.config;

/** Envoy: {@code TlsParameters.TlsProtocol}; older versions are not spoken. */
public enum TlsVersion {
    TLS_1_2,
    TLS_1_3
}
