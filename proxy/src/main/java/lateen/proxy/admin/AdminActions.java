package lateen.proxy.admin;

import java.util.function.Consumer;

/**
 * What can be done to the process. Called on an event loop: they start something and return.
 *
 * @param quit stops gracefully, and ends
 * @param drain lets connections end and takes no new ones, for good
 * @param drainInbound the same of inbound listeners alone
 * @param reopenLogs opens access logs anew, which a rotation has moved away
 * @param logging sets the level of all loggers
 */
public record AdminActions(
        Runnable quit, Runnable drain, Runnable drainInbound, Runnable reopenLogs, Consumer<LogLevel> logging) {}
