package lateen.cli.sidecar;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class UndumpableTest {
    private static final int PR_GET_DUMPABLE = 3;
    private static final int PR_SET_DUMPABLE = 4;

    private static int prctl(int option, long argument) throws Throwable {
        Linker linker = Linker.nativeLinker();
        return (int) linker.downcallHandle(
                        linker.defaultLookup().findOrThrow("prctl"),
                        FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG),
                        Linker.Option.firstVariadicArg(1))
                .invokeExact(option, argument);
    }

    @Test
    void theKernelHoldsTheProcessForUndumpableAndItStillSeesItself() throws Throwable {
        // Another test of this JVM may have been here.
        assertThat(prctl(PR_SET_DUMPABLE, 1)).isZero();
        assertThat(prctl(PR_GET_DUMPABLE, 0)).isEqualTo(1);
        Undumpable.become();
        assertThat(prctl(PR_GET_DUMPABLE, 0)).isZero();
        assertThat(Files.readString(Path.of("/proc/self/status"))).contains("VmRSS:");
        try (var files = Files.list(Path.of("/proc/self/fd"))) {
            assertThat(files).isNotEmpty();
        }
    }
}
