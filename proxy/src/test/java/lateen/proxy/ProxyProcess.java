package lateen.proxy;

import java.nio.file.Path;
import lateen.xds.bootstrap.StandaloneBootstrap;

/** A proxy in a process of its own, for tests that put one into a network namespace; ends with its standard input. */
final class ProxyProcess {
    private ProxyProcess() {}

    public static void main(String[] args) throws Exception {
        try (Proxy proxy = Proxy.start(ProxySettings.defaults().withWorkers(1))) {
            Proxy.Acceptance acceptance = proxy.accept(
                            StandaloneBootstrap.usable(Path.of(args[0])).config())
                    .toCompletableFuture()
                    .get();
            System.out.println(acceptance);
            while (System.in.read() >= 0) {
                // Until the test is over.
            }
        }
    }
}
