package lateen.cli.demo;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import lateen.local.Distribution;
import lateen.local.LocalMesh;
import picocli.CommandLine.Command;

/**
 * {@code lateen train}, a step of the build: runs a static proxy, then, as root, the shop's mesh, sends HTTP and TCP through
 * them, and keeps what their processes recorded as start-up archives ({@code dist/*.aot}).
 */
@Command(
        name = "train",
        hidden = true,
        description = "Makes the start-up archives of the distribution (a step of the build).",
        mixinStandardHelpOptions = true)
public final class TrainCommand implements Callable<Integer> {
    private static final int CALLS = 20;
    /** It both receives and sends. */
    private static final String TRAINED = "frontend";

    @Override
    public Integer call() throws InterruptedException {
        Distribution distribution = new Distribution(Path.of(System.getProperty("lateen.home", ".")));
        try {
            StaticTraining.run(distribution.home(), distribution.archive("proxy"));
            if (!"root".equals(System.getProperty("user.name"))) {
                System.err.println("lateen: not root: sidecars and control planes will start more slowly");
                return 0;
            }
            Shop shop = Shop.read(distribution);
            try (LocalMesh mesh =
                    LocalMesh.train(shop.plan("train", Sabotage.NONE, Optional.empty()), distribution, TRAINED)) {
                Calls calls = new Calls(mesh, shop);
                int answered = 0;
                for (int i = 0; i < CALLS; i++) {
                    // The first may time out: a JVM that records is slow.
                    answered += calls.get("client", "http://frontend/books").status() == 200 ? 1 : 0;
                }
                if (answered < CALLS / 2) {
                    throw new IOException("training: " + answered + " of " + CALLS + " calls were answered");
                }
                var _ = calls.say("client", "frontend", 9000, "hello");
                mesh.closeAndKeepArchives(TRAINED, distribution);
            }
            return 0;
        } catch (IOException e) {
            System.err.println("lateen train: " + e.getMessage());
            return 1;
        }
    }
}
