package lateen.bench;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * HTTP/1.1 by wrk, over connections that are kept.
 *
 * @param connections at once
 * @param path what is asked for
 * @param unitsPerRequest 1 where requests are counted; the answer's GB where bytes are
 */
record Wrk(int connections, String path, double unitsPerRequest) implements Load {

    private static final Pattern REQUESTS = Pattern.compile("(\\d+) requests in");
    private static final Pattern RATE = Pattern.compile("Requests/sec:\\s+([\\d.]+)");
    private static final Pattern BAD = Pattern.compile("Non-2xx or 3xx responses: (\\d+)|Socket errors: .*");

    static Wrk requests(int connections) {
        return new Wrk(connections, "/", 1);
    }

    @Override
    public Outcome run(int port, int core, int seconds) {
        Output output = Load.output(
                core,
                seconds,
                List.of(
                        "wrk",
                        "-t1",
                        "-c" + connections,
                        "-d" + seconds + "s",
                        "--timeout",
                        "10s",
                        "http://127.0.0.1:" + port + path));
        Matcher requests = REQUESTS.matcher(output.text());
        Matcher rate = RATE.matcher(output.text());
        if (!requests.find()
                || !rate.find()
                || requests.group(1).equals("0")
                || BAD.matcher(output.text()).find()) {
            throw output.failed();
        }
        return new Outcome(
                Long.parseLong(requests.group(1)) * unitsPerRequest,
                Double.parseDouble(rate.group(1)) * unitsPerRequest,
                output.raw());
    }
}
