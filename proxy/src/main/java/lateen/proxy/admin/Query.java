package lateen.proxy.admin;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/** A target taken apart: the path, and parameters in their order, the last one of a name. */
record Query(String path, Map<String, String> parameters) {

    /** @throws IllegalArgumentException for percent signs that encode nothing */
    static Query parse(String target) {
        int mark = target.indexOf('?');
        if (mark < 0) {
            return new Query(target, Map.of());
        }
        Map<String, String> parameters = new LinkedHashMap<>();
        for (String each : target.substring(mark + 1).split("&", -1)) {
            int equals = each.indexOf('=');
            if (!each.isEmpty()) {
                parameters.put(
                        decode(equals < 0 ? each : each.substring(0, equals)),
                        equals < 0 ? "" : decode(each.substring(equals + 1)));
            }
        }
        return new Query(target.substring(0, mark), parameters);
    }

    private static String decode(String text) {
        return URLDecoder.decode(text, StandardCharsets.UTF_8);
    }

    /** Empty when it is not there. */
    String parameter(String name) {
        return parameters.getOrDefault(name, "");
    }
}
