package lateen.proxy;

import lateen.decision.config.HeaderEdits;
import lateen.proxy.accesslog.ResponseFlag;
import org.jspecify.annotations.Nullable;

/**
 * Each way in which a request or connection can fail, with what an access log says about it: Envoy's response flag and
 * response code details. {@link lateen.proxy.http.Answers} turns one into an HTTP answer.
 */
public sealed interface Failure {

    /** As in {@code %RESPONSE_FLAGS%}; null: none. */
    @Nullable
    ResponseFlag flag();

    /** As in {@code %RESPONSE_CODE_DETAILS%}, without spaces. */
    String details();

    /** No filter chain takes the connection. */
    record NoFilterChain() implements Failure {
        @Override
        public ResponseFlag flag() {
            return ResponseFlag.NO_ROUTE_FOUND;
        }

        @Override
        public String details() {
            return "filter_chain_not_found";
        }
    }

    /** No route takes it. */
    record NoRoute() implements Failure {
        @Override
        public ResponseFlag flag() {
            return ResponseFlag.NO_ROUTE_FOUND;
        }

        @Override
        public String details() {
            return "route_not_found";
        }
    }

    /** The route names a cluster that is not there. */
    record NoCluster(String name) implements Failure {
        @Override
        public ResponseFlag flag() {
            return ResponseFlag.NO_CLUSTER_FOUND;
        }

        @Override
        public String details() {
            return "cluster_not_found";
        }
    }

    /** The cluster has no host to choose. */
    record NoHealthyHost(String cluster) implements Failure {
        @Override
        public ResponseFlag flag() {
            return ResponseFlag.NO_HEALTHY_UPSTREAM;
        }

        @Override
        public String details() {
            return "no_healthy_upstream";
        }
    }

    /** A circuit breaker is open. */
    record Overflow(String cluster) implements Failure {
        @Override
        public ResponseFlag flag() {
            return ResponseFlag.UPSTREAM_OVERFLOW;
        }

        @Override
        public String details() {
            return "upstream_reset_before_response_started{overflow}";
        }
    }

    /**
     * No connection to the host came about.
     *
     * @param reason for people: refused, timed out, what was wrong with its certificate
     * @param transport what is said of it at the transport, in Envoy's words; empty: nothing
     */
    record ConnectFailed(String reason, String transport, boolean timeout) implements Failure {
        /** Whether the connection was there, and TLS failed over it. */
        public boolean inTls() {
            return !transport.startsWith("delayed connect error");
        }

        @Override
        public ResponseFlag flag() {
            return ResponseFlag.UPSTREAM_CONNECTION_FAILURE;
        }

        @Override
        public String details() {
            return "upstream_reset_before_response_started{"
                    + (timeout ? "connection_timeout" : "remote_connection_failure" + suffix()) + "}";
        }

        private String suffix() {
            return transport.isEmpty() ? "" : "|" + transport.replace(' ', '_');
        }
    }

    /** The host ended the connection before (or, if {@code started}, after) the head of its response. */
    record UpstreamReset(boolean started) implements Failure {
        @Override
        public ResponseFlag flag() {
            return ResponseFlag.UPSTREAM_CONNECTION_TERMINATION;
        }

        @Override
        public String details() {
            return started
                    ? "upstream_reset_after_response_started{connection_termination}"
                    : "upstream_reset_before_response_started{connection_termination}";
        }
    }

    /**
     * The host reset the request's stream before (or, if {@code started}, after) the head of its response.
     *
     * @param refused it says that it did nothing with the request
     */
    record StreamReset(boolean started, boolean refused) implements Failure {
        @Override
        public ResponseFlag flag() {
            return ResponseFlag.UPSTREAM_REMOTE_RESET;
        }

        @Override
        public String details() {
            String reason = refused ? "remote_refused_stream_reset" : "remote_reset";
            return (started ? "upstream_reset_after_response_started{" : "upstream_reset_before_response_started{")
                    + reason + "}";
        }
    }

    /** The host does not speak HTTP as it should. */
    record UpstreamProtocol(String reason) implements Failure {
        @Override
        public ResponseFlag flag() {
            return ResponseFlag.UPSTREAM_PROTOCOL_ERROR;
        }

