package lateen.proxy.overload;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** The number that a file holds. Envoy: {@code envoy.resource_monitors.injected_resource}. */
record InjectedGauge(String file) implements Gauge {
    private static final int MOST = 64;

    @Override
    public double pressure() throws IOException {
        Path path = Path.of(file);
        if (Files.size(path) <= MOST) {
            String text = Files.readString(path, StandardCharsets.ISO_8859_1).strip();
            if (text.matches("0|1|[01]?\\.[0-9]+|[01]\\.")) {
                double value = Double.parseDouble(text);
                if (value <= 1) {
                    return value;
                }
            }
        }
        throw new IOException(file + ": no pressure (expected: a number from 0 to 1)");
    }
}
