package lateen.proxy.tcp;

import io.netty.channel.Channel;
import lateen.decision.config.ClusterConfig;
import lateen.decision.net.SocketAddr;
import lateen.proxy.Failure;
import lateen.proxy.accesslog.LogEntry;
import lateen.proxy.cluster.Breakers;
import lateen.proxy.cluster.Cluster;
import lateen.proxy.cluster.Host;
import lateen.proxy.connection.Downstream;
import lateen.proxy.loop.Worker;
import lateen.proxy.outlier.HostMonitor;
import lateen.proxy.pool.Dial;
import lateen.proxy.pool.Dialled;
import lateen.proxy.pool.OnBehalf;
import lateen.proxy.program.Live;
import lateen.proxy.program.Program;
import lateen.proxy.program.TcpProgram;
import org.jspecify.annotations.Nullable;

/**
 * One connection to a host for one client: a cluster by weight, a host, its circuit breaker, the dial. Whoever waits for
 * it may come later, and is then told what happened meanwhile.
 *
 * <p>Owned by the worker's loop. Whoever started it, or took it over, calls {@link #end} once it is used up.
 */
public final class TcpDial implements Dial.Outcome {

    /** Told once, perhaps before {@link #await} returns. */
    public interface Waiter {
        void connected(Dialled dialled);

        /** There is a way through another connection. Only for those who start with a {@link TcpProgram#tunnel}. */
        default void tunnelled(Tunnelled tunnel) {
            tunnel.close();
        }

        void failed(Failure failure);
    }

    private final String clusterName;
    /** Set while a connection of its circuit breaker is taken. */
    private @Nullable Cluster cluster;

    private @Nullable Host host;
    private @Nullable Channel channel;
    private @Nullable Tunnelled tunnel;
    private Breakers.Resource taken = Breakers.Resource.CONNECTION;
    private @Nullable Dialled dialled;
    private @Nullable Failure failure;
    private @Nullable Waiter waiter;
    private @Nullable FirstWords words;
    private boolean ended;

    private TcpDial(String clusterName) {
        this.clusterName = clusterName;
    }

    public static TcpDial start(Live live, Worker worker, Program program, Downstream connection, TcpProgram tcp) {
        TcpDial dial =
                new TcpDial(tcp.clusters().pick(worker.random().nextLong()).name());
        Failure failure = dial.begin(live, worker, program, connection, tcp.tunnel());
        if (failure != null) {
            dial.failure = failure;
        }
        return dial;
    }

    private @Nullable Failure begin(
            Live live, Worker worker, Program program, Downstream connection, TcpProgram.@Nullable Tunnel within) {
        Cluster chosen = program.cluster(clusterName);
        if (chosen == null) {
            return new Failure.NoCluster(clusterName);
        }
        Host picked = chosen.choose(
                connection.originalDestination(),
                worker.index(),
                worker.random().nextLong());
        if (picked == null) {
            return new Failure.NoHealthyHost(clusterName);
        }
        host = picked;
        chosen.counters().requests().increment();
        taken = within == null ? Breakers.Resource.CONNECTION : Breakers.Resource.REQUEST;
        if (!chosen.breakers().take(taken)) {
            (within == null
                            ? chosen.counters().connectionOverflow()
                            : chosen.counters().activeOverflow())
                    .increment();
            return new Failure.Overflow(clusterName);
        }
        cluster = chosen;
        picked.began();
        if (within == null) {
            channel = Dial.start(worker, chosen, picked, true, OnBehalf.of(picked, connection), this);
            return null;
        }
        LogEntry facts = new LogEntry().begin(connection, connection.startNanos(), 0);
        Tunnelled opening = new Tunnelled(within, within.hostname().of(facts), this);
        tunnel = opening;
        boolean http2 = chosen.config().http() == ClusterConfig.UpstreamHttp.HTTP2;
        opening.open(live.pools(worker).of(chosen, picked, http2, connection));
        return null;
    }

    String clusterName() {
        return clusterName;
    }

    /** Null: there is none, or its circuit breaker is open. */
    @Nullable
    Cluster cluster() {
        return cluster;
    }

    /** Null: none was found. */
    @Nullable
    Host host() {
        return host;
    }

    @Nullable
    SocketAddr address() {
        return host == null ? null : host.address();
    }

    /** Null: nothing was dialled. */
    @Nullable
    Channel channel() {
        return channel;
    }

    /** What the server said before anybody took the connection over; null: nobody listened. */
    @Nullable
    FirstWords words() {
        return words;
    }

    /** From now on this one is told, and nobody else. */
    public void await(Waiter by) {
        waiter = by;
        if (dialled != null) {
            by.connected(dialled);
        } else if (failure != null) {
            by.failed(failure);
        }
    }

    /**
     * Reads what the server says first, once. To be called when connected; until then nothing is read.
     *
     * @param heard called at the first bytes; reading stops with them
     */
    public void listen(Runnable heard) {
        if (channel != null && words == null) {
            words = new FirstWords(heard);
            channel.pipeline().addLast(words);
            channel.config().setAutoRead(true);
        }
    }

    /** Reads no further, and calls nobody; what was said is kept for the session. */
    public void stopListening() {
        waiter = null;
        if (words != null && channel != null) {
            words.stop();
            channel.config().setAutoRead(false);
        }
    }

    /** Whether a session can still begin with it: not failed, and not given up by a server that had nothing to say. */
    public boolean usable() {
        boolean failed = failure != null || ended;
        return !failed && (dialled == null || dialled.channel().isActive() || (words != null && words.said()));
    }

    @Override
    public void connected(Dialled fresh) {
        Host to = host;
        Cluster of = cluster;
        if (ended || to == null || of == null) {
            fresh.channel().close();
            return;
        }
        HostMonitor monitor = to.monitor();
        if (monitor != null && of.outliers() != null) {
            of.outliers().connectedOnly(monitor, System.nanoTime());
        }
        dialled = fresh;
        if (waiter != null) {
            waiter.connected(fresh);
        }
    }

    void opened(Tunnelled fresh) {
        if (ended || waiter == null) {
            fresh.close();
        } else {
            waiter.tunnelled(fresh);
        }
    }

    /** There is no tunnel. */
    void refused(Failure why) {
        if (!(why instanceof Failure.ConnectFailed connect)) {
            failure = why;
            if (!ended && waiter != null) {
                waiter.failed(why);
            }
        } else {
            failed(connect);
        }
    }

    @Override
    public void failed(Failure.ConnectFailed why) {
        if (ended) {
            // Closed by ourselves; that says nothing of the host.
            return;
        }
        HostMonitor monitor = host == null ? null : host.monitor();
        if (monitor != null && cluster != null && cluster.outliers() != null) {
            cluster.outliers().failed(monitor, System.nanoTime());
        }
        failure = why;
        if (waiter != null) {
            waiter.failed(why);
        }
    }

    /** The connection counts no longer. Closes a tunnel, but not a connection of its own. */
    void end() {
        if (!ended) {
            ended = true;
            waiter = null;
            if (tunnel != null) {
                tunnel.close();
            }
            if (words != null) {
                words.release();
            }
            if (cluster != null) {
                cluster.breakers().giveBack(taken);
                if (host != null) {
                    host.ended();
                }
            }
        }
    }

    /** Nobody wants it. */
    public void abandon() {
        end();
        if (channel != null) {
            channel.close();
        }
    }
}
