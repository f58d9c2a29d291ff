package lateen.proxy.outlier;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.ToDoubleFunction;
import java.util.random.RandomGenerator;
import lateen.decision.config.OutlierDetection;
import lateen.decision.config.OutlierDetection.FailurePercentage;
import lateen.decision.config.OutlierDetection.SuccessRate;
import lateen.decision.net.SocketAddr;
import org.jspecify.annotations.Nullable;

/**
 * Watches the hosts of one cluster: what became of each request is told here; a host that is an outlier is ejected, and
 * returns at a later {@link #tick}. Made anew with the cluster; the hosts that stay keep their state.
 *
 * <p>Any loop. Times are as {@link System#nanoTime}.
 */
public final class OutlierDetector {
    private static final int SERVER_ERROR = 500;

    private final OutlierDetection rules;
    private final Map<SocketAddr, HostMonitor> hosts;
    private final OutlierObserver observer;
    private final RandomGenerator random;
    private final boolean rates;
    private final boolean localRates;
    /** Of this cluster and those that it was before. */
    private final Shared shared;

    /** Ejected hosts of this detector have been counted once; from then on each change is told. Guarded by {@link #shared}. */
    private boolean counted;

    /** What all detectors of one cluster have in common; its monitor guards ejections. */
    private static final class Shared {
        final AtomicInteger epoch = new AtomicInteger();
        int active;
        long sweptAt;
        boolean swept;
    }

    private OutlierDetector(
            OutlierDetection rules,
            Map<SocketAddr, HostMonitor> hosts,
            OutlierObserver observer,
            RandomGenerator random,
            Shared shared) {
        this.rules = rules;
        this.hosts = hosts;
        this.observer = observer;
        this.random = random;
        this.shared = shared;
        SuccessRate success = rules.successRate();
        FailurePercentage failure = rules.failurePercentage();
        this.rates = success.enforcing() > 0 || failure.enforcing() > 0;
        this.localRates = success.enforcingLocal() > 0 || failure.enforcingLocal() > 0;
    }

    /**
     * @param addresses of all hosts
     * @param before the detector of that cluster until now; null: there was none
     * @param random for chances; used under a lock
     */
    public static OutlierDetector of(
            OutlierDetection rules,
            List<SocketAddr> addresses,
            @Nullable OutlierDetector before,
            OutlierObserver observer,
            RandomGenerator random) {
        Map<SocketAddr, HostMonitor> hosts = new LinkedHashMap<>();
        for (SocketAddr each : addresses) {
            HostMonitor known = before == null ? null : before.hosts.get(each);
            hosts.put(each, known == null ? new HostMonitor(each) : known);
        }
        return new OutlierDetector(rules, hosts, observer, random, before == null ? new Shared() : before.shared);
    }

    public HostMonitor monitor(SocketAddr host) {
        return Objects.requireNonNull(hosts.get(host));
    }

    /** Changes when a host goes out or comes back. */
    public int epoch() {
        return shared.epoch.get();
    }

    /** The host has answered. */
    public void answered(HostMonitor host, int status, long now) {
        boolean failed = status >= SERVER_ERROR;
        if (rates) {
            host.answers.add(!failed);
        }
        if (!failed) {
            host.serverErrors.end();
            host.gatewayErrors.end();
            return;
        }
        if (status >= 502 && status <= 504) {
            if (host.gatewayErrors.add() == rules.gatewayErrors().threshold()) {
                found(host, OutlierKind.CONSECUTIVE_GATEWAY_FAILURE, host.gatewayErrors, now);
            }
        } else {
            host.gatewayErrors.end();
        }
        if (host.serverErrors.add() == rules.serverErrors().threshold()) {
            found(host, OutlierKind.CONSECUTIVE_5XX, host.serverErrors, now);
        }
    }

    /** A connection to the host is there, over which its answer is to come. */
    public void connected(HostMonitor host) {
        if (rules.splitLocalOrigin()) {
            if (localRates) {
                host.local.add(true);
            }
            host.localErrors.end();
        }
    }

    /** As {@link #connected}, where no answer is waited for: TCP. */
    public void connectedOnly(HostMonitor host, long now) {
        if (rules.splitLocalOrigin()) {
            connected(host);
        } else {
            answered(host, 200, now);
        }
    }

    /** No connection came about, or it ended before the answer did. */
    public void failed(HostMonitor host, long now) {
        withoutAnswer(host, 503, now);
    }

    /** The answer did not come in time. */
    public void timedOut(HostMonitor host, long now) {
        withoutAnswer(host, 504, now);
    }

    private void withoutAnswer(HostMonitor host, int as, long now) {
        if (!rules.splitLocalOrigin()) {
            answered(host, as, now);
            return;
        }
        if (localRates) {
            host.local.add(false);
        }
        if (host.localErrors.add() == rules.localErrors().threshold()) {
            found(host, OutlierKind.CONSECUTIVE_LOCAL_ORIGIN_FAILURE, host.localErrors, now);
        }
    }

    private void found(HostMonitor host, OutlierKind kind, HostMonitor.Run run, long now) {
        synchronized (shared) {
            if (!host.ejected()) {
                observer.detected(kind);
                eject(host, kind, now);
            }
            run.end();
        }
    }

