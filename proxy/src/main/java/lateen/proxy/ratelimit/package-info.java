/**
 * Tokens for limits that are counted in this proxy alone.
 *
 * <p>Threading: a bucket is shared by all loops and takes no lock. Time is a parameter. Read first: {@link
 * lateen.proxy.ratelimit.TokenBucket}.
 */
package lateen.proxy.ratelimit;
