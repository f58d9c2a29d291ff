package shop;

/**
 * Where the next service is.
 *
 * @param port 0–65535
 */
record HostPort(String host, int port) {

    /** Reads {@code host:port}. */
    static HostPort parse(String text) {
        int colon = text.lastIndexOf(':');
        if (colon < 1) {
            throw new IllegalArgumentException("address: \"" + text + "\" (expected: HOST:PORT)");
        }
        return new HostPort(text.substring(0, colon), port(text.substring(colon + 1)));
    }

    static int port(String text) {
        try {
            int port = Integer.parseInt(text);
            if (port >= 0 && port <= 65535) {
                return port;
            }
        } catch (NumberFormatException e) {
            // falls through to the one message for all bad ports
        }
        throw new IllegalArgumentException("port: \"" + text + "\" (expected: 0..65535)");
    }

    /** As in a URL's authority: the port only where it is not HTTP's own. */
    String authority() {
        return port == 80 ? host : host + ":" + port;
    }
}
