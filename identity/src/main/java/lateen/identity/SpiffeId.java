package lateen.identity;

/**
 * The name of a workload: {@code spiffe://<trust domain>/ns/<namespace>/sa/<service account>}.
 *
 * <p>Character sets are those of the SPIFFE-ID standard (section 2): trust domain {@code [a-z0-9._-]}, path
 * segments {@code [A-Za-z0-9._-]}, neither {@code .} nor {@code ..}. Lengths are those of Kubernetes names.
 *
 * @param trustDomain 1 to 255 characters
 * @param namespace 1 to 63 characters
 * @param serviceAccount 1 to 253 characters
 */
public record SpiffeId(String trustDomain, String namespace, String serviceAccount) {
    /** Longest text that {@link #parse} looks at, in characters; the longest valid id is shorter. */
    public static final int MAX_LENGTH = 600;

    private static final String FORM = "spiffe://<trust domain>/ns/<namespace>/sa/<service account>";
    private static final String SCHEME = "spiffe://";

    /**
     * Checks each part.
     *
     * @throws IllegalArgumentException naming the part, its value and what was expected
     */
    public SpiffeId {
        check("trust domain", trustDomain, 255, false);
        check("namespace", namespace, 63, true);
        check("service account", serviceAccount, 253, true);
    }

    /**
     * Reads exactly the form that {@link #toString} writes: no query, no fragment, no port, no escapes.
     *
     * @throws IllegalArgumentException with the value and what was expected
     */
    public static SpiffeId parse(String text) {
        if (text.length() > MAX_LENGTH) {
            throw new IllegalArgumentException(
                    "SPIFFE id of " + text.length() + " characters (expected: at most " + MAX_LENGTH + ")");
        }
        if (!text.startsWith(SCHEME)) {
            throw unexpected(text);
        }
        String[] parts = text.substring(SCHEME.length()).split("/", -1);
        if (parts.length != 5 || !parts[1].equals("ns") || !parts[3].equals("sa")) {
            throw unexpected(text);
        }
        return new SpiffeId(parts[0], parts[2], parts[4]);
    }

    /** The id as it stands in a certificate's URI subject alternative name. */
    @Override
    public String toString() {
        return SCHEME + trustDomain + "/ns/" + namespace + "/sa/" + serviceAccount;
    }

    private static IllegalArgumentException unexpected(String text) {
        return new IllegalArgumentException("SPIFFE id: " + Quoted.of(text) + " (expected: " + FORM + ")");
    }

    private static void check(String part, String value, int max, boolean upperCase) {
        if (value.isEmpty() || value.length() > max) {
            throw new IllegalArgumentException("SPIFFE id, " + part + ": " + value.length()
                    + " characters (expected: 1.." + max + ", as in " + FORM + ")");
        }
        boolean allowed = !value.equals(".") && !value.equals("..");
        for (int i = 0; allowed && i < value.length(); i++) {
            char c = value.charAt(i);
            allowed = (c >= 'a' && c <= 'z')
                    || (c >= '0' && c <= '9')
                    || c == '.'
                    || c == '-'
                    || c == '_'
                    || (upperCase && c >= 'A' && c <= 'Z');
        }
        if (!allowed) {
            throw new IllegalArgumentException("SPIFFE id, " + part + ": " + Quoted.of(value) + " (expected: "
                    + (upperCase ? "letters, digits" : "lower-case letters, digits")
                    + ", '.', '-', '_'; neither '.' nor '..' alone)");
        }
    }
}
