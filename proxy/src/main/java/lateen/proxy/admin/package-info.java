/**
 * What a proxy says about itself over HTTP: the administration pages that Envoy has on 15000, readiness on 15021, metrics
 * on 15090.
 *
 * <p>Threading: connections belong to one event loop of the proxy, so that an idle interface costs no thread and an
 * answer proves that the loop turns. Pages that walk the configuration or all statistics are made on a thread that exists
 * only while there is something to make. Read first: {@link lateen.proxy.admin.AdminServer}, then
 * {@link lateen.proxy.admin.AdminPages}.
 */
@NullMarked
package lateen.proxy.admin;

import org.jspecify.annotations.NullMarked;
