package lateen.decision.match;

import lateen.decision.request.ByteSlice;

/** Envoy: {@code HeaderMatcher.range_match}: an optional sign and digits, nothing else, within 64 bits. */
final class DecimalRange {

    private DecimalRange() {}

    /** Whether the whole value is an integer with {@code first <= value < end}. */
    static boolean contains(ByteSlice value, long first, long end) {
        int at = 0;
        boolean negative = value.length() > 0 && value.at(0) == '-';
        if (negative || (value.length() > 0 && value.at(0) == '+')) {
            at++;
        }
        if (at == value.length()) {
            return false;
        }
        // Counted downwards: the negative half of the range holds one number more.
        long number = 0;
        for (; at < value.length(); at++) {
            int digit = value.at(at) - '0';
            if (digit < 0 || digit > 9 || number < (Long.MIN_VALUE + digit) / 10) {
                return false;
            }
            number = number * 10 - digit;
        }
        if (!negative && number == Long.MIN_VALUE) {
            return false;
        }
        long result = negative ? number : -number;
        return first <= result && result < end;
    }
}
