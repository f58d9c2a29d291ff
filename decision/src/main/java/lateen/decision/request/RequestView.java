package lateen.decision.request;

/** A request as decisions see it. Slices returned are valid during the call only. */
public interface RequestView {

    ConnectionView connection();

    ByteSlice method();

    /** Path and query as received (after normalization, where that is configured). */
    ByteSlice path();

    /** Host, with its port when the client sent one. */
    ByteSlice authority();

    /** {@code http} or {@code https}. */
    ByteSlice scheme();

    /**
     * Points {@code into} at the first value of the header.
     *
     * @return how many headers of that name there are; 0: none, {@code into} is untouched
     */
    int header(HeaderName name, ByteSlice into);

    /**
     * The values of a repeated header, joined by commas. Allocates: asked for only when {@link #header} said more than 1.
     */
    ByteSlice joinedHeader(HeaderName name);

    /**
     * A slice that a decision may point at a header while it looks at it; what it held before is lost. A view that lives
     * as long as its connection answers with one slice of its own, so that a decision allocates nothing.
     */
    default ByteSlice scratch() {
        return new ByteSlice();
    }
}
