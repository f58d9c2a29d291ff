package lateen.services.dashboard;

import java.util.List;

/** Where the dashboard's figures come from. Asked by one thread, every two seconds while somebody looks. */
public interface MetricsSource {

    /** What the picture is of, for its title. */
    String name();

    /** Reads every sidecar once, now. Blocks; one that does not answer is a {@link Page.Missing}, never an exception. */
    Observation observe() throws InterruptedException;

    /**
     * One reading of a mesh.
     *
     * @param pages one for each sidecar
     * @param hosts what is known to be there, whether or not there was traffic; may be empty
     */
    record Observation(List<Page> pages, List<Host> hosts) {
        public Observation {
            pages = List.copyOf(pages);
            hosts = List.copyOf(hosts);
        }
    }

    /** What a sidecar said. */
    sealed interface Page {
        /** Stays the same from reading to reading. */
        String instance();

        /**
         * @param nanos when it was read, by {@link System#nanoTime()}
         * @param text in Prometheus' text format
         */
        record Read(String instance, long nanos, String text) implements Page {}

        /** @param reason in plain words */
        record Missing(String instance, String reason) implements Page {}
    }

    /**
     * A version of a service in the mesh, or a plain host beside it.
     *
     * @param service as Istio's canonical name says it
     * @param version its canonical revision; empty: none
     * @param identity SPIFFE id; empty: outside of the mesh
     */
    record Host(String service, String version, String namespace, String identity) {}
}
