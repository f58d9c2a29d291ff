package lateen.xds.authz;

import com.google.protobuf.CodedInputStream;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import lateen.decision.config.HeaderEdits.Action;
import lateen.decision.config.HeaderEdits.Edit;

/** Reads {@code HeaderValueOption} and its like, checks them, and counts against what one answer may bring. */
final class EditReader {

    /** Of one answer, all lists together. */
    static final int MOST = 128;

    static final int MOST_CHARACTERS = 48 * 1024;

    /** Framing is each connection's own matter (RFC 9112 section 6): a foreign one would split messages otherwise than we do. */
    private static final Set<String> FRAMING = Set.of(
            "connection", "content-length", "keep-alive", "proxy-connection", "te", "transfer-encoding", "upgrade");

    enum Side {
        REQUEST,
        RESPONSE
    }

    private int count;
    private int characters;
    private String name = "";
    private String value = "";
    private Action action = Action.APPEND_IF_EXISTS_OR_ADD;
    private int byFlag = -1;

    /** To be called once for each change. */
    void change() throws IOException {
        count++;
        within();
    }

    /** To be called for each text of a change. */
    String counted(String text) throws IOException {
        characters += text.length();
        within();
        return text;
    }

    private void within() throws IOException {
        if (count > MOST || characters > MOST_CHARACTERS) {
            throw new IOException("more than " + MOST + " changes, or " + MOST_CHARACTERS + " characters in them");
        }
    }

    /** One edit for a response; those of framing, which servers copy along with the rest, are left out. */
    void edit(CodedInputStream in, Side side, List<Edit> into) throws IOException {
        Edit read = edit(in, side);
        if (!FRAMING.contains(read.name())) {
            into.add(read);
        }
    }

    Edit edit(CodedInputStream in, Side side) throws IOException {
        name = "";
        value = "";
        action = Action.APPEND_IF_EXISTS_OR_ADD;
        byFlag = -1;
        CheckAnswerReader.inside(in, this::option);
        // What Envoy 1.40 makes of them: in requests append_action does not count, and append needs something to append
        // to.
        switch (side) {
            case REQUEST -> action = byFlag == 1 ? Action.APPEND_IF_EXISTS : Action.OVERWRITE_IF_EXISTS_OR_ADD;
            case RESPONSE -> {
                if (byFlag >= 0) {
                    action = byFlag == 1 ? Action.APPEND_IF_EXISTS_OR_ADD : Action.OVERWRITE_IF_EXISTS_OR_ADD;
                }
            }
        }
        String lower = header(name, side);
        if (counted(value).chars().anyMatch(c -> (c < ' ' && c != '\t') || c == 0x7f)) {
            throw new IOException("header '" + lower + "': a control character in its value");
        }
        return new Edit(lower, value, action);
    }

    String removal(String removed) throws IOException {
        return header(removed, Side.REQUEST);
    }

    private String header(String given, Side side) throws IOException {
        change();
        String lower = counted(given).toLowerCase(Locale.ROOT);
        if (!isToken(lower) || lower.equals("host")) {
            throw new IOException(
                    "header '" + shortened(given) + "' (expected: a header name; not host and no pseudo header)");
        }
        if (side == Side.REQUEST && FRAMING.contains(lower)) {
            throw new IOException("header '" + lower + "' is the proxy's own");
        }
        return lower;
    }

    private static boolean isToken(String name) {
        return !name.isEmpty()
                && name.chars()
                        .allMatch(c ->
                                (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || "!#$%&'*+-.^_`|~".indexOf(c) >= 0);
    }

    private static String shortened(String text) {
        return text.length() <= 100 ? text : text.substring(0, 100) + "…";
    }

    private void option(CodedInputStream in, int tag) throws IOException {
        if (tag == CheckAnswerReader.bytes(1)) {
            CheckAnswerReader.inside(in, this::pair);
        } else if (tag == CheckAnswerReader.bytes(2)) {
            byFlag = 0;
            CheckAnswerReader.inside(in, (flag, field) -> {
                if (field == CheckAnswerReader.varint(1)) {
                    byFlag = flag.readBool() ? 1 : 0;
                } else {
                    CheckAnswerReader.skip(flag, field);
                }
            });
        } else if (tag == CheckAnswerReader.varint(3)) {
            int number = in.readEnum();
            action = switch (number) {
                case 0 -> Action.APPEND_IF_EXISTS_OR_ADD;
                case 1 -> Action.ADD_IF_ABSENT;
                case 2 -> Action.OVERWRITE_IF_EXISTS_OR_ADD;
                case 3 -> Action.OVERWRITE_IF_EXISTS;
                default -> throw new IOException("append_action " + number + " (expected: 0..3)");
            };
        } else {
            CheckAnswerReader.skip(in, tag);
        }
    }

    /** {@code HeaderValue}. */
    private void pair(CodedInputStream in, int tag) throws IOException {
        if (tag == CheckAnswerReader.bytes(1)) {
            name = in.readStringRequireUtf8();
        } else if (tag == CheckAnswerReader.bytes(2)) {
            value = in.readStringRequireUtf8();
        } else if (tag == CheckAnswerReader.bytes(3)) {
            throw new IOException("raw_value in a header (expected: value)");
        } else {
            CheckAnswerReader.skip(in, tag);
        }
    }

    CheckAnswer.Parameter parameter(CodedInputStream in) throws IOException {
        name = "";
        value = "";
        CheckAnswerReader.inside(in, this::pair);
        if (name.isEmpty()) {
            throw new IOException("a query parameter without name");
        }
        change();
        return new CheckAnswer.Parameter(counted(name), counted(value));
    }
}
