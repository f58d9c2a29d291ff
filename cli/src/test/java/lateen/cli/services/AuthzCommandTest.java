package lateen.cli.services;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

class AuthzCommandTest {
    private final StringWriter said = new StringWriter();

    private int run(String... arguments) {
        PrintWriter to = new PrintWriter(said);
        return new CommandLine(new AuthzCommand()).setOut(to).setErr(to).execute(arguments);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "--listen nowhere | 'nowhere' (expected: HOST:PORT, as 127.0.0.1:9191 or [::1]:9191)",
                "--listen ::1:9191 | '::1:9191' (expected: HOST:PORT, as 127.0.0.1:9191 or [::1]:9191)",
                "--listen 127.0.0.1:99999 | '127.0.0.1:99999' (expected: HOST:PORT",
                "--timeout 200 | '200' (expected: a duration, as 200ms, 2s or 1m)",
                "--timeout 0ms | timeout: 0ms (expected: 1ms to 1m)",
                "--path /envoy/authz | path: '/envoy/authz' (expected: a rule's package and name with slashes",
                "--max-questions 0 | questions at a time: 0 (expected: 1..10000)",
                "--status-on-failure 200 | status on failure: 200 (expected: a status of 400..599)",
                "--log some | --log: 'some' (expected: none, failures, denials or all)",
                "--opa ftp://x | opa: 'ftp://x' (expected: http://HOST:PORT or https://HOST:PORT)",
                "--opa http://user:pass@x | opa: ",
            })
    void wrongArgumentsAreNamedWithWhatWasExpected(String arguments, String message) {
        String[] words = arguments.startsWith("--opa")
                ? ("serve " + arguments).split(" ")
                : ("serve --opa http://127.0.0.1:8181 " + arguments).split(" ");

        assertThat(run(words)).isEqualTo(CommandLine.ExitCode.USAGE);
        assertThat(said.toString()).contains(message);
    }

    @Test
    void theHelpHasAPolicyToBeginWith() {
        assertThat(run("serve", "--help")).isZero();
        assertThat(said.toString())
                .contains("package envoy.authz", "opa run --server --watch", "0.0.0.0:9191", "200ms");
    }
}
