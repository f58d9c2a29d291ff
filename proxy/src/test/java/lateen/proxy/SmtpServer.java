package lateen.proxy;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;

/** Python's SMTP server, which greets before the client says anything. */
final class SmtpServer implements AutoCloseable {
    private static final String PROGRAM = """
            import warnings; warnings.filterwarnings("ignore")
            import asyncore, smtpd
            server = smtpd.DebuggingServer(("127.0.0.1", 0), None)
            print(server.socket.getsockname()[1], flush=True)
            asyncore.loop(timeout=60)
            """;

    private final Process process;
    final int port;

    SmtpServer() throws Exception {
        process = new ProcessBuilder("python3", "-c", PROGRAM)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        BufferedReader out =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.US_ASCII));
        String line = out.readLine();
        if (line == null) {
            throw new AssertionError("python3 has no smtpd (expected: Python before 3.12)");
        }
        port = Integer.parseInt(line);
    }

    @Override
    public void close() throws Exception {
        process.destroy();
        process.waitFor(10, TimeUnit.SECONDS);
    }
}
