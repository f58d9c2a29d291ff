package lateen.proxy.pool;

import io.netty.channel.Channel;
import lateen.proxy.Failure;
import lateen.proxy.cluster.Breakers;
import lateen.proxy.cluster.Cluster;
import lateen.proxy.cluster.Host;
import lateen.proxy.loop.Worker;
import org.jspecify.annotations.Nullable;

/** A plain TCP connection to a host for one CONNECT, which is never used again. One for each request. */
final class Tunnels implements HostPool {
    private final Worker worker;
    private final Cluster cluster;
    private final Host host;
    private final @Nullable OnBehalf client;
    private @Nullable Channel dialling;
    private boolean cancelled;

    /** @param client whose connection it is, where the host is to see that; null: it is not */
    Tunnels(Worker worker, Cluster cluster, Host host, @Nullable OnBehalf client) {
        this.client = client;
        this.worker = worker;
        this.cluster = cluster;
        this.host = host;
    }

    @Override
    public void acquire(Waiter waiter, long now) {
        Breakers breakers = cluster.breakers();
        if (!breakers.take(Breakers.Resource.CONNECTION)) {
            cluster.counters().connectionOverflow().increment();
            waiter.failed(new Failure.Overflow(cluster.name()));
            return;
        }
        dialling = Dial.start(worker, cluster, host, true, client, new Dial.Outcome() {
            @Override
            public void connected(Dialled dialled) {
                dialled.channel().closeFuture().addListener(closed -> breakers.giveBack(Breakers.Resource.CONNECTION));
                if (cancelled) {
                    dialled.channel().close();
                    return;
                }
                HostTunnel tunnel = new HostTunnel(dialled);
                dialled.channel().pipeline().addLast(tunnel);
                waiter.ready(tunnel, false);
                dialled.channel().config().setAutoRead(true);
            }

            @Override
            public void failed(Failure.ConnectFailed failure) {
                breakers.giveBack(Breakers.Resource.CONNECTION);
                if (!cancelled) {
                    waiter.failed(failure);
                }
            }
        });
    }

    @Override
    public void cancel(Waiter waiter) {
        cancelled = true;
        if (dialling != null) {
            dialling.close();
        }
    }
}
