package lateen.cli.demo;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** Sequential calls on a thread of their own. */
final class SequentialCalls implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    final List<String> failures = new CopyOnWriteArrayList<>();
    private final AtomicInteger answered = new AtomicInteger();
    private volatile boolean wanted = true;
    private final Calls calls;
    private final String url;
    private final Thread thread;

    SequentialCalls(Calls calls, String url) {
        this.calls = calls;
        this.url = url;
        this.thread = Thread.ofPlatform().name("traffic").start(this::run);
    }

    private void run() {
        while (wanted) {
            try {
                Calls.Http answer = calls.get("client", url);
                if (answer.status() == 200) {
                    answered.incrementAndGet();
                } else {
                    failures.add(answer.toString());
                }
            } catch (IOException e) {
                failures.add(e.toString());
            }
        }
    }

    void awaitMore(int more) {
        int target = answered.get() + more;
        await().atMost(PATIENCE).until(() -> answered.get() >= target || !failures.isEmpty());
    }

    void goOnFor(Duration time) {
        await().pollDelay(time).atMost(time.plus(PATIENCE)).until(() -> true);
        awaitMore(3);
    }

    @Override
    public void close() throws InterruptedException {
        wanted = false;
        thread.join();
    }
}
