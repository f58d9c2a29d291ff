package lateen.capture.read;

import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import lateen.capture.model.HookTable;
import lateen.capture.model.HostNetwork;
import lateen.capture.model.RuleSet;

/**
 * All that a namespace holds and a packet could meet, as it was at one moment.
 *
 * @param xtables what each of the two iptables holds
 * @param nativeTables the tables of nft that are not those of iptables
 * @param dnsServers of resolv.conf
 * @param notes what could not be read, a sentence each
 */
public record NamespaceState(
        Map<HookTable.Engine, RuleSet> xtables,
        List<HookTable> nativeTables,
        HostNetwork network,
        List<InetAddress> dnsServers,
        List<String> notes) {
    public NamespaceState {
        xtables = Map.copyOf(xtables);
        nativeTables = List.copyOf(nativeTables);
        dnsServers = List.copyOf(dnsServers);
        notes = List.copyOf(notes);
    }
}
