package lateen.proxy.admin;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * Something that can be asked for.
 *
 * @param changes only by POST
 * @param quick takes microseconds and may run on the event loop; others run on a thread of their own, one at a time
 * @param parameters that it knows, with what they mean
 */
record Page(
        String path,
        String help,
        boolean changes,
        boolean quick,
        Map<String, String> parameters,
        Function<Query, Reply> content) {

    static Page quick(String path, String help, Function<Query, Reply> content) {
        return new Page(path, help, false, true, Map.of(), content);
    }

    static Page slow(String path, String help, Function<Query, Reply> content) {
        return new Page(path, help, false, false, Map.of(), content);
    }

    static Page change(String path, String help, Function<Query, Reply> content) {
        return new Page(path, help, true, true, Map.of(), content);
    }

    Page with(String parameter, String meaning) {
        Map<String, String> more = new LinkedHashMap<>(parameters);
        more.put(parameter, meaning);
        return new Page(path, help, changes, quick, more, content);
    }

    /** A parameter that is not known is refused, not passed over. */
    Reply answer(Query query) {
        for (String name : query.parameters().keySet()) {
            if (!parameters.containsKey(name)) {
                return Reply.refuse(
                        Status.BAD_REQUEST,
                        path + ": parameter '" + name + "' is not supported (expected: "
                                + (parameters.isEmpty() ? "none" : String.join(", ", List.copyOf(parameters.keySet())))
                                + ")\n");
            }
        }
        return content.apply(query);
    }
}
