package lateen.proxy.accesslog;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import lateen.decision.net.SocketAddr;
import lateen.decision.request.ByteSlice;
import lateen.decision.request.HeaderName;
import org.jspecify.annotations.Nullable;

/**
 * Envoy's command operators by name. Collects the headers that they ask for.
 *
 * <p>Supported: see {@link #compile}; all others are refused, with those of trailers (the codec drops trailers).
 */
final class Operators {

    private final List<HeaderName> requestNames;
    private final List<HeaderName> responseNames;

    /** The lists grow by the headers asked for. */
    Operators(List<HeaderName> requestNames, List<HeaderName> responseNames) {
        this.requestNames = requestNames;
        this.responseNames = responseNames;
    }

    /**
     * @param argument what stands in parentheses; null: nothing
     * @param max bytes of the value at most; {@link Integer#MAX_VALUE}: no limit
     * @return null: no such operator
     * @throws IllegalArgumentException saying what is wrong with the argument
     */
    @Nullable
    Operator compile(String name, @Nullable String argument, int max) {
        return switch (name) {
            case "REQ" -> header(argument, max, true);
            case "RESP" -> header(argument, max, false);
            case "START_TIME" -> StartTime.compile(argument);
            default -> {
                if (argument != null || max != Integer.MAX_VALUE) {
                    throw new IllegalArgumentException("takes neither an argument nor a length");
                }
                yield plain(name);
            }
        };
    }

    private static @Nullable Operator plain(String name) {
        return switch (name) {
            case "PROTOCOL" -> text(e -> e.protocol);
            case "RESPONSE_CODE" -> number(e -> e.responseCode);
            case "RESPONSE_CODE_DETAILS" -> text(e -> e.responseCodeDetails);
            case "RESPONSE_FLAGS" -> text(e -> ResponseFlag.text(e.flags));
            case "CONNECTION_TERMINATION_DETAILS" -> text(e -> e.connectionTerminationDetails);
            case "UPSTREAM_TRANSPORT_FAILURE_REASON" -> text(e -> e.upstreamTransportFailureReason);
            case "DOWNSTREAM_TRANSPORT_FAILURE_REASON" -> text(e -> e.downstreamTransportFailureReason);
            case "BYTES_RECEIVED" -> number(e -> e.bytesReceived);
            case "BYTES_SENT" -> number(e -> e.bytesSent);
            case "DURATION" -> number(e -> e.durationNanos / 1_000_000);
            case "RESPONSE_DURATION" -> new ResponseDuration();
            case "CONNECTION_ID" -> number(e -> e.connectionId);
            case "UPSTREAM_HOST", "UPSTREAM_REMOTE_ADDRESS" -> address(e -> e.upstreamHost, true);
            case "UPSTREAM_CLUSTER" -> text(e -> e.upstreamCluster);
            case "UPSTREAM_LOCAL_ADDRESS" -> address(e -> e.upstreamLocal, true);
            case "DOWNSTREAM_LOCAL_ADDRESS" -> address(e -> e.downstreamLocal, true);
            case "DOWNSTREAM_LOCAL_ADDRESS_WITHOUT_PORT" -> address(e -> e.downstreamLocal, false);
            case "DOWNSTREAM_REMOTE_ADDRESS" -> address(e -> e.downstreamRemote, true);
            case "DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT" -> address(e -> e.downstreamRemote, false);
            case "DOWNSTREAM_DIRECT_REMOTE_ADDRESS" -> address(e -> e.downstreamDirectRemote, true);
            case "DOWNSTREAM_DIRECT_REMOTE_ADDRESS_WITHOUT_PORT" -> address(e -> e.downstreamDirectRemote, false);
            case "REQUESTED_SERVER_NAME" -> text(e -> e.requestedServerName);
            case "ROUTE_NAME" -> text(e -> e.routeName);
            case "DOWNSTREAM_PEER_URI_SAN" -> text(e -> e.downstreamPeerUriSan);
            case "DOWNSTREAM_LOCAL_URI_SAN" -> text(e -> e.downstreamLocalUriSan);
            case "DOWNSTREAM_TLS_VERSION" -> text(e -> e.downstreamTlsVersion);
            case "DOWNSTREAM_TLS_CIPHER" -> text(e -> e.downstreamTlsCipher);
            case "UPSTREAM_PEER_URI_SAN" -> text(e -> e.upstreamPeerUriSan);
            case "UPSTREAM_LOCAL_URI_SAN" -> text(e -> e.upstreamLocalUriSan);
            case "UPSTREAM_TLS_VERSION" -> text(e -> e.upstreamTlsVersion);
            case "UPSTREAM_TLS_CIPHER" -> text(e -> e.upstreamTlsCipher);
            case "HOSTNAME" -> {
                String host = hostname();
                yield text(e -> host);
            }
            default -> null;
        };
    }

    private static Operator number(Operator.OfNumber value) {
        return value;
    }

    private static Operator text(Function<LogEntry, @Nullable String> value) {
        return (entry, out) -> {
            String text = value.apply(entry);
            if (text == null || text.isEmpty()) {
                return false;
            }
            out.value(text, Integer.MAX_VALUE);
            return true;
        };
    }

    private static Operator address(Function<LogEntry, @Nullable SocketAddr> value, boolean port) {
        return new AddressOperator(value, port);
    }

    /** {@code X} or {@code X?Y}: the second where the first is missing. */
    private Operator header(@Nullable String argument, int max, boolean request) {
        if (argument == null || argument.isEmpty()) {
            throw new IllegalArgumentException("needs a header's name in parentheses");
        }
        int mark = argument.indexOf('?');
        String main = mark < 0 ? argument : argument.substring(0, mark);
        String other = mark < 0 ? main : argument.substring(mark + 1);
        if (main.isEmpty() || other.isEmpty() || other.indexOf('?') >= 0) {
            throw new IllegalArgumentException("takes one name, or two separated by one '?'");
        }
        int first = slot(main, request);
        int second = slot(other, request);
        return (entry, out) -> {
            AccessLog log = entry.log;
            int base = request || log == null ? 0 : log.requestNames().length;
            ByteSlice value = entry.captured(base + first);
            if (value == null) {
                value = entry.captured(base + second);
            }
            if (value == null) {
                return false;
            }
            out.value(value, max);
            return true;
        };
    }

    private int slot(String name, boolean request) {
        String lower = name.toLowerCase(Locale.ROOT);
        List<HeaderName> names = request ? requestNames : responseNames;
        for (int i = 0; i < names.size(); i++) {
            if (names.get(i).toString().equals(lower)) {
                return i;
            }
        }
        names.add(
                switch (lower) {
                    case ":method" -> LogEntry.METHOD;
                    case ":path" -> LogEntry.PATH;
                    case ":authority", "host" -> LogEntry.AUTHORITY;
                    case ":scheme" -> LogEntry.SCHEME;
                    default -> HeaderName.of(lower);
                });
        return names.size() - 1;
    }

    private static String hostname() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            return "";
        }
    }

    private static final class ResponseDuration implements Operator {
        @Override
        public boolean write(LogEntry entry, LogBuffer out) {
            if (entry.responseNanos < 0) {
                return false;
            }
            out.number(entry.responseNanos / 1_000_000);
            return true;
        }

        @Override
        public boolean numeric() {
            return true;
        }
    }
}
