package lateen.proxy.http;

import lateen.proxy.program.ChainProgram;
import lateen.proxy.program.HttpProgram;
import lateen.proxy.program.ListenerProgram;
import lateen.proxy.program.Live;
import lateen.proxy.program.Program;

/**
 * Which connection manager a downstream connection is under: policies and routes that came since the last request count
 * for the next one; where that cannot be, the next one is the last. Owned by the connection's loop.
 */
final class Manager {
    private final Live live;
    private final ListenerProgram listener;
    private ChainProgram chain;
    private HttpProgram http;
    private boolean last;

    Manager(Live live, ListenerProgram listener, ChainProgram chain, HttpProgram http) {
        this.live = live;
        this.listener = listener;
        this.chain = chain;
        this.http = http;
    }

    /** Of the present request, or the one before. */
    HttpProgram http() {
        return http;
    }

    /** Whether the connection is to end after what it carries: its chain is no longer there as it was. */
    boolean last() {
        return last;
    }

    /** Whether the connection is to end after a request that begins now, because of overload. Counts it. */
    boolean sheds() {
        boolean ends = live.overload().disablesKeepAlive();
        if (ends) {
            http.counters().overloadKeepAlive().increment();
        }
        return ends;
    }

    /** A request begins: the program that it is under. */
    Program follow() {
        Program program = live.program();
        ListenerProgram now = program.listener(listener.config().name());
        if (now == listener) {
            return program;
        }
        ChainProgram next = now == null ? null : now.successorOf(chain);
        if (next != null && next.terminal() instanceof ChainProgram.Terminal.Http(HttpProgram newer)) {
            if (!newer.limits().equals(http.limits())) {
                last = true;
            }
            chain = next;
            http = newer;
        } else {
            last = true;
        }
        return program;
    }
}
