package lateen.xds.decode;

/** What became of the bytes of a resource. */
public sealed interface Decoding<T> {

    /** @param value usable as it is */
    record Decoded<T>(T value) implements Decoding<T> {}

    /** @param reason for the operator: resource, field path, value, what was expected */
    record Rejected<T>(String reason) implements Decoding<T> {}
}
