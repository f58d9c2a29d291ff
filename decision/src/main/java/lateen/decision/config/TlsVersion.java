package lateen.decision.config;

/** Envoy: {@code TlsParameters.TlsProtocol}; older versions are not spoken. */
public enum TlsVersion {
    TLS_1_2("TLSv1.2"),
    TLS_1_3("TLSv1.3");

    private final String text;

    TlsVersion(String text) {
        this.text = text;
    }

    /** As TLS libraries for Java name it. */
    public String text() {
        return text;
    }
}
