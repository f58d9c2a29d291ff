package lateen.bench;

import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Unary gRPC by h2load: a POST with a message, answered by a message and a status in trailers.
 *
 * @param connections of HTTP/2
 * @param streams at once on each
 * @param message a file: five bytes of length, then the message
 */
record GrpcCalls(int connections, int streams, Path message) implements Load {

    private static final Pattern RATE = Pattern.compile("finished in [^,]+, ([\\d.]+) req/s");
    private static final Pattern REQUESTS = Pattern.compile(
            "(\\d+) succeeded, 0 failed, 0 errored, 0 timeout\\R+status codes: (\\d+) 2xx, 0 3xx, 0 4xx, 0 5xx");

    @Override
    public Outcome run(int port, int core, int seconds) {
        Output output = Load.output(
                core,
                seconds,
                List.of(
                        "h2load",
                        "-t1",
                        "-c" + connections,
                        "-m" + streams,
                        "-D" + seconds,
                        "-d",
                        message.toString(),
                        "-H",
                        "content-type: application/grpc",
                        "-H",
                        "te: trailers",
                        "http://127.0.0.1:" + port + "/bench.Echo/Unary"));
        Matcher requests = REQUESTS.matcher(output.text());
        Matcher rate = RATE.matcher(output.text());
        if (!requests.find() || !rate.find()) {
            throw output.failed();
        }
        return new Outcome(Long.parseLong(requests.group(1)), Double.parseDouble(rate.group(1)), output.raw());
    }
}
