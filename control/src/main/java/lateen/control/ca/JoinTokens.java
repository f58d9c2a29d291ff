package lateen.control.ca;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.Map;
import lateen.identity.SpiffeId;
import org.jspecify.annotations.Nullable;

/**
 * One-time tokens that workloads get their first certificate with.
 *
 * <p>Only digests are kept. A token is bound to one identity when it is granted, to one key when it is first used, and is
 * good for a short time. Used and expired ones are remembered for an hour, so that the refusal can say which it was. Any
 * thread may call.
 */
public final class JoinTokens {
    /** Most tokens remembered at once. */
    public static final int MAX_TOKENS = 10_000;

    private static final int LONGEST_TOKEN = 512;
    private static final Duration REMEMBERED = Duration.ofHours(1);

    private final InstantSource clock;
    private final Map<String, Entry> byDigest = new HashMap<>(); // guarded by this

    /** @param holder of the token since its first use; empty before */
    private record Entry(SpiffeId id, Instant until, String holder) {}

    /** An empty table. */
    public JoinTokens(InstantSource clock) {
        this.clock = clock;
    }

    /**
     * Lets one caller in who presents the token with this digest.
     *
     * @throws IllegalArgumentException if the digest was granted before
     * @throws IllegalStateException if {@link #MAX_TOKENS} are remembered and none of them is old
     */
    public synchronized void grant(Grant grant) {
        if (byDigest.size() >= MAX_TOKENS) {
            forgetOld();
        }
        if (byDigest.size() >= MAX_TOKENS) {
            throw new IllegalStateException("join tokens: " + byDigest.size() + " (expected: fewer than " + MAX_TOKENS
                    + "; they are forgotten " + REMEMBERED + " after their end)");
        }
        Entry entry = new Entry(grant.id(), clock.instant().plus(grant.validFor()), "");
        if (byDigest.putIfAbsent(grant.sha256Hex(), entry) != null) {
            throw new IllegalArgumentException(
                    "grant for " + grant.id() + ": this digest was granted before (expected: a new token each time)");
        }
    }

    /** As {@link #grant(Grant)}, by parts. */
    public void grant(String sha256Hex, SpiffeId id, Duration validFor) {
        grant(new Grant(sha256Hex, id, validFor));
    }

    /**
     * Uses a token up. Of several callers with the same token exactly one is told {@link Redemption.Bound}; that one may
     * ask again with the same key, as an answer may be lost on its way.
     *
     * @param holder a name of the key that the certificate is wanted for; not empty
     */
    public synchronized Redemption redeem(String token, String holder) {
        if (token.length() > LONGEST_TOKEN) {
            return new Redemption.Unknown();
        }
        String key = find(HexFormat.of().formatHex(sha256(token)));
        Entry entry = key == null ? null : byDigest.get(key);
        if (key == null || entry == null) {
            return new Redemption.Unknown();
        }
        if (!entry.holder.isEmpty() && !entry.holder.equals(holder)) {
            return new Redemption.Used(entry.id);
        }
        if (clock.instant().isAfter(entry.until)) {
            return new Redemption.Expired(entry.id);
        }
        byDigest.put(key, new Entry(entry.id, entry.until, holder));
        return new Redemption.Bound(entry.id);
    }

    /** The granted digest that equals {@code digest}: all are compared, each in constant time. */
    private @Nullable String find(String digest) {
        byte[] wanted = digest.getBytes(StandardCharsets.US_ASCII);
        String found = null;
        for (String granted : byDigest.keySet()) {
            if (MessageDigest.isEqual(granted.getBytes(StandardCharsets.US_ASCII), wanted)) {
                found = granted;
            }
        }
        return found;
    }

    private void forgetOld() {
        Instant now = clock.instant();
        Iterator<Entry> entries = byDigest.values().iterator();
        while (entries.hasNext()) {
            if (now.isAfter(entries.next().until.plus(REMEMBERED))) {
                entries.remove();
            }
        }
    }

    private static byte[] sha256(String token) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
