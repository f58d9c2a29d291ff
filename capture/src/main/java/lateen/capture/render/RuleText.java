package lateen.capture.render;

import java.util.Locale;
import java.util.stream.Collectors;
import lateen.capture.model.Chain;
import lateen.capture.model.Cidr;
import lateen.capture.model.IdRange;
import lateen.capture.model.IpFamily;
import lateen.capture.model.Match;
import lateen.capture.model.Protocol;
import lateen.capture.model.Rule;
import lateen.capture.model.RuleSet;
import lateen.capture.model.TableRules;
import lateen.capture.model.Target;

/** Rules as text, letter by letter as {@code iptables-save} prints them, so that what was written can be compared. */
public final class RuleText {
    private RuleText() {}

    /** The line of the listing: {@code -A CHAIN …}. */
    public static String line(String chain, Rule rule) {
        String spec = spec(rule);
        return spec.isEmpty() ? "-A " + chain : "-A " + chain + " " + spec;
    }

    /** Text for {@code iptables-restore --noflush}, one family; chains that exist already are emptied first. */
    public static String restore(RuleSet rules, IpFamily family) {
        StringBuilder text = new StringBuilder();
        for (TableRules table : rules.family(family).tables()) {
            text.append('*').append(table.table().text()).append('\n');
            for (Chain chain : table.chains()) {
                if (!chain.builtIn()) {
                    text.append(':').append(chain.name()).append(" - [0:0]\n");
                }
            }
            for (Chain chain : table.chains()) {
                for (Rule rule : chain.rules()) {
                    text.append(line(chain.name(), rule)).append('\n');
                }
            }
            text.append("COMMIT\n");
        }
        return text.toString();
    }

    /** What follows the chain's name. */
    public static String spec(Rule rule) {
        return switch (rule) {
            case Rule.Opaque opaque -> opaque.spec();
            case Rule.Known known -> spec(known);
        };
    }

    private static String spec(Rule.Known rule) {
        StringBuilder text = new StringBuilder();
        boolean inPorts = false;
        for (Match match : rule.matches()) {
            // Both ports belong to one match of the kernel; the second continues it.
            boolean port = match instanceof Match.SourcePort || match instanceof Match.DestinationPort;
            text.append(match(match, port && inPorts)).append(' ');
            inPorts = port;
        }
        return text.append("-j ").append(target(rule.target())).toString();
    }

    private static String match(Match match, boolean continued) {
        return switch (match) {
            case Match.Source(Cidr range, boolean not) -> not(not) + "-s " + range;
            case Match.Destination(Cidr range, boolean not) -> not(not) + "-d " + range;
            case Match.InInterface(String name, boolean not) -> not(not) + "-i " + name;
            case Match.OutInterface(String name, boolean not) -> not(not) + "-o " + name;
            case Match.Transport(Protocol protocol) -> "-p " + protocol.text();
            case Match.SourcePort(Protocol protocol, int port, boolean not) ->
                module(protocol, continued) + not(not) + "--sport " + port;
            case Match.DestinationPort(Protocol protocol, int port, boolean not) ->
                module(protocol, continued) + not(not) + "--dport " + port;
            case Match.User(IdRange ids, boolean not) -> "-m owner " + not(not) + "--uid-owner " + ids;
            case Match.Group(IdRange ids, boolean not) -> "-m owner " + not(not) + "--gid-owner " + ids;
            case Match.Mark(long mark, boolean not) -> "-m mark " + not(not) + "--mark " + hex(mark);
            case Match.ConnectionMark(long mark, boolean not) -> "-m connmark " + not(not) + "--mark " + hex(mark);
            case Match.State(var states) ->
                "-m conntrack --ctstate " + states.stream().map(Enum::name).collect(Collectors.joining(","));
            case Match.Direction(boolean reply) -> "-m conntrack --ctdir " + (reply ? "REPLY" : "ORIGINAL");
        };
    }

    private static String target(Target target) {
        return switch (target) {
            case Target.Return _ -> "RETURN";
            case Target.Accept _ -> "ACCEPT";
            case Target.Drop _ -> "DROP";
            case Target.Jump(String chain) -> chain;
            case Target.Redirect(int port) -> "REDIRECT --to-ports " + port;
            case Target.Tproxy(IpFamily family, int port, long mark) ->
                "TPROXY --on-port " + port + " --on-ip " + family.any() + " --tproxy-mark " + hex(mark) + "/0xffffffff";
            case Target.SetMark(long mark) -> "MARK --set-xmark " + hex(mark) + "/0xffffffff";
            case Target.SaveMark _ -> "CONNMARK --save-mark --nfmask 0xffffffff --ctmask 0xffffffff";
            case Target.RestoreMark _ -> "CONNMARK --restore-mark --nfmask 0xffffffff --ctmask 0xffffffff";
            case Target.ConntrackZone(int zone) -> "CT --zone " + zone;
        };
    }

    private static String module(Protocol protocol, boolean continued) {
        return continued ? "" : "-m " + protocol.text().toLowerCase(Locale.ROOT) + " ";
    }

    private static String not(boolean negated) {
        return negated ? "! " : "";
    }

    private static String hex(long mark) {
        return "0x" + Long.toHexString(mark);
    }
}
