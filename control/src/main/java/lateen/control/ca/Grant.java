package lateen.control.ca;

import java.time.Duration;
import java.util.Locale;
import lateen.identity.SpiffeId;

/**
 * One line by which the supervisor announces a join token without telling it: {@code grant <sha256-hex> <spiffe-id>
 * <seconds>}.
 *
 * @param sha256Hex SHA-256 of the token's UTF-8 bytes, 64 lower-case hexadecimal digits
 * @param id whom the token lets in
 * @param validFor 1 second to 1 hour
 */
public record Grant(String sha256Hex, SpiffeId id, Duration validFor) {
    /** Longest line that is looked at, in characters. */
    public static final int MAX_LINE = 1024;

    private static final Duration LONGEST = Duration.ofHours(1);

    /**
     * Checks each part.
     *
     * @throws IllegalArgumentException naming the part and what was expected
     */
    public Grant {
        if (sha256Hex.length() != 64
                || !sha256Hex.chars().allMatch(c -> (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'))) {
            throw new IllegalArgumentException("grant, digest of " + sha256Hex.length()
                    + " characters (expected: 64 lower-case hexadecimal digits)");
        }
        if (validFor.compareTo(Duration.ofSeconds(1)) < 0 || validFor.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException(
                    "grant, seconds: " + validFor.toSeconds() + " (expected: 1.." + LONGEST.toSeconds() + ")");
        }
    }

    /**
     * Reads one line, without its line feed.
     *
     * @throws IllegalArgumentException naming the part and what was expected; the digest is not repeated
     */
    public static Grant parse(String line) {
        if (line.length() > MAX_LINE) {
            throw new IllegalArgumentException(
                    "grant: line of " + line.length() + " characters (expected: at most " + MAX_LINE + ")");
        }
        String[] words = line.split(" ", -1);
        if (words.length != 4 || !words[0].equals("grant")) {
            throw new IllegalArgumentException(
                    "grant: line of " + words.length + " words (expected: grant <sha256-hex> <spiffe-id> <seconds>)");
        }
        return new Grant(words[1].toLowerCase(Locale.ROOT), SpiffeId.parse(words[2]), seconds(words[3]));
    }

    private static Duration seconds(String word) {
        if (word.isEmpty() || word.length() > 4 || !word.chars().allMatch(c -> c >= '0' && c <= '9')) {
            throw new IllegalArgumentException("grant, seconds: " + word.length()
                    + " characters (expected: a number, 1.." + LONGEST.toSeconds() + ")");
        }
        return Duration.ofSeconds(Integer.parseInt(word));
    }
}
