package lateen.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** One run of the closed-loop generator wrk. */
record Wrk(long requests, double perSecond) {

    private static final Pattern REQUESTS = Pattern.compile("(\\d+) requests in");
    private static final Pattern RATE = Pattern.compile("Requests/sec:\\s+([\\d.]+)");
    private static final Pattern BAD = Pattern.compile("Non-2xx or 3xx responses: (\\d+)|Socket errors: .*");

    static Wrk run(int port, int core, int connections, int seconds) {
        List<String> command = List.of(
                "taskset",
                "-c",
                Integer.toString(core),
                "wrk",
                "-t1",
                "-c" + connections,
                "-d" + seconds + "s",
                "http://127.0.0.1:" + port + "/");
        try {
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            Matcher requests = REQUESTS.matcher(output);
            Matcher rate = RATE.matcher(output);
            Matcher bad = BAD.matcher(output);
            if (process.waitFor() != 0 || !requests.find() || !rate.find() || bad.find()) {
                throw new IllegalStateException("a run with failures says nothing: " + command + "\n" + output);
            }
            return new Wrk(Long.parseLong(requests.group(1)), Double.parseDouble(rate.group(1)));
        } catch (IOException e) {
            throw new IllegalStateException("cannot run wrk", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }
}
