package lateen.agent.identity;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import lateen.identity.TrustBundle;

/**
 * What lets a new workload in: a token that is good for one key, and the roots by which it knows the real control plane.
 *
 * @param token 16 to 512 characters without spaces; never printed
 * @param roots travel with the token, over the same private channel
 */
public record JoinCredential(String token, TrustBundle roots) {
    /** Most bytes that are read. */
    public static final int MAX_BYTES = 64 * 1024;

    private static final String FIRST_WORD = "token ";

    /**
     * Checks the token's form.
     *
     * @throws IllegalArgumentException without the token in its message
     */
    public JoinCredential {
        if (token.length() < 16 || token.length() > 512 || !token.chars().allMatch(c -> c > ' ' && c < 127)) {
            throw new IllegalArgumentException("join token of " + token.length()
                    + " characters (expected: 16..512, printable ASCII without spaces)");
        }
    }

    /**
     * Reads to the end of a stream, usually standard input: a line {@code token <token>}, then the roots in PEM.
     *
     * @param in left open
     * @throws IllegalArgumentException if it has another form or is too long; without the token in its message
     * @throws IOException if the stream breaks
     */
    public static JoinCredential read(InputStream in) throws IOException {
        byte[] bytes = in.readNBytes(MAX_BYTES + 1);
        if (bytes.length > MAX_BYTES) {
            throw new IllegalArgumentException("join credential: more than " + MAX_BYTES + " bytes");
        }
        return parse(new String(bytes, StandardCharsets.UTF_8));
    }

    static JoinCredential parse(String text) {
        int end = text.indexOf('\n');
        if (!text.startsWith(FIRST_WORD) || end < 0) {
            throw new IllegalArgumentException("join credential of " + text.length()
                    + " characters (expected: a line \"token <token>\", then roots" + " in PEM)");
        }
        return new JoinCredential(
                text.substring(FIRST_WORD.length(), end).stripTrailing(), TrustBundle.fromPem(text.substring(end)));
    }

    /** Everything but the token. */
    @Override
    public String toString() {
        return "JoinCredential[" + roots + "]";
    }
}
