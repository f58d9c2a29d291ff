/**
 * TLS on both sides, by BoringSSL, with keys and roots handed over in process.
 *
 * <p>Peers are SPIFFE workloads: verified by {@link lateen.identity.PeerVerifier} and the configured names, never by
 * host name. Threading: contexts are built on whichever loop first meets a new secret and shared; nothing blocks. Read
 * first: {@link lateen.proxy.tls.SecretStore}, {@link lateen.proxy.tls.ServerTls}.
 */
package lateen.proxy.tls;
