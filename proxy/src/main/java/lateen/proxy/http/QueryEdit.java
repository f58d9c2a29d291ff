package lateen.proxy.http;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import lateen.decision.request.ByteSlice;
import lateen.xds.authz.CheckAnswer;

/** Changes to the query of a path. Envoy: {@code query_parameters_to_set} and {@code query_parameters_to_remove}. */
final class QueryEdit {
    private QueryEdit() {}

    /** The path with another query: the removals first; a parameter that is set stands once. */
    static byte[] apply(ByteSlice path, CheckAnswer.Allowed changes) {
        // Bytes above ASCII pass through unchanged: one character each.
        String all = path.toString();
        int fragment = all.indexOf('#');
        String end = fragment < 0 ? "" : all.substring(fragment);
        String target = fragment < 0 ? all : all.substring(0, fragment);
        int mark = target.indexOf('?');
        List<String> parameters = new ArrayList<>();
        if (mark >= 0) {
            for (String each : target.substring(mark + 1).split("&", -1)) {
                if (!each.isEmpty() && !changes.removeQuery().contains(name(each))) {
                    parameters.add(each);
                }
            }
        }
        for (CheckAnswer.Parameter each : changes.setQuery()) {
            String set = encoded(each.name()) + "=" + encoded(each.value());
            int first = -1;
            for (int i = 0; i < parameters.size(); i++) {
                if (name(parameters.get(i)).equals(each.name())) {
                    if (first < 0) {
                        first = i;
                        parameters.set(i, set);
                    } else {
                        parameters.remove(i--);
                    }
                }
            }
            if (first < 0) {
                parameters.add(set);
            }
        }
        String base = mark < 0 ? target : target.substring(0, mark);
        String query = parameters.isEmpty() ? "" : "?" + String.join("&", parameters);
        return (base + query + end).getBytes(StandardCharsets.ISO_8859_1);
    }

    private static String name(String parameter) {
        int equals = parameter.indexOf('=');
        return equals < 0 ? parameter : parameter.substring(0, equals);
    }

    /** What would end a parameter is encoded, so that one value cannot become two. */
    private static String encoded(String text) {
        StringBuilder out = new StringBuilder();
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
            char c = (char) (b & 0xff);
            if (c <= ' ' || c >= 127 || c == '&' || c == '#' || c == '?') {
                out.append('%').append(String.format("%02X", (int) c));
            } else {
                out.append(c);
            }
        }
        return out.toString();
    }
}
