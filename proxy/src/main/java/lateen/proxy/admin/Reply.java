package lateen.proxy.admin;

import org.jspecify.annotations.Nullable;

/**
 * An answer.
 *
 * @param body sent piece by piece and never copied as a whole; must not change any more
 * @param afterwards run on the loop when the client was told, whether it took the answer or not; null: nothing
 */
record Reply(
        Status status,
        String type,
        CharSequence body,
        @Nullable Runnable afterwards) {

    private static final String TEXT = "text/plain; charset=UTF-8";

    static Reply text(CharSequence body) {
        return new Reply(Status.OK, TEXT, body, null);
    }

    static Reply json(CharSequence body) {
        return new Reply(Status.OK, "application/json", body, null);
    }

    static Reply refuse(Status status, String body) {
        return new Reply(status, TEXT, body, null);
    }

    Reply then(Runnable action) {
        return new Reply(status, type, body, action);
    }
}