        @Override
        public String details() {
            return "upstream_reset_before_response_started{protocol_error}";
        }
    }

    /** The route's timeout ended before the answer. */
    record Timeout(boolean started) implements Failure {
        @Override
        public ResponseFlag flag() {
            return ResponseFlag.UPSTREAM_REQUEST_TIMEOUT;
        }

        @Override
        public String details() {
            return started ? "upstream_max_stream_duration_reached" : "response_timeout";
        }
    }

    /**
     * Nothing has moved either way for as long as is borne.
     *
     * @param requested all of the request had come
     */
    record StreamIdle(boolean requested) implements Failure {
        @Override
        public ResponseFlag flag() {
            return ResponseFlag.STREAM_IDLE_TIMEOUT;
        }

        @Override
        public String details() {
            return "stream_idle_timeout";
        }
    }

    /** The time that the route's retry policy gives to one try ended before the answer, and there is no further try. */
    record TryTimeout() implements Failure {
        @Override
        public ResponseFlag flag() {
            return ResponseFlag.UPSTREAM_REQUEST_TIMEOUT;
        }

        @Override
        public String details() {
            return "upstream_per_try_timeout";
        }
    }

    /**
     * A local rate limit has no token for it.
     *
     * @param status of the answer
     */
    record RateLimited(int status) implements Failure {
        @Override
        public ResponseFlag flag() {
            return ResponseFlag.RATE_LIMITED;
        }

        @Override
        public String details() {
            return "local_rate_limited";
        }
    }

    /** No policy allows it, or one forbids it. */
    record Denied(String policy) implements Failure {
        @Override
        public @Nullable ResponseFlag flag() {
            return null;
        }

        @Override
        public String details() {
            return "rbac_access_denied_matched_policy[" + policy + "]";
        }
    }

    /**
     * An external authorization server forbids it.
     *
     * @param status 200 to 599
     * @param headers of the answer, as the server wants them
     */
    record ExternallyDenied(int status, HeaderEdits headers, String body) implements Failure {
        @Override
        public ResponseFlag flag() {
            return ResponseFlag.UNAUTHORIZED_EXTERNAL_SERVICE;
        }

        @Override
        public String details() {
            return "ext_authz_denied";
        }
    }

    /**
     * An external authorization server gave no decision.
     *
     * @param status 200 to 599
     * @param timeout it did not answer in time
     * @param headers of the answer, where the server itself said that it cannot decide
     */
    record ExternallyUndecided(int status, boolean timeout, HeaderEdits headers, String body) implements Failure {
        @Override
        public ResponseFlag flag() {
            return ResponseFlag.UNAUTHORIZED_EXTERNAL_SERVICE;
        }

        /** Envoy's word, and which of the two it was. */
        @Override
        public String details() {
            return timeout ? "ext_authz_error{timeout}" : "ext_authz_error";
        }
    }

    /** This proxy sheds load. As in Envoy 1.40 there is no flag. */
    record Overloaded() implements Failure {
        @Override
        public @Nullable ResponseFlag flag() {
            return null;
        }

        @Override
        public String details() {
            return "overload";
        }
    }

    /** The request itself is not acceptable. */
    record BadRequest(int status, String details) implements Failure {
        @Override
        public ResponseFlag flag() {
            return status == 408 ? ResponseFlag.STREAM_IDLE_TIMEOUT : ResponseFlag.DOWNSTREAM_PROTOCOL_ERROR;
        }
    }

    /** An {@code Upgrade} that is not allowed here. */
    record UpgradeRefused() implements Failure {
        @Override
        public @Nullable ResponseFlag flag() {
            return null;
        }

        @Override
        public String details() {
            return "upgrade_failed";
        }
    }

    /** The client went away first. */
    record ClientGone() implements Failure {
        @Override
        public ResponseFlag flag() {
            return ResponseFlag.DOWNSTREAM_CONNECTION_TERMINATION;
        }

        @Override
        public String details() {
            return "downstream_remote_disconnect";
        }
    }
}
