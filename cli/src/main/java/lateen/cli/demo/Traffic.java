package lateen.cli.demo;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** Requests one after the other, on a thread of their own, from start to {@link #close}. */
final class Traffic implements AutoCloseable {
    /** Of one curl. */
    private static final int BATCH = 25;

    private final Calls calls;
    private final String from;
    private final String url;
    private final AtomicInteger sent = new AtomicInteger();
    private final List<String> failures = new ArrayList<>(); // guarded by itself
    private volatile boolean wanted = true;
    private final Thread thread = Thread.ofPlatform().daemon().name("traffic").unstarted(this::run);

    private Traffic(Calls calls, String from, String url) {
        this.calls = calls;
        this.from = from;
        this.url = url;
    }

    static Traffic start(Calls calls, String from, String url) {
        Traffic traffic = new Traffic(calls, from, url);
        traffic.thread.start();
        return traffic;
    }

    private void run() {
        while (wanted) {
            try {
                for (int status : calls.statuses(from, url, BATCH)) {
                    sent.incrementAndGet();
                    if (status != 200) {
                        failed("status " + status);
                    }
                }
            } catch (IOException e) {
                failed(e.toString());
            }
        }
    }

    private void failed(String what) {
        synchronized (failures) {
            failures.add(what);
        }
    }

    /** Requests whose answers have been counted; those of the batch under way come later. */
    int sent() {
        return sent.get();
    }

    List<String> failures() {
        synchronized (failures) {
            return List.copyOf(failures);
        }
    }

    /** Returns when the last batch is counted. */
    @Override
    public void close() throws IOException {
        wanted = false;
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
