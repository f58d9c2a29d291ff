package lateen.proxy.listener;

import lateen.proxy.Failure;
import lateen.proxy.pool.Dialled;
import lateen.proxy.program.AccessStep;
import lateen.proxy.program.Authorization;
import lateen.proxy.program.ChainProgram;
import lateen.proxy.program.TcpProgram;
import lateen.proxy.tcp.TcpDial;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The race between the first bytes of both sides. An inspector has nothing to look at while the client is silent, and in
 * some protocols (MySQL, SMTP, FTP) it is silent until the server has spoken. So the host is dialled to which a silent
 * client would be led in the end, and if the server speaks first, that is what this connection is.
 *
 * <p>Only where the listener lets silent clients pass ({@code continue_on_listener_filters_timeout}), into a chain of
 * plain TCP whose authorization they pass first: nobody can cause a connection here that it could not cause by waiting.
 * A chain whose policies ask for the server name must know it, so there is no race for that.
 *
 * <p>A client that speaks while this goes on is inspected as ever; the connection serves it if its chain leads to the same
 * clusters by TCP, else it is closed. Owned by the connection's loop.
 */
final class ServerFirst implements Admission.Outcome, TcpDial.Waiter {
    private static final Logger log = LoggerFactory.getLogger(ServerFirst.class);

    /**
     * A client that speaks first does so nearly always within this time of its connection: its bytes come with the last
     * packet of the TCP handshake. Dialling for it would be in vain. No outcome depends on this time, only work.
     */
    static final long HEAD_START_MILLIS = 2;

    private final Arrived arrived;
    private final TcpProgram tcp;
    private final ChainProgram chain;
    private final Runnable spoke;
    private final Admission admission;
    private boolean admitted;
    private boolean clientSpoke;
    private @Nullable TcpDial dial;

    private ServerFirst(Arrived arrived, ChainProgram chain, TcpProgram tcp, Runnable spoke) {
        this.arrived = arrived;
        this.chain = chain;
        this.tcp = tcp;
        this.spoke = spoke;
        this.admission = new Admission(
                arrived.live(), arrived.worker(), arrived.program(), arrived.connection(), chain.authorization(), this);
    }

    /** The chain of a silent client, if that is plain TCP. Null: it is not, or depends on more than is known of it. */
    private static @Nullable ChainProgram silentChain(Arrived arrived) {
        ChainProgram silent = arrived.listener().select(arrived.connection());
        return silent == null || silent.tls() != null || silent.asksServerName() ? null : silent;
    }

    /**
     * Whether a client that never says anything is served, by plain TCP. Such as {@code nc host 25 < /dev/null}, which
     * still wants to hear what the server has to say.
     */
    static boolean servesSilent(Arrived arrived) {
        ChainProgram silent = silentChain(arrived);
        return arrived.listener().config().inspectors().continueOnTimeout()
                && silent != null
                && silent.terminal() instanceof ChainProgram.Terminal.Tcp;
    }

    /**
     * Starts the race.
     *
     * @param spoke called when the server was first; never before this returns
     * @return null: there is none for this connection
     */
    static @Nullable ServerFirst start(Arrived arrived, Runnable spoke) {
        ChainProgram silent = silentChain(arrived);
        if (silent == null
                || !(silent.terminal() instanceof ChainProgram.Terminal.Tcp(TcpProgram tcp))
                || tcp.tunnel() != null) {
            return null;
        }
        for (AccessStep step : silent.authorization()) {
            // A denial is said when it is one: this client may yet turn out to belong to another chain.
            if (step instanceof Authorization rules && !rules.permits(arrived.connection())) {
                return null;
            }
        }
        ServerFirst race = new ServerFirst(arrived, silent, tcp, spoke);
        race.admission.start();
        return race;
    }

    @Override
    public void asking() {
        // The client may go on; only the host waits.
    }

    @Override
    public void admitted() {
        admitted = true;
        if (!clientSpoke) {
            dial = TcpDial.start(arrived.live(), arrived.worker(), arrived.program(), arrived.connection(), tcp);
            dial.await(this);
        }
    }

    /** It is asked again, and said, if the connection does go into this chain. */
    @Override
    public void denied(Failure failure) {}

    @Override
    public void connected(Dialled dialled) {
        if (!clientSpoke && dial != null) {
            // One turn of the loop, so that a client whose bytes are here already goes first.
            dial.listen(() -> arrived.worker().loop().execute(this::heard));
        }
    }

    private void heard() {
        if (!clientSpoke) {
            spoke.run();
        }
    }

    /** The client still gets its chain, and the reason why that has no host, when it is clear which it is. */
    @Override
    public void failed(Failure failure) {
        log.debug(
                "listener {}: no connection for a silent client: {}",
                arrived.listener().config().name(),
                failure.details());
    }

    /** What the server says no longer decides. */
    void clientSpoke() {
        clientSpoke = true;
        if (dial != null) {
            dial.stopListening();
        }
    }

    /** Whether that chain's authorization has let the connection in, by what is still all that is known of it. */
    @SuppressWarnings("ReferenceEquality") // one listener's chains
    boolean admittedTo(ChainProgram chosen) {
        return admitted && chosen == chain && arrived.connection().isUninspected();
    }

    /** Whether the connection to the host may serve that chain; otherwise it is closed now. */
    boolean serves(ChainProgram chosen) {
        if (chosen.terminal() instanceof ChainProgram.Terminal.Tcp(TcpProgram other)
                && other.tunnel() == null
                && other.config().clusters().equals(tcp.config().clusters())) {
            return true;
        }
        abandon();
        return false;
    }

    /** The connection to the host, the caller's now. Null: there is none that could be used. */
    @Nullable
    TcpDial take() {
        clientSpoke();
        admission.cancel();
        TcpDial taken = dial;
        dial = null;
        if (taken != null && !taken.usable()) {
            taken.abandon();
            return null;
        }
        return taken;
    }

    void abandon() {
        clientSpoke = true;
        admission.cancel();
        if (dial != null) {
            dial.abandon();
            dial = null;
        }
    }
}
