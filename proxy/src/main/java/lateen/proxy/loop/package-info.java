/**
 * An event loop and what belongs to it alone.
 *
 * <p>Everything here is touched by one event loop only, unless it says otherwise. Read first:
 * {@link lateen.proxy.loop.Worker}.
 */
package lateen.proxy.loop;
