/**
 * Snapshot and proxy → Envoy's xDS v3 messages, with Istio's names. Pure: no clock, no state, no I/O.
 *
 * <p>{@link lateen.control.translate.Translation} is the way in; {@link lateen.control.translate.TranslationInput} is
 * all that the outcome depends on, and so the key under which it may be kept. The resources of the outbound side are
 * the same for all proxies of a namespace, those of the inbound side for all proxies with the same ports and policies.
 * Last come the patches of users' EnvoyFilters ({@link lateen.control.translate.EnvoyPatches}), of which each tells how
 * often it was applied. A gRPC client without a sidecar gets {@link lateen.control.translate.Proxyless}.
 */
package lateen.control.translate;
