package lateen.services.authz;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A request's path as policies see it.
 *
 * @param segments of the path, decoded before it is split, without leading slashes; never empty
 * @param query values by name in the order of the request; pairs that cannot be decoded, or hold a semicolon, are left out
 *     (as OPA's Envoy plugin does: WHATWG's and Go's rule)
 */
record RequestTarget(List<String> segments, Map<String, List<String>> query) {

    /** Either a target, or why there is none. */
    sealed interface Result {
        record Parsed(RequestTarget target) implements Result {}

        record Refused(String reason) implements Result {}
    }

    /**
     * Reads {@code :path}: an origin-form target (RFC 9112, 3.2.1), or {@code *}. {@code //a} is a path, never a host. A
     * fragment is refused: a server behind might take it for a part of the path.
     */
    static Result parse(String target) {
        if (target.indexOf('#') >= 0) {
            return new Result.Refused("path: has a fragment (expected: none, RFC 9112 3.2)");
        }
        int mark = target.indexOf('?');
        String rawPath = mark < 0 ? target : target.substring(0, mark);
        Optional<String> path = decode(rawPath, false);
        if (path.isEmpty()) {
            return new Result.Refused("path: '%' without two hexadecimal digits after it");
        }
        int start = 0;
        while (start < path.get().length() && path.get().charAt(start) == '/') {
            start++;
        }
        List<String> segments = List.of(path.get().substring(start).split("/", -1));
        return new Result.Parsed(new RequestTarget(segments, mark < 0 ? Map.of() : query(target.substring(mark + 1))));
    }

    /** Names and values of {@code application/x-www-form-urlencoded} text. */
    static Map<String, List<String>> query(String text) {
        Map<String, List<String>> values = new LinkedHashMap<>();
        for (String pair : text.split("&")) {
            if (pair.isEmpty() || pair.indexOf(';') >= 0) {
                continue;
            }
            int equals = pair.indexOf('=');
            Optional<String> name = decode(equals < 0 ? pair : pair.substring(0, equals), true);
            Optional<String> value = decode(equals < 0 ? "" : pair.substring(equals + 1), true);
            if (name.isPresent() && value.isPresent()) {
                values.computeIfAbsent(name.get(), _ -> new ArrayList<>()).add(value.get());
            }
        }
        return values;
    }

    /** Percent-decoded UTF-8, bad bytes as U+FFFD; empty when an escape is broken. */
    private static Optional<String> decode(String text, boolean plusIsSpace) {
        if (text.indexOf('%') < 0 && !(plusIsSpace && text.indexOf('+') >= 0)) {
            return Optional.of(text);
        }
        byte[] in = text.getBytes(StandardCharsets.UTF_8);
        ByteArrayOutputStream out = new ByteArrayOutputStream(in.length);
        for (int i = 0; i < in.length; i++) {
            if (in[i] == '%') {
                int high = i + 2 < in.length ? Character.digit(in[i + 1], 16) : -1;
                int low = i + 2 < in.length ? Character.digit(in[i + 2], 16) : -1;
                if (high < 0 || low < 0) {
                    return Optional.empty();
                }
                out.write(high << 4 | low);
                i += 2;
            } else {
                out.write(plusIsSpace && in[i] == '+' ? ' ' : in[i]);
            }
        }
        return Optional.of(out.toString(StandardCharsets.UTF_8));
    }
}
