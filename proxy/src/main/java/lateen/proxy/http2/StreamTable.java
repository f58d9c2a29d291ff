package lateen.proxy.http2;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The open streams by their identifier: an open-addressed table, half full at most. */
final class StreamTable {

    private static final int FIRST_PLACES = 16;

    private @Nullable Http2Stream[] places = new Http2Stream[FIRST_PLACES];
    private int size;

    int size() {
        return size;
    }

    private static int place(int id, int mask) {
        // Identifiers of one side are every second number.
        return (id >>> 1) & mask;
    }

    @Nullable
    Http2Stream get(int id) {
        int mask = places.length - 1;
        for (int i = place(id, mask); ; i = i + 1 & mask) {
            Http2Stream there = places[i];
            if (there == null || there.id == id) {
                return there;
            }
        }
    }

    void put(Http2Stream stream) {
        if (2 * (size + 1) > places.length) {
            @Nullable Http2Stream[] old = places;
            places = new Http2Stream[2 * old.length];
            for (Http2Stream one : old) {
                if (one != null) {
                    insert(one);
                }
            }
        }
        insert(stream);
        size++;
    }

    private void insert(Http2Stream stream) {
        int mask = places.length - 1;
        int i = place(stream.id, mask);
        while (places[i] != null) {
            i = i + 1 & mask;
        }
        places[i] = stream;
    }

    void remove(Http2Stream stream) {
        int mask = places.length - 1;
        int hole = place(stream.id, mask);
        while (places[hole] != stream) {
            if (places[hole] == null) {
                return;
            }
            hole = hole + 1 & mask;
        }
        size--;
        // What could not stand in its place because of this one moves up.
        int i = hole;
        while (true) {
            i = i + 1 & mask;
            Http2Stream next = places[i];
            if (next == null) {
                break;
            }
            int wanted = place(next.id, mask);
            if ((i - wanted & mask) >= (i - hole & mask)) {
                places[hole] = next;
                hole = i;
            }
        }
        places[hole] = null;
    }

    /** All of them now, in an array of its own. */
    Http2Stream[] all() {
        Http2Stream[] all = new Http2Stream[size];
        int n = 0;
        for (Http2Stream one : places) {
            if (one != null) {
                all[n++] = one;
            }
        }
        return n == size ? all : Arrays.copyOf(all, n);
    }
}
