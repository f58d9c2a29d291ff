/**
 * The access log: Envoy's format strings compiled once, one line for each request, formatted and written off the event
 * loops.
 *
 * <p>Read first: {@link lateen.proxy.accesslog.AccessLog}. An event loop fills a {@link lateen.proxy.accesslog.LogEntry}
 * and hands it over; one thread, {@link lateen.proxy.accesslog.LogThread}, formats and writes. Nothing here ever blocks
 * an event loop: when the thread cannot keep up, entries are dropped and counted.
 */
@NullMarked
package lateen.proxy.accesslog;

import org.jspecify.annotations.NullMarked;
