package lateen.cli;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Stands in for the control plane: leaves a root, says that it is ready, repeats the grants it reads. */
public final class Main {
    private Main() {}

    public static void main(String[] args) throws Exception {
        List<String> given = List.of(args);
        Path state = Path.of(given.get(given.indexOf("--state") + 1));
        Path config = Path.of(given.get(given.indexOf("--config") + 1));
        Files.writeString(state.resolve("root-cert.pem"), "-----BEGIN CERTIFICATE-----\n");
        System.out.println("config "
                + Files.readString(config.resolve("workloads-of-this-run.yaml"))
                        .lines()
                        .count());
        System.out.println("ready");
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            System.out.println(line);
        }
    }
}
