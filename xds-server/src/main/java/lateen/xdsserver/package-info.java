/**
 * The ADS server: streams, subscriptions, versions and shared encoded resources.
 *
 * <p>It knows nothing of what it serves: a {@link lateen.xdsserver.ViewSource} says what each proxy may see, and the
 * server tells every stream the difference to what it told before.
 *
 * <p>Threading: a stream is single-threaded by its own synchronization context, a push visits streams from a small pool.
 * Read first: {@link lateen.xdsserver.AdsService}.
 */
package lateen.xdsserver;
