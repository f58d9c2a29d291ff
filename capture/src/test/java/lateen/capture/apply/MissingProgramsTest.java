package lateen.capture.apply;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import lateen.capture.command.IstioIptablesCommand;
import lateen.capture.host.CaptureException;
import lateen.capture.host.CommandRunner;
import lateen.capture.host.NetworkNamespace;
import lateen.capture.host.ProcessRunner;
import lateen.capture.plan.CaptureOptions;
import lateen.capture.plan.Story;
import lateen.capture.read.IptablesBackend;
import org.junit.jupiter.api.Test;

class MissingProgramsTest {
    private static final CommandRunner NOTHING_INSTALLED = (command, _) -> {
        throw new CommandRunner.ProgramMissingException(command.getFirst(), new IOException("No such file"));
    };

    @Test
    void without_iptables_the_message_names_the_package() throws Exception {
        CaptureOptions options = Story.options(Map.of(), Story.ARGUMENTS.toArray(String[]::new));
        assertThatThrownBy(() -> new CaptureApplier(NOTHING_INSTALLED, _ -> {}).apply(options))
                .isInstanceOf(CaptureException.class)
                .hasMessageContaining("install the Debian package iptables");
    }

    @Test
    void legacy_is_taken_only_where_it_has_rules() throws Exception {
        assertThat(backend("*nat\n:OUTPUT ACCEPT [0:0]\nCOMMIT\n")).isEqualTo(IptablesBackend.NFT);
        assertThat(backend("*nat\n:OUTPUT ACCEPT [0:0]\n[0:0] -A OUTPUT -j RETURN\nCOMMIT\n"))
                .isEqualTo(IptablesBackend.LEGACY);
        assertThat(new IptablesInUse(
                                new lateen.capture.host.NamespaceCommands(NOTHING_INSTALLED, NetworkNamespace.own()),
                                Optional.empty())
                        .backend())
                .isEqualTo(IptablesBackend.PLAIN);
    }

    private static IptablesBackend backend(String legacyRules) throws CaptureException {
        CommandRunner runner = (command, _) ->
                new CommandRunner.Result(0, command.getFirst().equals("iptables-legacy-save") ? legacyRules : "", "");
        return new IptablesInUse(
                        new lateen.capture.host.NamespaceCommands(runner, NetworkNamespace.own()), Optional.empty())
                .backend();
    }

    @Test
    void a_program_that_does_not_end_is_stopped() {
        assertThatThrownBy(() -> new ProcessRunner(Duration.ofMillis(200)).run(List.of("sleep", "60"), ""))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("still running");
    }

    @Test
    void a_dry_run_prints_the_rules_and_writes_them_to_the_file_asked_for() throws Exception {
        Path file = Files.createTempFile(Path.of("target"), "dry-run", ".txt");
        var out = new ByteArrayOutputStream();
        var err = new ByteArrayOutputStream();
        List<String> args = new ArrayList<>(Story.ARGUMENTS);
        args.add("-n");
        int status = IstioIptablesCommand.run(
                args, Map.of("DRY_RUN_FILE_PATH", file.toString()), new PrintStream(out), new PrintStream(err));
        assertThat(status).isZero();
        assertThat(out.toString(StandardCharsets.UTF_8).lines()).containsSubsequence(Story.LINES);
        assertThat(file).hasContent(out.toString(StandardCharsets.UTF_8));
        Files.delete(file);
    }

    @Test
    void a_bad_flag_ends_with_status_1_and_a_message() {
        var err = new ByteArrayOutputStream();
        int status = IstioIptablesCommand.run(List.of("-p", "x"), Map.of(), System.out, new PrintStream(err));
        assertThat(status).isEqualTo(1);
        assertThat(err.toString(StandardCharsets.UTF_8)).contains("--envoy-port (-p): \"x\"");
    }
}
