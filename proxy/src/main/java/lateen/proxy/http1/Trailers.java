package lateen.proxy.http1;

/** The trailer section of a message: header lines without a start line. RFC 9110 section 6.5. */
public final class Trailers extends HeaderLines {

    public Trailers() {}

    /** A copy that does not change with what it was made of. */
    public static Trailers copyOf(HeaderLines lines) {
        Trailers copy = new Trailers();
        copy.takeLines(lines);
        return copy;
    }

    /** Forgets the lines; views of them are no longer valid. */
    public void clear() {
        clearLines();
    }
}
