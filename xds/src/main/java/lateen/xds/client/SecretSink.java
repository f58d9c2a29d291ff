package lateen.xds.client;

import lateen.xds.decode.SecretConfig;

/** Takes secrets as they come; called on the client's thread, before the configuration that names them. */
public interface SecretSink {

    void put(SecretConfig secret);

    /** Nothing names it any more. */
    void forget(String name);
}
