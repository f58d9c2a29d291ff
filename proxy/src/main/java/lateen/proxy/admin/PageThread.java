package lateen.proxy.admin;

import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes pages one after the other, on a thread that ends when nothing was asked for some seconds. */
final class PageThread implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(PageThread.class);
    private static final int KEPT_SECONDS = 5;

    private final ThreadPoolExecutor thread = new ThreadPoolExecutor(
            1,
            1,
            KEPT_SECONDS,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            new DefaultThreadFactory("lateen-admin", true));

    PageThread() {
        thread.allowCoreThreadTimeOut(true);
    }

    /** The queue is bounded by the connections, each of which waits for one page at most. */
    void make(Page page, Query query, Consumer<Reply> then) {
        try {
            thread.execute(() -> then.accept(answer(page, query)));
        } catch (RejectedExecutionException e) {
            then.accept(Reply.refuse(Status.UNAVAILABLE, "the administration interface stops\n"));
        }
    }

    /** A page that fails is a fault of ours, and no reason to leave the client waiting. */
    static Reply answer(Page page, Query query) {
        try {
            return page.answer(query);
        } catch (RuntimeException e) {
            LOG.error("{} could not be made", page.path(), e);
            return Reply.refuse(Status.FAILED, page.path() + " could not be made: " + e + " (the log has more)\n");
        }
    }

    @Override
    public void close() {
        thread.shutdown();
    }
}
