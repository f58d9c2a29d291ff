package lateen.control.ca;

import java.net.InetAddress;
import java.security.KeyPair;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import lateen.identity.CertificateRequest;
import lateen.identity.KeyMaterial;
import lateen.identity.ReloadingKeyManager;
import org.bouncycastle.asn1.x509.GeneralName;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The control plane's own serving certificate: signed by its CA, kept in memory only, renewed with a new key at half of
 * its life.
 *
 * <p>It names {@link #HOST}, {@code localhost}, the loopback addresses and the addresses given.
 */
public final class ServerIdentity {
    /** The host name by which sidecars know the control plane, whatever address they dial. */
    public static final String HOST = "istiod.istio-system.svc";

    private static final Duration LEAST = Duration.ofSeconds(1);
    private static final Duration LOOK = Duration.ofMinutes(1);
    private static final Logger log = LoggerFactory.getLogger(ServerIdentity.class);

    private final CertificateAuthority authority;
    private final List<GeneralName> names = new ArrayList<>();
    private final InstantSource clock;
    private final ReloadingKeyManager keys = new ReloadingKeyManager();

    /** Makes the first key and certificate at once. */
    public ServerIdentity(CertificateAuthority authority, List<InetAddress> addresses, InstantSource clock) {
        this.authority = authority;
        this.clock = clock;
        names.add(new GeneralName(GeneralName.dNSName, HOST));
        names.add(new GeneralName(GeneralName.dNSName, "localhost"));
        names.add(new GeneralName(GeneralName.iPAddress, "127.0.0.1"));
        names.add(new GeneralName(GeneralName.iPAddress, "::1"));
        for (InetAddress address : addresses) {
            // The scope of a link-local address is not part of the name.
            names.add(new GeneralName(
                    GeneralName.iPAddress, address.getHostAddress().replaceAll("%.*", "")));
        }
        renew();
    }

    /** For TLS contexts; always presents the newest certificate. */
    public ReloadingKeyManager keyManager() {
        return keys;
    }

    /**
     * Renews from now on, on {@code scheduler}'s threads, until that is shut down. The clock is looked at once a minute:
     * set forwards, renewal comes at once; set backwards, after the time that was to be waited.
     */
    public void renewOn(ScheduledExecutorService scheduler) {
        Duration delay = untilHalfOfLife();
        waiting(
                scheduler,
                delay.compareTo(LEAST) < 0 ? LEAST : delay,
                clock.instant().plus(delay));
    }

    private void waiting(ScheduledExecutorService scheduler, Duration remaining, Instant due) {
        if (remaining.isZero() || clock.instant().isAfter(due)) {
            try {
                renew();
            } catch (RuntimeException e) {
                log.error("the control plane's certificate was not renewed; {} is kept", keys.current(), e);
            }
            renewOn(scheduler);
            return;
        }
        Duration step = remaining.compareTo(LOOK) < 0 ? remaining : LOOK;
        var _ = scheduler.schedule(
                () -> waiting(scheduler, remaining.minus(step), due), step.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Makes a new key and certificate now. */
    void renew() {
        KeyPair pair = CertificateRequest.generateKeys();
        KeyMaterial material = new KeyMaterial(pair.getPrivate(), authority.issueServer(pair.getPublic(), names));
        keys.set(material);
        log.debug("serving with {}", material);
    }

    private Duration untilHalfOfLife() {
        KeyMaterial current = keys.current();
        return current == null
                ? Duration.ZERO
                : Duration.between(clock.instant(), current.notAfter()).dividedBy(2);
    }
}
