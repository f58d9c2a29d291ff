package lateen.cli.sidecar;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * Takes this process' memory, where the private key is, away from other processes of its user: they can no longer trace it,
 * read {@code /proc/PID/mem} or {@code environ}, or have a core written. Root, with CAP_SYS_PTRACE, still can; so of the
 * JDK's tools {@code jcmd} and {@code jstack} work for root only. Linux: {@code prctl(2)}, PR_SET_DUMPABLE.
 */
final class Undumpable {
    private static final int PR_SET_DUMPABLE = 4;

    private Undumpable() {}

    /** For good: only executing another program undoes it. */
    static void become() {
        Linker linker = Linker.nativeLinker();
        MethodHandle prctl = linker.downcallHandle(
                linker.defaultLookup().findOrThrow("prctl"),
                FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG),
                Linker.Option.firstVariadicArg(1));
        int result;
        try {
            result = (int) prctl.invokeExact(PR_SET_DUMPABLE, 0L);
        } catch (Throwable e) {
            throw new IllegalStateException("prctl(PR_SET_DUMPABLE, 0) could not be called", e);
        }
        if (result != 0) {
            throw new IllegalStateException("prctl(PR_SET_DUMPABLE, 0): " + result
                    + " (expected: 0; a seccomp profile may forbid it, and must not for a process that holds a key)");
        }
    }
}
