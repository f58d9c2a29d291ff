package lateen.proxy.overload;

import java.io.IOException;

/** Measures how much of a resource is in use. Asked by one thread. */
interface Gauge {
    /**
     * 0: none, 1: all of it.
     *
     * @throws IOException when it cannot be told at present
     */
    double pressure() throws IOException;
}
