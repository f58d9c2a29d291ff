/**
 * What is published of attacks on proxies, byte by byte through a whole running proxy and, beside it, through a real Envoy
 * with the same configuration. Read first: {@link lateen.proxy.attacks.SmugglingTest} and the tables in the folder of the
 * same name under {@code src/test/resources}.
 */
package lateen.proxy.attacks;
