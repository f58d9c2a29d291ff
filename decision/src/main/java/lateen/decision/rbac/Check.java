package lateen.decision.rbac;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import lateen.decision.match.HeaderMatch;
import lateen.decision.match.PathPart;
import lateen.decision.match.TextMatch;
import lateen.decision.net.Cidr;
import lateen.decision.net.IpAddress;
import lateen.decision.request.ByteSlice;
import lateen.decision.request.ConnectionView;
import lateen.decision.request.RequestView;
import org.jspecify.annotations.Nullable;

/** A condition on one value. The words are made only for a recorder. */
sealed interface Check extends Condition {

    boolean holds(@Nullable RequestView request, ConnectionView connection);

    /** What is looked at. */
    String what();

    String seen(@Nullable RequestView request, ConnectionView connection);

    String expected();

    @Override
    default boolean test(@Nullable RequestView request, ConnectionView connection, @Nullable Recorder recorder) {
        boolean outcome = holds(request, connection);
        if (recorder != null) {
            recorder.add(new TraceStep.Value(what(), seen(request, connection), expected(), outcome));
        }
        return outcome;
    }

    record Always() implements Check {
        @Override
        public boolean holds(@Nullable RequestView request, ConnectionView connection) {
            return true;
        }

        @Override
        public String what() {
            return "anything";
        }

        @Override
        public String seen(@Nullable RequestView request, ConnectionView connection) {
            return "anything";
        }

        @Override
        public String expected() {
            return "anything";
        }
    }

    /** A bare connection is a request without headers, as in Envoy. */
    record Header(HeaderMatch match) implements Check {
        @Override
        public boolean holds(@Nullable RequestView request, ConnectionView connection) {
            return match.matches(request);
        }

        @Override
        public String what() {
            return "header " + match.name();
        }

        @Override
        public String seen(@Nullable RequestView request, ConnectionView connection) {
            return match.seen(request);
        }

        @Override
        public String expected() {
            return match.expected();
        }
    }

    /** A bare connection has no path and never matches. */
    record UrlPath(TextMatch match) implements Check {
        @Override
        public boolean holds(@Nullable RequestView request, ConnectionView connection) {
            if (request == null) {
                return false;
            }
            ByteSlice path = request.path();
            return match.matches(path.array(), path.start(), PathPart.endOfPath(path));
        }

        @Override
        public String what() {
            return "path";
        }

        @Override
        public String seen(@Nullable RequestView request, ConnectionView connection) {
            if (request == null) {
                return "a bare connection, which has no path";
            }
            ByteSlice path = request.path();
            return quoted(new ByteSlice().set(path.array(), path.start(), PathPart.endOfPath(path)));
        }

        @Override
        public String expected() {
            return match.expected();
        }
    }

    /** Which address of the connection is looked at. */
    enum Side {
        DESTINATION("destination address"),
        DIRECT_SOURCE("peer address"),
        CONNECTION("connection's client address"),
        SOURCE("client address");

        private final String words;

        Side(String words) {
            this.words = words;
        }

        IpAddress of(ConnectionView connection) {
            return switch (this) {
                case DESTINATION -> connection.destinationIp();
                case DIRECT_SOURCE -> connection.directSourceIp();
                case CONNECTION -> connection.connectionSourceIp();
                case SOURCE -> connection.sourceIp();
            };
        }
    }

    record Address(Side side, Cidr range) implements Check {
        @Override
        public boolean holds(@Nullable RequestView request, ConnectionView connection) {
            return range.contains(side.of(connection));
        }

        @Override
        public String what() {
            return side.words;
        }

        @Override
        public String seen(@Nullable RequestView request, ConnectionView connection) {
            return side.of(connection).toString();
        }

        @Override
        public String expected() {
            return "within " + range;
        }
    }

    /** Inclusive bounds. */
    record DestinationPort(int first, int last) implements Check {
        @Override
        public boolean holds(@Nullable RequestView request, ConnectionView connection) {
            int port = connection.destinationPort();
            return first <= port && port <= last;
        }

        @Override
        public String what() {
            return "destination port";
        }

        @Override
        public String seen(@Nullable RequestView request, ConnectionView connection) {
            return String.valueOf(connection.destinationPort());
        }

        @Override
        public String expected() {
            return first == last ? String.valueOf(first) : first + " to " + last;
        }
    }

    record ServerName(TextMatch match) implements Check {
        @Override
        public boolean holds(@Nullable RequestView request, ConnectionView connection) {
            return match.matches(connection.serverName());
        }

        @Override
        public String what() {
            return "requested server name";
        }

        @Override
        public String seen(@Nullable RequestView request, ConnectionView connection) {
            return connection.serverName().isEmpty() ? "none" : quoted(connection.serverName());
        }

        @Override
        public String expected() {
            return match.expected();
        }
    }

    /** One of the peer's verified URI names; without matchers any verified peer. */
    @SuppressWarnings("ArrayRecordComponent") // never compared, never seen outside
    record Authenticated(TextMatch[] names) implements Check {
        @Override
        public boolean holds(@Nullable RequestView request, ConnectionView connection) {
            if (!connection.peerAuthenticated()) {
                return false;
            }
            if (names.length == 0) {
                return true;
            }
            List<String> uris = connection.peerUriNames();
            for (int i = 0; i < uris.size(); i++) {
                for (TextMatch name : names) {
                    if (name.matches(uris.get(i))) {
                        return true;
                    }
                }
            }
            return false;
        }

        @Override
        public String what() {
            return "peer identity";
        }

        @Override
        public String seen(@Nullable RequestView request, ConnectionView connection) {
            if (!connection.peerAuthenticated()) {
                return "none (no verified certificate)";
            }
            return connection.peerUriNames().isEmpty()
                    ? "a verified certificate without URI names"
                    : connection.peerUriNames().stream().map(Check::quoted).collect(Collectors.joining(", "));
        }

        @Override
        public String expected() {
            return names.length == 0
                    ? "any verified certificate"
                    : Arrays.stream(names).map(TextMatch::expected).sorted().collect(Collectors.joining(" or "));
        }
    }

    private static String quoted(Object value) {
        return "\"" + value + '"';
    }
}
