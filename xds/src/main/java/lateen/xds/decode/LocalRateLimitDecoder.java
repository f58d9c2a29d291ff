package lateen.xds.decode;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import io.envoyproxy.envoy.config.core.v3.RuntimeFractionalPercent;
import io.envoyproxy.envoy.extensions.common.ratelimit.v3.XRateLimitHeadersRFCVersion;
import io.envoyproxy.envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import lateen.decision.config.FilterOverride;
import lateen.decision.config.LocalRateLimit.Share;
import lateen.decision.config.LocalRateLimit.TokenBucket;
import org.jspecify.annotations.Nullable;

/** Envoy: {@code extensions.filters.http.local_ratelimit.v3}, in a filter and in {@code typed_per_filter_config}. */
final class LocalRateLimitDecoder {

    static final String TYPE = "envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit";

    private static final int TOO_MANY_REQUESTS = 429;
    private static final int LEAST_ERROR = 400;
    private static final Duration SHORTEST_FILL = Duration.ofMillis(50);
    /** Longer means nothing, and would not fit into nanoseconds times tokens. */
    private static final Duration LONGEST_FILL = Duration.ofDays(365);

    private LocalRateLimitDecoder() {}

    /** Of a route, a virtual host or a route configuration, by the filter's name. */
    static Map<String, FilterOverride> overrides(FieldPath at) {
        Map<String, FilterOverride> read = new HashMap<>();
        for (Map.Entry<String, ByteString> entry :
                at.map("typed_per_filter_config").entrySet()) {
            FieldPath where = at.at("typed_per_filter_config[" + entry.getKey() + "]");
            Any config = TypedStructs.plain(Values.any(entry.getValue(), where), where);
            if (!Values.typeName(config).equals(TYPE)) {
                throw where.because("unsupported type '" + Values.typeName(config) + "' (supported: " + TYPE + ")");
            }
            LocalRateLimit limit = Values.open(config, LocalRateLimit.getDefaultInstance(), where);
            if (!limit.hasTokenBucket()) {
                throw where.missing("token_bucket", "a limit, where it is for one route");
            }
            read.put(entry.getKey(), limit(limit, where));
        }
        return read;
    }

    static lateen.decision.config.LocalRateLimit limit(LocalRateLimit limit, FieldPath at) {
        int status = limit.getStatus().getCodeValue();
        return new lateen.decision.config.LocalRateLimit(
                at.required(limit.getStatPrefix(), "stat_prefix"),
                bucket(limit, at.at("token_bucket")),
                limit.hasFilterEnabled() ? share(limit.getFilterEnabled(), at.at("filter_enabled")) : Share.NONE,
                limit.hasFilterEnforced() ? share(limit.getFilterEnforced(), at.at("filter_enforced")) : Share.NONE,
                // As in Envoy, which takes a status that is no error for a mistake.
                status < LEAST_ERROR ? TOO_MANY_REQUESTS : status,
                at.each(limit.getResponseHeadersToAddList(), "response_headers_to_add", HeaderEditDecoder::edit),
                headers(limit.getEnableXRatelimitHeaders(), at.at("enable_x_ratelimit_headers")),
                limit.getLocalRateLimitPerDownstreamConnection());
    }

    private static @Nullable TokenBucket bucket(LocalRateLimit limit, FieldPath at) {
        if (!limit.hasTokenBucket()) {
            return null;
        }
        var bucket = limit.getTokenBucket();
        long most = Integer.toUnsignedLong(bucket.getMaxTokens());
        long tokens = bucket.hasTokensPerFill()
                ? Integer.toUnsignedLong(bucket.getTokensPerFill().getValue())
                : 1;
        if (most == 0) {
            throw at.at("max_tokens").refuse(most, "1 or more");
        }
        if (tokens == 0) {
            throw at.at("tokens_per_fill").refuse(tokens, "1 or more");
        }
        Duration interval = Values.duration(bucket.getFillInterval(), at.at("fill_interval"));
        if (interval.compareTo(SHORTEST_FILL) < 0 || interval.compareTo(LONGEST_FILL) > 0) {
            throw at.at("fill_interval").refuse(interval.toNanos() / 1e9 + "s", "0.05s to a year");
        }
        return new TokenBucket(most, tokens, interval);
    }

    private static Share share(RuntimeFractionalPercent percent, FieldPath at) {
        if (!percent.hasDefaultValue()) {
            throw at.missing("default_value", "a percentage; there is no runtime to look the key up in");
        }
        long numerator = Integer.toUnsignedLong(percent.getDefaultValue().getNumerator());
        long millionths = switch (percent.getDefaultValue().getDenominator()) {
            case HUNDRED -> numerator * 10_000;
            case TEN_THOUSAND -> numerator * 100;
            case MILLION -> numerator;
            case UNRECOGNIZED ->
                throw at.at("default_value")
                        .at("denominator")
                        .refuse(percent.getDefaultValue().getDenominatorValue(), "HUNDRED, TEN_THOUSAND or MILLION");
        };
        return new Share((int) Math.min(millionths, Share.ALL.millionths()));
    }

    private static boolean headers(XRateLimitHeadersRFCVersion version, FieldPath at) {
        return switch (version) {
            case OFF -> false;
            case DRAFT_VERSION_03 -> true;
            case UNRECOGNIZED -> throw at.refuse(version, "OFF or DRAFT_VERSION_03");
        };
    }
}
