import java.net.ServerSocket;
import java.time.LocalTime;

/** Tells the time to whoever connects, and closes: java Clock.java PORT. */
class Clock {
    public static void main(String[] args) throws Exception {
        try (ServerSocket server = new ServerSocket(Integer.parseInt(args[0]))) {
            while (true) {
                try (var caller = server.accept()) {
                    caller.getOutputStream().write(("it is " + LocalTime.now() + "\n").getBytes());
                } catch (java.io.IOException e) {
                    System.out.println(e); // a caller that went away: the next one counts
                }
            }
        }
    }
}
