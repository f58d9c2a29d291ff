/**
 * The demonstration: brings a shop's mesh up on this machine, shows step by step what really happens, and checks it.
 *
 * <p>What a step expects is compared with facts from elsewhere: packet counters of the kernel, the applications' logs, and
 * the sidecars' access logs, whose identities come from the peers' certificates. Nothing is taken from the code that prints.
 *
 * <p>Threading: one thread runs all steps. Read first: {@link lateen.cli.demo.Demo}.
 */
@NullMarked
package lateen.cli.demo;

import org.jspecify.annotations.NullMarked;
