package lateen.services.authz;

import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;

/**
 * How a server asks OPA.
 *
 * @param listen where Envoy's gRPC comes in; port 0 takes a free one
 * @param opa base of OPA's REST API, {@code http://HOST:PORT}
 * @param path of the decision below {@code data}, with slashes: {@code envoy/authz/allow}
 * @param timeout for one question, from asking to the last byte of the answer
 * @param maxQuestions to OPA at the same time, and so connections; one more is refused
 * @param statusOnFailure HTTP status when no decision could be had, 400 to 599
 * @param log which decisions get a line
 */
public record AuthzSettings(
        InetSocketAddress listen,
        URI opa,
        String path,
        Duration timeout,
        int maxQuestions,
        int statusOnFailure,
        Logged log) {

    public static final int PORT = 9191;
    public static final String PATH = "envoy/authz/allow";
    public static final Duration TIMEOUT = Duration.ofMillis(200);
    public static final int MAX_QUESTIONS = 256;
    public static final int STATUS_ON_FAILURE = 403;

    /** Each includes those before it. */
    public enum Logged {
        NONE,
        /** No decision could be had. */
        FAILURES,
        DENIALS,
        ALL
    }

    /** @throws IllegalArgumentException naming what is wrong */
    public AuthzSettings {
        if (!("http".equals(opa.getScheme()) || "https".equals(opa.getScheme()))
                || opa.getHost() == null
                || opa.getUserInfo() != null
                || opa.getQuery() != null
                || opa.getFragment() != null) {
            throw new IllegalArgumentException("opa: '" + opa + "' (expected: http://HOST:PORT or https://HOST:PORT)");
        }
        if (!path.matches("[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)*")) {
            throw new IllegalArgumentException(
                    "path: '" + path + "' (expected: a rule's package and name with slashes, as " + PATH + ")");
        }
        if (timeout.compareTo(Duration.ofMillis(1)) < 0 || timeout.compareTo(Duration.ofMinutes(1)) > 0) {
            throw new IllegalArgumentException("timeout: " + timeout.toMillis() + "ms (expected: 1ms to 1m)");
        }
        if (maxQuestions < 1 || maxQuestions > 10_000) {
            throw new IllegalArgumentException("questions at a time: " + maxQuestions + " (expected: 1..10000)");
        }
        if (!HttpStatuses.known(statusOnFailure) || statusOnFailure < 400) {
            throw new IllegalArgumentException(
                    "status on failure: " + statusOnFailure + " (expected: a status of 400..599)");
        }
    }

    public static AuthzSettings defaults(InetSocketAddress listen, URI opa) {
        return new AuthzSettings(listen, opa, PATH, TIMEOUT, MAX_QUESTIONS, STATUS_ON_FAILURE, Logged.DENIALS);
    }

    public AuthzSettings withTimeout(Duration timeout) {
        return new AuthzSettings(listen, opa, path, timeout, maxQuestions, statusOnFailure, log);
    }

    public AuthzSettings withMaxQuestions(int maxQuestions) {
        return new AuthzSettings(listen, opa, path, timeout, maxQuestions, statusOnFailure, log);
    }

    /** Where the question goes. */
    URI question() {
        String base = opa.toString();
        return URI.create((base.endsWith("/") ? base.substring(0, base.length() - 1) : base) + "/v1/data/" + path);
    }
}
