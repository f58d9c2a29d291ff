package lateen.xds.decode;

import io.envoyproxy.envoy.config.core.v3.HeaderValueOption;
import java.util.List;
import java.util.Locale;
import lateen.decision.config.HeaderEdits;
import lateen.decision.config.HeaderEdits.Action;
import lateen.decision.config.HeaderEdits.Edit;

/** Envoy: {@code HeaderValueOption} and names to remove. */
final class HeaderEditDecoder {

    private HeaderEditDecoder() {}

    /** @param side {@code request} or {@code response}, as the fields are called */
    static HeaderEdits edits(String side, List<HeaderValueOption> add, List<String> remove, FieldPath at) {
        if (add.isEmpty() && remove.isEmpty()) {
            return HeaderEdits.NONE;
        }
        return new HeaderEdits(
                at.each(remove, side + "_headers_to_remove", HeaderEditDecoder::name),
                at.each(add, side + "_headers_to_add", HeaderEditDecoder::edit));
    }

    static Edit edit(HeaderValueOption option, FieldPath at) {
        return new Edit(
                name(option.getHeader().getKey(), at.at("header").at("key")),
                value(option.getHeader().getValue(), at.at("header").at("value")),
                action(option, at));
    }

    private static String value(String value, FieldPath at) {
        if (value.chars().anyMatch(c -> c == '\r' || c == '\n' || c == 0)) {
            throw at.because("a line break or NUL in a header value (expected: one line of text)");
        }
        return value;
    }

    /** Header names are tokens (RFC 9110, section 5.6.2). */
    private static String name(String name, FieldPath at) {
        String lower = name.toLowerCase(Locale.ROOT);
        boolean token = !lower.isEmpty()
                && lower.chars()
                        .allMatch(c ->
                                (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || "!#$%&'*+-.^_`|~".indexOf(c) >= 0);
        if (!token || lower.equals("host")) {
            throw at.refuse(name, "a header name; not host and no pseudo header");
        }
        return lower;
    }

    @SuppressWarnings("deprecation") // append, the older form of append_action.
    private static Action action(HeaderValueOption option, FieldPath at) {
        if (option.hasAppend()) {
            return option.getAppend().getValue() ? Action.APPEND_IF_EXISTS_OR_ADD : Action.OVERWRITE_IF_EXISTS_OR_ADD;
        }
        return switch (option.getAppendAction()) {
            case APPEND_IF_EXISTS_OR_ADD -> Action.APPEND_IF_EXISTS_OR_ADD;
            case ADD_IF_ABSENT -> Action.ADD_IF_ABSENT;
            case OVERWRITE_IF_EXISTS_OR_ADD -> Action.OVERWRITE_IF_EXISTS_OR_ADD;
            case OVERWRITE_IF_EXISTS -> Action.OVERWRITE_IF_EXISTS;
            case UNRECOGNIZED ->
                throw at.at("append_action").refuse(option.getAppendActionValue(), "a value that Envoy defines");
        };
    }
}
