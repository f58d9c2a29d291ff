package lateen.proxy.http1;

/** The version of HTTP by which a head came in. */
public enum Protocol {
    HTTP_1_0("HTTP/1.0"),
    HTTP_1_1("HTTP/1.1"),
    HTTP_2("HTTP/2");

    private final String text;

    Protocol(String text) {
        this.text = text;
    }

    /** As access logs write it: Envoy's {@code %PROTOCOL%}. */
    public String text() {
        return text;
    }
}
