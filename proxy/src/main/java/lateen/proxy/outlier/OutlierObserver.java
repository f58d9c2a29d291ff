package lateen.proxy.outlier;

import java.time.Duration;
import lateen.decision.net.SocketAddr;

/** Is told what a detector finds and does. Called by any loop, one call at a time for each detector. */
public interface OutlierObserver {

    /** An outlier, whether or not it is then ejected. */
    void detected(OutlierKind kind);

    /** It is left out from now on. */
    void ejected(SocketAddr host, OutlierKind kind, Duration atLeast, int active, int hosts);

    /** An outlier stays because too many are out already. */
    void overflow();

    /** It takes part again. */
    void returned(SocketAddr host, Duration after, int active, int hosts);

    /** How many are out now, where that changed otherwise. */
    void active(int active);
}
