package lateen.proxy.http1;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * Finds a body's end and hands out its payload as slices, without copying. One for each direction of a connection, used
 * again for each message. The buffers read stay the caller's.
 *
 * <p>Chunk extensions are checked and dropped, as RFC 9112 section 7.1.1 lets any recipient do. Trailers are checked,
 * and dropped unless they are asked for, as in Envoy (RFC 9110 section 6.5.1).
 */
public final class BodyReader {

    /** Bytes of extensions in one chunk's line. */
    public static final int MAX_EXTENSION = 256;
    /** Bytes of all trailers of a body, with line ends. */
    public static final int MAX_TRAILERS = 8192;

    private static final int MAX_SIZE_DIGITS = 15;

    private enum State {
        DATA,
        UNTIL_CLOSE,
        CHUNK_SIZE,
        CHUNK_EXTENSION,
        CHUNK_LINE_LF,
        CHUNK_DATA,
        DATA_CR,
        DATA_LF,
        TRAILER_START,
        TRAILER_NAME,
        TRAILER_VALUE,
        TRAILER_LF,
        LAST_LF,
        DONE
    }

    private final @Nullable TrailerReader trailers;
    private State state = State.DONE;
    /** Bytes of the body, or of the chunk, that are still to come. */
    private long left;

    private long payload;
    /** Digits of the size, bytes of the extension, or bytes of trailers so far. */
    private int counted;

    /** Drops trailers. */
    public BodyReader() {
        this(false);
    }

    /** @param keepTrailers whether {@link #trailers} is of use */
    public BodyReader(boolean keepTrailers) {
        trailers = keepTrailers ? new TrailerReader() : null;
    }

    /**
     * Begins a body.
     *
     * @param length in bytes; only looked at for {@link BodyKind#LENGTH}
     */
    public void start(BodyKind kind, long length) {
        payload = 0;
        left = 0;
        counted = 0;
        if (trailers != null) {
            trailers.begin();
        }
        switch (kind) {
            case NONE -> state = State.DONE;
            case LENGTH -> {
                left = length;
                state = length == 0 ? State.DONE : State.DATA;
            }
            case CHUNKED -> state = State.CHUNK_SIZE;
            case UNTIL_CLOSE, TUNNEL -> state = State.UNTIL_CLOSE;
        }
    }

    public boolean done() {
        return state == State.DONE;
    }

    /** After the end: the body's trailers; null: there are none. Valid until {@link #start}. */
    public @Nullable Trailers trailers() {
        return trailers == null || trailers.lines().count() == 0 ? null : trailers.lines();
    }

    /** Bytes of payload handed out since {@link #start}. */
    public long payloadBytes() {
        return payload;
    }

    /** Takes bytes up to the end of the body; after an error only {@link #start} may be called. */
    public BodyResult read(ByteBuf in, BodySink sink) {
        while (state != State.DONE) {
            if (!in.isReadable()) {
                return BodyProgress.NEED_MORE;
            }
            switch (state) {
                case DATA, CHUNK_DATA -> {
                    pass(in, sink, (int) Math.min(left, in.readableBytes()));
                    if (left == 0) {
                        state = state == State.DATA ? State.DONE : State.DATA_CR;
                    }
                }
                case UNTIL_CLOSE -> {
                    int n = in.readableBytes();
                    left = n;
                    pass(in, sink, n);
                }
                case CHUNK_SIZE,
                        CHUNK_EXTENSION,
                        CHUNK_LINE_LF,
                        DATA_CR,
                        DATA_LF,
                        TRAILER_START,
                        TRAILER_NAME,
                        TRAILER_VALUE,
                        TRAILER_LF,
                        LAST_LF,
                        DONE -> {
                    BodyError wrong = step(in.readByte());
                    if (wrong != null) {
                        return wrong;
                    }
                }
            }
        }
        return BodyProgress.DONE;
    }

    /** The sender closed its side: the end of a body that lasts until then, else an error. */
    public BodyResult endOfInput() {
        if (state == State.UNTIL_CLOSE) {
            state = State.DONE;
        }
        return state == State.DONE ? BodyProgress.DONE : BodyError.PREMATURE_END;
    }

    private void pass(ByteBuf in, BodySink sink, int n) {
        left -= n;
        payload += n;
        sink.payload(in.readRetainedSlice(n));
    }

    private @Nullable BodyError step(byte b) {
        return switch (state) {
            case CHUNK_SIZE -> size(b);
            case CHUNK_EXTENSION -> {
                if (b == '\r') {
                    state = State.CHUNK_LINE_LF;
                    yield null;
                }
                yield Bytes.value(b) && ++counted <= MAX_EXTENSION ? null : BodyError.BAD_CHUNK_EXTENSION;
            }
            case CHUNK_LINE_LF -> {
                counted = 0;
                yield expect(b, '\n', left == 0 ? State.TRAILER_START : State.CHUNK_DATA);
            }
            case DATA_CR -> expect(b, '\r', State.DATA_LF);
            case DATA_LF -> {
                counted = 0;
                yield expect(b, '\n', State.CHUNK_SIZE);
            }
            case TRAILER_START -> {
                if (b == '\r') {
                    state = State.LAST_LF;
                    yield null;
                }
                state = State.TRAILER_NAME;
                yield trailer(b, Bytes.token(b));
            }
            case TRAILER_NAME -> {
                if (b == ':') {
                    state = State.TRAILER_VALUE;
                }
                yield trailer(b, b == ':' || Bytes.token(b));
            }
            case TRAILER_VALUE -> {
                if (b == '\r') {
                    state = State.TRAILER_LF;
                }
                yield trailer(b, b == '\r' || Bytes.value(b));
            }
            case TRAILER_LF -> {
                BodyError wrong = trailer(b, true);
                if (wrong == null) {
                    wrong = expect(b, '\n', State.TRAILER_START);
                }
                yield wrong != null || trailers == null || trailers.lineEnd() ? wrong : BodyError.BAD_TRAILER;
            }
            case LAST_LF -> expect(b, '\n', State.DONE);
            case DATA, UNTIL_CLOSE, CHUNK_DATA, DONE -> throw new IllegalStateException("no framing byte in " + state);
        };
    }

    private @Nullable BodyError size(byte b) {
        int digit = Character.digit(b & 0xFF, 16);
        if (digit >= 0 && b > 0) {
            if (counted == 0) {
                left = 0;
            }
            left = left << 4 | digit;
            return ++counted <= MAX_SIZE_DIGITS ? null : BodyError.BAD_CHUNK_SIZE;
        }
        if (counted == 0 || (b != '\r' && b != ';')) {
            return BodyError.BAD_CHUNK_SIZE;
        }
        counted = 0;
        state = b == '\r' ? State.CHUNK_LINE_LF : State.CHUNK_EXTENSION;
        return null;
    }

    private @Nullable BodyError trailer(byte b, boolean good) {
        if (trailers != null) {
            trailers.take(b);
        }
        if (!good) {
            return BodyError.BAD_TRAILER;
        }
        return ++counted <= MAX_TRAILERS ? null : BodyError.TRAILERS_TOO_LARGE;
    }

    private @Nullable BodyError expect(byte b, char wanted, State next) {
        if (b != wanted) {
            return BodyError.BAD_LINE_END;
        }
        state = next;
        return null;
    }
}
