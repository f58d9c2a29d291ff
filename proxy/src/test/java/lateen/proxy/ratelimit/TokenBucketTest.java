package lateen.proxy.ratelimit;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicLong;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TokenBucketTest {
    private static final long SECOND = 1_000_000_000L;

    /** The plain reading: what it holds, in parts of a token, added to as time passes. */
    private static final class Plain {
        private final BigInteger full;
        private final long nanosPerToken;
        private BigInteger held;
        private long at;

        Plain(long max, long nanosPerToken, long now) {
            this.nanosPerToken = nanosPerToken;
            full = BigInteger.valueOf(max).multiply(BigInteger.valueOf(nanosPerToken));
            held = full;
            at = now;
        }

        private void pass(long now) {
            held = held.add(BigInteger.valueOf(now - at)).min(full);
            at = now;
        }

        boolean take(long now) {
            pass(now);
            BigInteger token = BigInteger.valueOf(nanosPerToken);
            if (held.compareTo(token) < 0) {
                return false;
            }
            held = held.subtract(token);
            return true;
        }

        long left() {
            return held.divide(BigInteger.valueOf(nanosPerToken)).longValueExact();
        }

        long secondsToNext() {
            BigInteger missing = BigInteger.valueOf(nanosPerToken).subtract(held);
            return missing.signum() <= 0
                    ? 0
                    : new BigDecimal(missing)
                            .divide(BigDecimal.valueOf(SECOND))
                            .setScale(0, java.math.RoundingMode.CEILING)
                            .longValueExact();
        }
    }

    @Property(tries = 2000)
    void itGivesWhatThePlainReadingGives(
            @ForAll @IntRange(min = 1, max = 50) int max,
            @ForAll @IntRange(min = 1, max = 20) int perFill,
            @ForAll @LongRange(min = 50_000_000L, max = 10 * SECOND) long fillNanos,
            @ForAll long start,
            @ForAll @Size(max = 200) List<@LongRange(min = 0, max = 3 * SECOND) Long> pauses) {
        TokenBucket bucket = new TokenBucket(max, perFill, fillNanos, start);
        Plain plain = new Plain(max, Math.round((double) fillNanos / perFill), start);
        long now = start;
        for (long pause : pauses) {
            // Many at the same moment, some after a long time.
            now += pause % 3 == 0 ? 0 : pause;
            assertThat(bucket.take(now)).isEqualTo(plain.take(now));
            assertThat(bucket.left(now)).isEqualTo(plain.left());
            assertThat(bucket.secondsToNext(now)).isEqualTo(plain.secondsToNext());
        }
    }

    @Property(tries = 200)
    void theLargestNumbersDoNotOverflow(
            @ForAll @LongRange(min = 1, max = 0xFFFF_FFFFL) long max,
            @ForAll @LongRange(min = 1, max = 0xFFFF_FFFFL) long perFill,
            @ForAll @LongRange(min = 50_000_000L, max = 365L * 86_400 * SECOND) long fillNanos,
            @ForAll @LongRange(min = 0, max = 86_400 * SECOND) long later) {
        TokenBucket bucket = new TokenBucket(max, perFill, fillNanos, 0);
        assertThat(bucket.take(0)).isTrue();
        assertThat(bucket.left(later)).isBetween(0L, max);
        assertThat(bucket.secondsToNext(later)).isBetween(0L, 365L * 86_400 + 1);
    }

    @ParameterizedTest
    @CsvSource({"0,10", "200,10", "999,10", "1000,9", "9300,1", "9999,1", "10000,0"})
    void theTimeToTheNextTokenIsRoundedUpAsEnvoyDoesIt(long millis, long seconds) {
        TokenBucket bucket = new TokenBucket(1, 1, 10 * SECOND, 0);
        assertThat(bucket.take(0)).isTrue();
        assertThat(bucket.secondsToNext(millis * 1_000_000)).isEqualTo(seconds);
    }

    @Test
    void manyThreadsTogetherGetNoMoreThanThereIs() throws Exception {
        int tokens = 500_000;
        TokenBucket bucket = new TokenBucket(tokens, 1, SECOND, 0);
        AtomicLong taken = new AtomicLong();
        CyclicBarrier start = new CyclicBarrier(4);
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            threads.add(Thread.ofPlatform().start(() -> {
                await(start);
                long own = 0;
                for (int n = 0; n < tokens; n++) {
                    own += bucket.take(5 * SECOND) ? 1 : 0;
                }
                taken.addAndGet(own);
            }));
        }
        for (Thread each : threads) {
            each.join();
        }
        assertThat(taken).hasValue(tokens);
    }

    private static void await(CyclicBarrier barrier) {
        try {
            barrier.await();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }
}
