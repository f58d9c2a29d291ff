package lateen.proxy.stats;

/** Istio's metrics of the TCP connections under one set of labels. Any thread. */
public final class TcpMetrics {

    private final Counter opened;
    private final Counter closed;
    private final Counter sent;
    private final Counter received;

    TcpMetrics(Counter opened, Counter closed, Counter sent, Counter received) {
        this.opened = opened;
        this.closed = closed;
        this.sent = sent;
        this.received = received;
    }

    public void opened() {
        opened.increment();
    }

    public void closed() {
        closed.increment();
    }

    /** Bytes sent to the downstream: what its request got as an answer. */
    public void sent(long bytes) {
        sent.add(bytes);
    }

    /** Bytes received from the downstream. */
    public void received(long bytes) {
        received.add(bytes);
    }
}
