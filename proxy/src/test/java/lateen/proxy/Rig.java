package lateen.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;
import lateen.decision.config.ProxyConfig;
import lateen.proxy.Proxy.Acceptance;

/** Proxies of a test and all that must be closed after it; then nothing may have leaked, and no handler may have failed. */
public final class Rig implements AutoCloseable {
    private final Deque<AutoCloseable> open = new ArrayDeque<>();
    private final Complaints complaints = new Complaints();

    public Rig() {
        Leaks.install();
    }

    public <T extends AutoCloseable> T with(T closeable) {
        open.push(closeable);
        return closeable;
    }

    Proxy proxy(ProxyConfig config) throws Exception {
        return proxy(ProxySettings.defaults().withWorkers(2), config);
    }

    public Proxy proxy(ProxySettings settings, ProxyConfig config) throws Exception {
        Proxy proxy = Proxy.start(settings);
        open.push(() -> {
            proxy.close();
            proxy.closed().toCompletableFuture().get(10, TimeUnit.SECONDS);
        });
        apply(proxy, config);
        return proxy;
    }

    public static void apply(Proxy proxy, ProxyConfig config) throws Exception {
        Acceptance acceptance = proxy.accept(config).toCompletableFuture().get(10, TimeUnit.SECONDS);
        assertThat(acceptance).isInstanceOf(Acceptance.Accepted.class);
    }

    public static InetSocketAddress address(Proxy proxy, String listener) {
        return proxy.addresses(listener).getFirst();
    }

    @Override
    public void close() throws Exception {
        while (!open.isEmpty()) {
            open.pop().close();
        }
        complaints.close();
        assertThat(complaints.found()).isEmpty();
        assertThat(Leaks.found()).isEmpty();
    }
}
