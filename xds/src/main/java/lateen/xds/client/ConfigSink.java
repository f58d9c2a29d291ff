package lateen.xds.client;

import lateen.decision.config.ProxyConfig;

/** Takes complete configurations. Called on the client's thread, one after the other. */
@FunctionalInterface
public interface ConfigSink {

    /**
     * Puts the configuration into effect; returns when new connections and requests see it, because an ACK follows.
     * When it is refused, the previous one must still be in effect.
     */
    Outcome accept(ProxyConfig config);

    /** What became of a configuration. */
    sealed interface Outcome {
        record Accepted() implements Outcome {}

        /** @param reason told to the control plane */
        record Refused(String reason) implements Outcome {}
    }
}
