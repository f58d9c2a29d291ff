package lateen.capture.probe;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;

/**
 * System calls that the JDK does not offer and rule validation needs: a thread's own user and namespace, marks, transparent
 * listeners, the destination before translation. Numbers are those of Linux on 64-bit machines.
 */
@SuppressWarnings("restricted") // bin/lateen starts with native access enabled
final class LinuxCalls {
    private static final Linker LINKER = Linker.nativeLinker();
    private static final MemoryLayout STATE = Linker.Option.captureStateLayout();
    private static final VarHandle ERRNO = STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));
    private static final ValueLayout INT = ValueLayout.JAVA_INT;
    private static final ValueLayout ADDRESS = ValueLayout.ADDRESS;

    private static final MethodHandle SOCKET = call("socket", INT, INT, INT);
    private static final MethodHandle SETSOCKOPT = call("setsockopt", INT, INT, INT, ADDRESS, INT);
    private static final MethodHandle GETSOCKOPT = call("getsockopt", INT, INT, INT, ADDRESS, ADDRESS);
    private static final MethodHandle BIND = call("bind", INT, ADDRESS, INT);
    private static final MethodHandle LISTEN = call("listen", INT, INT);
    private static final MethodHandle CONNECT = call("connect", INT, ADDRESS, INT);
    private static final MethodHandle ACCEPT = call("accept", INT, ADDRESS, ADDRESS);
    private static final MethodHandle GETSOCKNAME = call("getsockname", INT, ADDRESS, ADDRESS);
    private static final MethodHandle CLOSE = call("close", INT);
    private static final MethodHandle OPEN = call("open", ADDRESS, INT);
    private static final MethodHandle SETNS = call("setns", INT, INT);
    private static final MethodHandle SETFSUID = call("setfsuid", INT);
    private static final MethodHandle SETFSGID = call("setfsgid", INT);
    private static final MethodHandle STRERROR = LINKER.downcallHandle(
            LINKER.defaultLookup().findOrThrow("strerror"),
            FunctionDescriptor.of(ValueLayout.ADDRESS, ValueLayout.JAVA_INT));

    private LinuxCalls() {}

    private static MethodHandle call(String name, ValueLayout... parameters) {
        return LINKER.downcallHandle(
                LINKER.defaultLookup().findOrThrow(name),
                FunctionDescriptor.of(ValueLayout.JAVA_INT, parameters),
                Linker.Option.captureCallState("errno"));
    }

    /** A call that failed. */
    static final class CallException extends IOException {
        private static final long serialVersionUID = 1L;
        private static final int EAGAIN = 11;
        private static final int EINPROGRESS = 115;
        private static final int ENETUNREACH = 101;

        private final int errno;

        CallException(String what, int errno) {
            super(what + ": " + LinuxCalls.text(errno));
            this.errno = errno;
        }

        /** The time allowed for the socket is over. */
        boolean timedOut() {
            return errno == EAGAIN || errno == EINPROGRESS;
        }

        boolean noRoute() {
            return errno == ENETUNREACH;
        }
    }

    private interface Call {
        int with(MemorySegment state, Arena arena) throws Throwable;
    }

    private static int checked(String what, Call call) throws CallException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(STATE);
            int result = call.with(state, arena);
            if (result < 0) {
                throw new CallException(what, (int) ERRNO.get(state, 0L));
            }
            return result;
        } catch (CallException | RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(what, e);
        }
    }

    private static String text(int errno) {
        try {
            MemorySegment text = (MemorySegment) STRERROR.invokeExact(errno);
            return text.reinterpret(256).getString(0);
        } catch (Throwable e) {
            throw new IllegalStateException("strerror", e);
        }
    }

    static int socket(int domain, int type) throws CallException {
        return checked("socket", (state, _) -> (int) SOCKET.invokeExact(state, domain, type, 0));
    }

    static void set(int socket, int level, int option, byte[] value) throws CallException {
        checked("setsockopt " + option, (state, arena) -> {
            MemorySegment bytes = copy(arena, value);
            return (int) SETSOCKOPT.invokeExact(state, socket, level, option, bytes, value.length);
        });
    }

    static byte[] get(int socket, int level, int option, int length) throws CallException {
        byte[] result = new byte[length];
        checked(
                "getsockopt " + option,
                (state, arena) -> filled(arena, result, (bytes, size) ->
                        (int) GETSOCKOPT.invokeExact(state, socket, level, option, bytes, size)));
        return result;
    }

    static void bind(String what, int socket, byte[] address) throws CallException {
        checked(what, (state, arena) -> (int) BIND.invokeExact(state, socket, copy(arena, address), address.length));
    }

    static void listen(int socket) throws CallException {
        checked("listen", (state, _) -> (int) LISTEN.invokeExact(state, socket, 16));
    }

    static void connect(int socket, byte[] address) throws CallException {
        checked("connect", (state, arena) ->
                (int) CONNECT.invokeExact(state, socket, copy(arena, address), address.length));
    }

    /** The connection; {@code peer} is filled with its other end. */
    static int accept(int socket, byte[] peer) throws CallException {
        return checked(
                "accept",
                (state, arena) ->
                        filled(arena, peer, (bytes, size) -> (int) ACCEPT.invokeExact(state, socket, bytes, size)));
    }

    static byte[] name(int socket, int length) throws CallException {
        byte[] result = new byte[length];
        checked(
                "getsockname",
                (state, arena) -> filled(
                        arena, result, (bytes, size) -> (int) GETSOCKNAME.invokeExact(state, socket, bytes, size)));
        return result;
    }

    static void close(int descriptor) {
        try {
            checked("close", (state, _) -> (int) CLOSE.invokeExact(state, descriptor));
        } catch (CallException e) {
            throw new IllegalStateException("a descriptor of ours", e);
        }
    }

    /** Moves the calling thread, and no other, into a network namespace. */
    static void enterNetwork(String path) throws CallException {
        int file =
                checked("open " + path, (state, arena) -> (int) OPEN.invokeExact(state, arena.allocateFrom(path), 0));
        try {
            checked("setns " + path, (state, _) -> (int) SETNS.invokeExact(state, file, 0x40000000));
        } finally {
            close(file);
        }
    }

    /**
     * Who owns the sockets that the calling thread makes from now on.
     *
     * @return false where the process may not do that (it needs CAP_SETUID and CAP_SETGID)
     */
    static boolean own(long uid, long gid) throws CallException {
        int wantedUid = (int) uid;
        int wantedGid = (int) gid;
        // They answer with the id of before, also when they did nothing; asking with -1 never does anything.
        ids(SETFSGID, wantedGid);
        ids(SETFSUID, wantedUid);
        return ids(SETFSGID, -1) == wantedGid && ids(SETFSUID, -1) == wantedUid;
    }

    static long uid() throws CallException {
        return Integer.toUnsignedLong(ids(SETFSUID, -1));
    }

    static long gid() throws CallException {
        return Integer.toUnsignedLong(ids(SETFSGID, -1));
    }

    private static int ids(MethodHandle call, int id) {
        try (Arena arena = Arena.ofConfined()) {
            return (int) call.invokeExact(arena.allocate(STATE), id);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException("setfsuid", e);
        }
    }

    private static MemorySegment copy(Arena arena, byte[] bytes) {
        return arena.allocateFrom(ValueLayout.JAVA_BYTE, bytes);
    }

    private interface Filler {
        int into(MemorySegment bytes, MemorySegment size) throws Throwable;
    }

    private static int filled(Arena arena, byte[] target, Filler call) throws Throwable {
        MemorySegment bytes = arena.allocate(target.length);
        int result = call.into(bytes, arena.allocateFrom(ValueLayout.JAVA_INT, target.length));
        MemorySegment.copy(bytes, ValueLayout.JAVA_BYTE, 0, target, 0, target.length);
        return result;
    }
}
