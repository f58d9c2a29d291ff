package lateen.proxy.admin;

/** Writes a JSON document, in the proto3 mapping that Envoy's pages use: 64-bit numbers are texts. */
final class Json {
    private static final char[] HEX = "0123456789abcdef".toCharArray();

    private final StringBuilder out = new StringBuilder(1024);
    private boolean comma;

    StringBuilder text() {
        return out.append('\n');
    }

    /** Without a name: the document, or an element of an array. */
    Json open() {
        return begin('{');
    }

    Json open(String name) {
        return key(name).begin('{');
    }

    Json array(String name) {
        return key(name).begin('[');
    }

    Json close() {
        return end('}');
    }

    Json closeArray() {
        return end(']');
    }

    Json field(String name, String value) {
        key(name).quote(value);
        comma = true;
        return this;
    }

    Json field(String name, boolean value) {
        key(name);
        out.append(value);
        comma = true;
        return this;
    }

    Json field(String name, long value) {
        key(name);
        out.append(value);
        comma = true;
        return this;
    }

    /** proto3's mapping of int64 and uint64. */
    Json longField(String name, long value) {
        return field(name, Long.toString(value));
    }

    Json element(String value) {
        separate();
        quote(value);
        comma = true;
        return this;
    }

    private Json begin(char bracket) {
        separate();
        out.append(bracket);
        comma = false;
        return this;
    }

    private Json end(char bracket) {
        out.append(bracket);
        comma = true;
        return this;
    }

    private Json key(String name) {
        separate();
        quote(name);
        out.append(": ");
        comma = false;
        return this;
    }

    private void separate() {
        if (comma) {
            out.append(",\n");
        }
        comma = false;
    }

    private void quote(String value) {
        out.append('"');
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            switch (c) {
                case '"', '\\' -> out.append('\\').append(c);
                case '\n' -> out.append("\\n");
                default -> {
                    if (c < ' ') {
                        out.append("\\u00").append(HEX[c >> 4]).append(HEX[c & 15]);
                    } else {
                        out.append(c);
                    }
                }
            }
        }
        out.append('"');
    }
}
