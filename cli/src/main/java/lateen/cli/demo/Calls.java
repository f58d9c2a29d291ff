package lateen.cli.demo;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import lateen.local.Command;
import lateen.local.LocalMesh;
import lateen.local.LocalWorkload;

/** Calls made as a user would: by curl, or by the shop's plain TCP client, as uid 1000 in a workload's namespace. */
final class Calls {
    private static final Duration LIMIT = Duration.ofSeconds(45);
    private static final Duration BATCH_LIMIT = Duration.ofMinutes(2);

    private final LocalMesh mesh;
    private final Shop shop;

    Calls(LocalMesh mesh, Shop shop) {
        this.mesh = mesh;
        this.shop = shop;
    }

    /**
     * What curl got.
     *
     * @param id the request id it sent
     * @param exit curl's own status: 28 is a timeout
     * @param status 0: no HTTP answer
     */
    record Http(String id, int exit, int status, double millis, String body, String error) {}

    Http get(String from, String url) throws IOException {
        LocalWorkload where = mesh.workload(from);
        String id = UUID.randomUUID().toString();
        Command.Result result = mesh.run(
                where,
                LIMIT,
                "curl",
                "-sS",
                "--max-time",
                "15",
                "-H",
                "x-request-id: " + id,
                "-w",
                "\n%{http_code} %{time_total}",
                url);
        String out = result.out();
        int last = out.lastIndexOf('\n');
        String[] numbers = out.substring(last + 1).split(" ");
        return new Http(
                id,
                result.exit(),
                Integer.parseInt(numbers[0]),
                Double.parseDouble(numbers[1]) * 1000,
                out.substring(0, Math.max(last, 0)).strip(),
                result.err().strip());
    }

    /** Sends requests one after the other over a kept connection, with more of curl's arguments; returns their statuses. */
    List<Integer> statuses(String from, String url, int count, String... more) throws IOException {
        List<String> command = new ArrayList<>(List.of("curl", "-s", "--max-time", "15", "-o", "/dev/null"));
        command.addAll(List.of("-w", "%{http_code}\\n"));
        command.addAll(List.of(more));
        command.add(url + "?[1-" + count + "]");
        Command.Result result = mesh.run(mesh.workload(from), BATCH_LIMIT, command.toArray(String[]::new));
        List<Integer> statuses =
                result.out().lines().map(String::strip).map(Integer::valueOf).toList();
        if (statuses.size() != count) {
            // Calls that were never made must not count as calls that did not fail.
            throw new IOException("curl in " + from + "'s namespace: status " + result.exit() + ", " + statuses.size()
                    + " of " + count + " answers: " + result.err().strip());
        }
        return statuses;
    }

    /** A page of the administration interface of a workload's sidecar. */
    String admin(String workload, String path) throws IOException {
        Command.Result page =
                mesh.run(mesh.workload(workload), LIMIT, "curl", "-sS", "-f", "http://127.0.0.1:15000" + path);
        if (page.exit() != 0) {
            throw new IOException(
                    workload + "'s sidecar, " + path + ": " + page.err().strip());
        }
        return page.out();
    }

    /** Says one line to a TCP service, ends its own side, and reads to the other's end. */
    Command.Result say(String from, String host, int port, String line) throws IOException {
        return mesh.runJava(
                mesh.workload(from), LIMIT, shop.jar(), Shop.MAIN, "say", host, Integer.toString(port), line);
    }
}
