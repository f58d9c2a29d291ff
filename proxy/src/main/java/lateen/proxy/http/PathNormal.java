package lateen.proxy.http;

import lateen.decision.request.ByteSlice;
import lateen.proxy.http1.RequestHead;

/**
 * Brings a path into one form before policies look at it (RFC 3986 section 6.2.2; Envoy: {@code normalize_path}, {@code
 * merge_slashes}): escaped unreserved characters are decoded, backslashes become slashes, {@code .} and {@code ..} are
 * resolved. The query is left alone. A path that is in that form already costs one look.
 */
final class PathNormal {
    private PathNormal() {}

    /** @return false: an escape is malformed or hides a NUL, and the request is to be refused */
    static boolean apply(RequestHead head, boolean normalize, boolean mergeSlashes) {
        ByteSlice path = head.path();
        byte[] in = path.array();
        int end = path.start();
        boolean plain = true;
        while (end < path.end() && in[end] != '?' && in[end] != '#') {
            byte b = in[end];
            byte next = end + 1 < path.end() ? in[end + 1] : 0;
            plain &= !(b == '%' || b == '\\' || (b == '/' && (next == '.' || next == '/')));
            end++;
        }
        if (plain || in[path.start()] != '/') {
            return true;
        }
        byte[] out = new byte[path.length() + 1];
        int n = 0;
        for (int i = path.start(); i < end; i++) {
            byte b = in[i];
            if (normalize && b == '%') {
                int value = i + 2 < end ? hex(in[i + 1]) << 4 | hex(in[i + 2]) : -1;
                if (value <= 0) {
                    return false;
                }
                if (unreserved(value)) {
                    b = (byte) value;
                    i += 2;
                }
            } else if (normalize && b == '\\') {
                b = '/';
            }
            if (mergeSlashes && b == '/' && n > 0 && out[n - 1] == '/') {
                continue;
            }
            out[n++] = b;
        }
        if (normalize) {
            n = withoutDots(out, n);
        }
        System.arraycopy(in, end, out, n, path.end() - end);
        head.setPath(out, 0, n + path.end() - end);
        return true;
    }

    /** RFC 3986 section 5.2.4, in place. */
    private static int withoutDots(byte[] path, int length) {
        int n = 0;
        int i = 0;
        while (i < length) {
            int next = i + 1;
            while (next < length && path[next] != '/') {
                next++;
            }
            int size = next - i - 1;
            boolean dot = size == 1 && path[i + 1] == '.';
            boolean dots = size == 2 && path[i + 1] == '.' && path[i + 2] == '.';
            if (dots) {
                while (n > 0 && path[--n] != '/') {
                    // Back to the slash before the last segment.
                }
            }
            if (dot || dots) {
                if (next == length) {
                    path[n++] = '/';
                }
            } else {
                System.arraycopy(path, i, path, n, next - i);
                n += next - i;
            }
            i = next;
        }
        if (n == 0) {
            path[n++] = '/';
        }
        return n;
    }

    private static boolean unreserved(int c) {
        return (c >= 'a' && c <= 'z')
                || (c >= 'A' && c <= 'Z')
                || (c >= '0' && c <= '9')
                || c == '-'
                || c == '.'
                || c == '_'
                || c == '~';
    }

    private static int hex(byte b) {
        int digit = Character.digit(b, 16);
        return digit < 0 ? -0x1000 : digit;
    }
}
