package lateen.local;

import java.nio.file.Path;

/** A supervisor in a process of its own, for tests that end it: brings a mesh up, says "up" and stays. */
public final class SupervisorProgram {
    private SupervisorProgram() {}

    public static void main(String[] args) throws Exception {
        Path home = Path.of(args[1]);
        try (LocalMesh _ = LocalMesh.start(FakePrograms.plan(args[0], home), FakePrograms.at(home))) {
            System.out.println("up");
            Thread.currentThread().join();
        }
    }
}
