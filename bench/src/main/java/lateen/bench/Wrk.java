package lateen.bench;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** HTTP/1.1 by wrk, over so many connections that are kept. */
record Wrk(int connections) implements Load {

    private static final Pattern REQUESTS = Pattern.compile("(\\d+) requests in");
    private static final Pattern RATE = Pattern.compile("Requests/sec:\\s+([\\d.]+)");
    private static final Pattern BAD = Pattern.compile("Non-2xx or 3xx responses: (\\d+)|Socket errors: .*");

    @Override
    public Outcome run(int port, int core, int seconds) {
        List<String> command =
                List.of("wrk", "-t1", "-c" + connections, "-d" + seconds + "s", "http://127.0.0.1:" + port + "/");
        String output = Load.output(core, command);
        Matcher requests = REQUESTS.matcher(output);
        Matcher rate = RATE.matcher(output);
        if (!requests.find() || !rate.find() || BAD.matcher(output).find()) {
            throw Load.failed(command, output);
        }
        return new Outcome(Long.parseLong(requests.group(1)), Double.parseDouble(rate.group(1)));
    }
}
