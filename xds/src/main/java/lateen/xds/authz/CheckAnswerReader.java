package lateen.xds.authz;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import lateen.decision.config.HeaderEdits;

/**
 * Reads {@code envoy.service.auth.v3.CheckResponse}. Whatever the bytes are, there is an answer; what cannot be used as
 * it is makes the whole answer {@link CheckAnswer.Malformed}, because half of a decision is none.
 */
public final class CheckAnswerReader {

    /** Of a body that the server has sent to the client, in bytes of the message. */
    static final int LARGEST_BODY = 64 * 1024;

    private static final int FORBIDDEN = 403;

    /** Of {@code CheckResponse}. The last is newer than the published classes. */
    private static final int STATUS = 1;

    private static final int DENIED_RESPONSE = 2;
    private static final int OK_RESPONSE = 3;
    private static final int ERROR_RESPONSE = 5;
    /** Of {@code OkHttpResponse}. */
    private static final int OK_HEADERS = 2;

    private static final int OK_HEADERS_TO_REMOVE = 5;
    private static final int OK_RESPONSE_HEADERS = 6;
    private static final int OK_QUERY_SET = 7;
    private static final int OK_QUERY_REMOVE = 8;

    private final EditReader headers = new EditReader();
    private int code;
    private boolean denied;
    private boolean undecided;
    private int httpStatus;
    private String body = "";
    private final List<HeaderEdits.Edit> local = new ArrayList<>();
    private final List<HeaderEdits.Edit> request = new ArrayList<>();
    private final List<HeaderEdits.Edit> response = new ArrayList<>();
    private final List<String> remove = new ArrayList<>();
    private final List<CheckAnswer.Parameter> setQuery = new ArrayList<>();
    private final List<String> removeQuery = new ArrayList<>();

    private CheckAnswerReader() {}

    /** @param message {@code [start, start + length)} of it; nothing of it is kept */
    public static CheckAnswer read(byte[] message, int start, int length) {
        CheckAnswerReader reader = new CheckAnswerReader();
        try {
            reader.answer(CodedInputStream.newInstance(message, start, length));
            return reader.result();
        } catch (IOException e) {
            return new CheckAnswer.Malformed(String.valueOf(e.getMessage()));
        }
    }

    private CheckAnswer result() throws IOException {
        if (code == 0) {
            return new CheckAnswer.Allowed(edits(remove, request), edits(List.of(), response), setQuery, removeQuery);
        }
        if (httpStatus != 0 && (httpStatus < 200 || httpStatus > 599)) {
            throw new IOException("status " + httpStatus + " (expected: 200..599)");
        }
        if (undecided && !denied) {
            return new CheckAnswer.Undecided(httpStatus, edits(List.of(), local), body);
        }
        return new CheckAnswer.Denied(httpStatus == 0 ? FORBIDDEN : httpStatus, edits(List.of(), local), body);
    }

    private static HeaderEdits edits(List<String> remove, List<HeaderEdits.Edit> edits) {
        return remove.isEmpty() && edits.isEmpty() ? HeaderEdits.NONE : new HeaderEdits(remove, edits);
    }

    private void answer(CodedInputStream in) throws IOException {
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            if (WireFormat.getTagWireType(tag) != WireFormat.WIRETYPE_LENGTH_DELIMITED) {
                skip(in, tag);
                continue;
            }
            switch (WireFormat.getTagFieldNumber(tag)) {
                case STATUS -> inside(in, this::status);
                case OK_RESPONSE -> {
                    // Of alternatives on the wire the last counts.
                    forget();
                    inside(in, this::allowed);
                }
                case DENIED_RESPONSE -> {
                    forget();
                    denied = true;
                    inside(in, this::local);
                }
                case ERROR_RESPONSE -> {
                    forget();
                    undecided = true;
                    inside(in, this::local);
                }
                default -> skip(in, tag);
            }
        }
        in.checkLastTagWas(0);
    }

    private void forget() {
        denied = false;
        undecided = false;
        httpStatus = 0;
        body = "";
        List.of(local, request, response, remove, setQuery, removeQuery).forEach(List::clear);
    }

    interface Content {
        void read(CodedInputStream in, int tag) throws IOException;
    }

    /** Reads the message that comes now, field by field. */
    static void inside(CodedInputStream in, Content content) throws IOException {
        int limit = in.pushLimit(in.readRawVarint32());
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            content.read(in, tag);
        }
        in.checkLastTagWas(0);
        in.popLimit(limit);
    }

    static int bytes(int field) {
        return (field << 3) | WireFormat.WIRETYPE_LENGTH_DELIMITED;
    }

    static int varint(int field) {
        return (field << 3) | WireFormat.WIRETYPE_VARINT;
    }

    static void skip(CodedInputStream in, int tag) throws IOException {
        if (!in.skipField(tag)) {
            throw new IOException("a group ends that did not begin");
        }
    }

    /** {@code google.rpc.Status}. */
    private void status(CodedInputStream in, int tag) throws IOException {
        if (tag == varint(1)) {
            code = in.readInt32();
        } else {
            skip(in, tag);
        }
    }

    private void allowed(CodedInputStream in, int tag) throws IOException {
        if (tag == bytes(OK_HEADERS)) {
            request.add(headers.edit(in, EditReader.Side.REQUEST));
        } else if (tag == bytes(OK_HEADERS_TO_REMOVE)) {
            remove.add(headers.removal(in.readStringRequireUtf8()));
        } else if (tag == bytes(OK_RESPONSE_HEADERS)) {
            headers.edit(in, EditReader.Side.RESPONSE, response);
        } else if (tag == bytes(OK_QUERY_SET)) {
            setQuery.add(headers.parameter(in));
        } else if (tag == bytes(OK_QUERY_REMOVE)) {
            headers.change();
            removeQuery.add(headers.counted(in.readStringRequireUtf8()));
        } else {
            skip(in, tag);
        }
    }

    /** {@code DeniedHttpResponse} and {@code ErrorHttpResponse}. */
    private void local(CodedInputStream in, int tag) throws IOException {
        if (tag == bytes(1)) {
            inside(in, (status, field) -> {
                if (field == varint(1)) {
                    httpStatus = status.readEnum();
                } else {
                    skip(status, field);
                }
            });
        } else if (tag == bytes(2)) {
            headers.edit(in, EditReader.Side.RESPONSE, local);
        } else if (tag == bytes(3)) {
            body = in.readStringRequireUtf8();
            if (body.length() > LARGEST_BODY) {
                throw new IOException(
                        "a body of " + body.length() + " characters (expected: at most " + LARGEST_BODY + ")");
            }
        } else {
            skip(in, tag);
        }
    }
}