    private int enforcing(OutlierKind kind) {
        return switch (kind) {
            case CONSECUTIVE_5XX -> rules.serverErrors().enforcing();
            case CONSECUTIVE_GATEWAY_FAILURE -> rules.gatewayErrors().enforcing();
            case CONSECUTIVE_LOCAL_ORIGIN_FAILURE -> rules.localErrors().enforcing();
            case SUCCESS_RATE -> rules.successRate().enforcing();
            case LOCAL_ORIGIN_SUCCESS_RATE -> rules.successRate().enforcingLocal();
            case FAILURE_PERCENTAGE -> rules.failurePercentage().enforcing();
            case LOCAL_ORIGIN_FAILURE_PERCENTAGE -> rules.failurePercentage().enforcingLocal();
        };
    }

    private void eject(HostMonitor host, OutlierKind kind, long now) {
        int active = active();
        if (!EjectionRules.mayEject(rules, active, hosts.size())) {
            observer.overflow();
            return;
        }
        if (random.nextInt(100) >= enforcing(kind)) {
            return;
        }
        long jitter = rules.maxEjectionTimeJitter().toNanos();
        host.ejectedAt = now;
        host.jitterNanos = jitter == 0 ? 0 : random.nextLong(jitter + 1);
        host.ejections = EjectionRules.ejected(rules, host.ejections);
        host.ejected(true);
        shared.epoch.incrementAndGet();
        shared.active = active + 1;
        observer.ejected(
                host.address,
                kind,
                Duration.ofNanos(EjectionRules.duration(rules, host.ejections, host.jitterNanos)),
                active + 1,
                hosts.size());
    }

    /** Counted, not kept: hosts come and go with updates. */
    private int active() {
        int active = 0;
        for (HostMonitor each : hosts.values()) {
            active += each.ejected() ? 1 : 0;
        }
        return active;
    }

    /** To be called often; does something once in an interval, from the first call on. */
    public void tick(long now) {
        synchronized (shared) {
            if (!counted) {
                counted = true;
                int active = active();
                if (active != shared.active) {
                    // An ejected host is no longer there: this detector has other hosts than the one before.
                    shared.active = active;
                    observer.active(active);
                }
            }
            if (!shared.swept) {
                shared.swept = true;
                shared.sweptAt = now;
            }
            if (now - shared.sweptAt < rules.interval().toNanos()) {
                return;
            }
            shared.sweptAt = now;
            hosts.values().forEach(each -> look(each, now));
            if (rates) {
                compare(host -> host.answers, OutlierKind.SUCCESS_RATE, OutlierKind.FAILURE_PERCENTAGE, now);
            }
            if (localRates) {
                compare(
                        host -> host.local,
                        OutlierKind.LOCAL_ORIGIN_SUCCESS_RATE,
                        OutlierKind.LOCAL_ORIGIN_FAILURE_PERCENTAGE,
                        now);
            }
        }
    }

    private void look(HostMonitor host, long now) {
        if (!host.ejected()) {
            host.ejections = Math.max(0, host.ejections - 1);
            return;
        }
        long out = now - host.ejectedAt;
        if (out < EjectionRules.duration(rules, host.ejections, host.jitterNanos)) {
            return;
        }
        host.forgetFailures();
        host.ejected(false);
        shared.epoch.incrementAndGet();
        shared.active = active();
        observer.returned(host.address, Duration.ofNanos(out), shared.active, hosts.size());
    }

    private interface RateOf {
        HostMonitor.Rate of(HostMonitor host);
    }

    /** The hosts of the interval that ends now with each other, and each with what is too much. */
    private void compare(RateOf rate, OutlierKind byRate, OutlierKind byShare, long now) {
        SuccessRate success = rules.successRate();
        FailurePercentage failure = rules.failurePercentage();
        List<HostMonitor> forRate = new ArrayList<>();
        List<HostMonitor> forShare = new ArrayList<>();
        for (HostMonitor each : hosts.values()) {
            HostMonitor.Window window = rate.of(each).take();
            rate.of(each).last = HostMonitor.UNKNOWN;
            if (each.ejected() || window.all() == 0) {
                continue;
            }
            if (window.all() >= Math.min(success.requestVolume(), failure.requestVolume())) {
                rate.of(each).last = window.percent();
            }
            if (window.all() >= success.requestVolume()) {
                forRate.add(each);
            }
            if (window.all() >= failure.requestVolume()) {
                forShare.add(each);
            }
        }
        ToDoubleFunction<HostMonitor> last = host -> rate.of(host).last;
        if (!forRate.isEmpty() && forRate.size() >= success.minimumHosts()) {
            double threshold = EjectionRules.threshold(
                    forRate.stream().map(last::applyAsDouble).toList(), success.stdevFactor());
            forRate.stream()
                    .filter(host -> last.applyAsDouble(host) < threshold)
                    .forEach(host -> outlier(host, byRate, now));
        }
        if (!forShare.isEmpty() && forShare.size() >= failure.minimumHosts()) {
            forShare.stream()
                    .filter(host -> 100 - last.applyAsDouble(host) >= failure.threshold())
                    .forEach(host -> outlier(host, byShare, now));
        }
    }

    private void outlier(HostMonitor host, OutlierKind kind, long now) {
        if (enforcing(kind) > 0 && !host.ejected()) {
            observer.detected(kind);
            eject(host, kind, now);
        }
    }
}
