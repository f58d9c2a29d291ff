package lateen.proxy.program;

import lateen.decision.config.NetworkFilter;
import lateen.decision.route.WeightedChoice;
import lateen.proxy.accesslog.AccessLog;

/** A TCP proxy ready for use. */
public record TcpProgram(NetworkFilter.TcpProxy config, WeightedChoice clusters, AccessLog log) {}
