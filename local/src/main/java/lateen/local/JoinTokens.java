package lateen.local;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Base64;
import java.util.HexFormat;
import lateen.identity.SpiffeId;

/**
 * One-time tokens for a workload's first certificate. The control plane is told only a token's SHA-256, over its standard
 * input; the sidecar gets the token over its own. A token is never an argument, an environment variable or a file.
 */
final class JoinTokens {
    static final Duration LIFE = Duration.ofMinutes(1);

    private final SecureRandom random = new SecureRandom();

    /**
     * Mints a token and announces it: {@code grant <sha256-hex> <spiffe-id> <seconds>}.
     *
     * @param controlPlane its standard input
     * @return 32 random bytes as base64url text; not to be logged
     */
    String mint(SpiffeId identity, OutputStream controlPlane) throws IOException {
        byte[] secret = new byte[32];
        random.nextBytes(secret);
        String token = Base64.getUrlEncoder().withoutPadding().encodeToString(secret);
        String line = "grant " + sha256(token) + " " + identity + " " + LIFE.toSeconds() + "\n";
        synchronized (controlPlane) {
            controlPlane.write(line.getBytes(StandardCharsets.US_ASCII));
            controlPlane.flush();
        }
        return token;
    }

    /** Of the token's text, as it travels. */
    static String sha256(String token) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.US_ASCII));
            return HexFormat.of().formatHex(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java platform has SHA-256", e);
        }
    }
}
