package lateen.decision.match;

import lateen.decision.request.ByteSlice;

/** Where path and query of a request's path lie. RFC 3986, section 3: the query ends at a fragment. */
public final class PathPart {

    private PathPart() {}

    /** Index in the slice's array at which the path ends and the query or fragment begins. */
    public static int endOfPath(ByteSlice path) {
        byte[] array = path.array();
        for (int i = path.start(); i < path.end(); i++) {
            if (array[i] == '?' || array[i] == '#') {
                return i;
            }
        }
        return path.end();
    }
}
