package lateen.capture.read;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import lateen.capture.host.CommandRunner;
import lateen.capture.model.Numbers;

/** Asks the container runtime, by {@code crictl}, for a process. Without the program, or without an answer, it knows nothing. */
final class ContainerRuntime {
    private final CommandRunner runner;

    ContainerRuntime(CommandRunner runner) {
        this.runner = runner;
    }

    Optional<Long> ofContainer(String id) throws IOException {
        return answer(List.of("crictl", "inspect", "--output", "json", id)).flatMap(ContainerRuntime::pid);
    }

    /** The process of the pod's sandbox. */
    Optional<Long> ofPod(String namespace, String name) throws IOException {
        // The name is a pattern.
        Optional<String> ids = answer(List.of(
                "crictl", "pods", "--state", "ready", "--namespace", namespace, "--name", "^" + name + "$", "--quiet"));
        List<String> lines = ids.map(text -> text.strip().lines().toList()).orElse(List.of());
        return lines.size() == 1 && !lines.getFirst().isEmpty()
                ? answer(List.of("crictl", "inspectp", "--output", "json", lines.getFirst()))
                        .flatMap(ContainerRuntime::pid)
                : Optional.empty();
    }

    private Optional<String> answer(List<String> command) throws IOException {
        if (!runner.installed(command.getFirst())) {
            return Optional.empty();
        }
        CommandRunner.Result result = runner.run(command, "");
        return result.ok() ? Optional.of(result.output()) : Optional.empty();
    }

    private static Optional<Long> pid(String text) {
        try {
            long pid = Json.parse(text)
                    .get("info")
                    .flatMap(info -> info.get("pid"))
                    .flatMap(Json.Value::text)
                    .map(digits -> Numbers.parseLong(digits, 1, Integer.MAX_VALUE))
                    .orElse(-1L);
            return pid < 0 ? Optional.empty() : Optional.of(pid);
        } catch (RuleFormatException e) {
            return Optional.empty();
        }
    }
}
