package lateen.proxy.program;

import java.util.List;
import java.util.function.Consumer;
import lateen.proxy.connection.Exit;

/** The access logs of a listener or terminal filter; each exit is written once. */
public final class AccessLogs {
    private final List<Consumer<Exit>> sinks;

    public AccessLogs(List<Consumer<Exit>> sinks) {
        this.sinks = List.copyOf(sinks);
    }

    public void write(Exit exit) {
        exit.endNanos = System.nanoTime();
        for (Consumer<Exit> each : sinks) {
            each.accept(exit);
        }
    }
}
