package lateen.cli.services;

import java.util.concurrent.CountDownLatch;

/** Keeps a server running until the process is asked to end, then closes it. */
final class Foreground {
    private Foreground() {}

    /** Unless the user chose a form: the JDK's own has two lines for each entry. To be called before the first entry. */
    static void logOneLineEach() {
        String property = "java.util.logging.SimpleFormatter.format";
        if (System.getProperty(property) == null) {
            System.setProperty(property, "%1$tFT%1$tT.%1$tL%1$tz %4$s %5$s%6$s%n");
        }
    }

    /** @param close called once, on the JVM's shutdown thread; what it throws ends up on standard error */
    static void until(AutoCloseable close) throws InterruptedException {
        CountDownLatch closed = new CountDownLatch(1);
        Runtime.getRuntime()
                .addShutdownHook(Thread.ofPlatform().name("lateen-stop").unstarted(() -> {
                    try {
                        close.close();
                    } catch (Exception e) {
                        System.err.println("lateen: " + e.getMessage());
                    } finally {
                        closed.countDown();
                    }
                }));
        closed.await();
    }
}
