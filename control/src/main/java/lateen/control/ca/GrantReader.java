package lateen.control.ca;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes {@link Grant} lines from the supervisor, usually on standard input, and answers each with {@code granted
 * <sha256-hex>} or {@code refused <reason>}, so that a workload is started only after its token is known.
 */
public final class GrantReader {
    private static final Logger log = LoggerFactory.getLogger(GrantReader.class);

    private final JoinTokens tokens;

    /** Grants go into {@code tokens}. */
    public GrantReader(JoinTokens tokens) {
        this.tokens = tokens;
    }

    /**
     * Reads until the end of {@code in}; blocks, so give it a thread of its own. A bad line is refused alone.
     *
     * @param out flushed after each answer; neither stream is closed
     * @throws IOException if a stream breaks
     */
    public void run(InputStream in, OutputStream out) throws IOException {
        StringBuilder line = new StringBuilder();
        int b = in.read();
        while (b >= 0) {
            if (b == '\n') {
                answer(line.toString(), out);
                line.setLength(0);
            } else if (line.length() <= Grant.MAX_LINE) {
                // One character beyond the limit is kept, for the parser to refuse the line; the rest is dropped.
                line.append((char) b);
            }
            b = in.read();
        }
        if (!line.isEmpty()) {
            answer(line.toString(), out);
        }
    }

    private void answer(String line, OutputStream out) throws IOException {
        String answer;
        try {
            Grant grant = Grant.parse(line);
            tokens.grant(grant);
            answer = "granted " + grant.sha256Hex();
        } catch (IllegalArgumentException | IllegalStateException e) {
            log.warn("a join token was not granted: {}", e.getMessage());
            answer = "refused " + e.getMessage();
        }
        out.write((answer + "\n").getBytes(StandardCharsets.UTF_8));
        out.flush();
    }
}
