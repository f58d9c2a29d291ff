package lateen.xdsserver;

import java.util.Collection;
import java.util.List;
import java.util.Map;

/** What one stream wants of one resource type, and what it was told. Owned by the stream's thread. */
interface Subscription {

    /**
     * What one response says.
     *
     * @param removed names that the proxy is to forget; in a state-of-the-world response they are only not among the
     *     resources
     */
    record Difference(List<EncodedResource> resources, List<String> removed) {}

    /** Names subscribed to. */
    int size();

    boolean started();

    /** Whether {@link #additions} and {@link #takenBack} would find nothing. */
    boolean settledWith(Map<String, EncodedResource> view);

    /** To be called when both found nothing left. */
    void settle(Map<String, EncodedResource> view);

    /** Whether a response is due even without resources. */
    boolean owesAnswer();

    /** The resources of the next response, up to about {@code maxBytes}; empty: the proxy lacks nothing. */
    List<EncodedResource> additions(Map<String, EncodedResource> view, long maxBytes);

    /** The response that takes back what is not in the view any more; none is due when nothing is {@code removed}. */
    Difference takenBack(Map<String, EncodedResource> view);

    /** Names of the view that the proxy wants and holds in another version, or not at all. */
    List<String> changed(Map<String, EncodedResource> view);

    /** Of these, the proxy needs those that it holds once more, as something that refers to them was sent. */
    void tellAgain(Collection<String> names);

    /** Notes that this was sent. */
    void sent(Difference difference);
}
