package lateen.agent.envoy;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/** Envoy's own log beside the agent's: each line says whose it is. */
final class EnvoyLog {
    private EnvoyLog() {}

    /** Until the end of {@code from}. */
    static void pass(InputStream from, OutputStream to) throws IOException {
        BufferedReader lines = new BufferedReader(new InputStreamReader(from, StandardCharsets.UTF_8));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            to.write((Envoy.LOG_PREFIX + line + "\n").getBytes(StandardCharsets.UTF_8));
            to.flush();
        }
    }
}
