package lateen.capture.simulate;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import lateen.capture.model.IpFamily;

/**
 * Random rules, for iptables-restore and for nft. They leave replies alone, so that where a packet lands can be seen: what
 * drops asks for the first packet of TCP, or for UDP; what marks for routing asks for a caller's port.
 */
final class RandomRules {
    private final Random random;

    RandomRules(Random random) {
        this.random = random;
    }

    /** The arguments of a random run of the capture tool. */
    List<String> options() {
        List<String> args = new ArrayList<>();
        boolean byMark = random.nextInt(5) == 0;
        // The mark that tells the proxy is the transparent mode's own.
        add(args, "-m", byMark ? "REDIRECT" : some("REDIRECT", "TPROXY"));
        add(args, "-b", some("*", "*", "80,8080", "", "15008,9000"));
        add(args, "-d", some("", "9000,15020", "443"));
        add(args, "-i", some("*", "*", "10.1.0.0/16,fd01::/16", "", "127.0.0.0/8,10.0.0.0/8"));
        add(args, "-x", some("", "10.1.0.0/16,fd01::/16", "192.0.2.1/32,2001:db8::/32"));
        add(args, "-q", some("", "", "9000", "443,80"));
        add(args, "-o", some("", "", "443", "8080"));
        add(args, "-c", some("", "", "vnet0", "vn+", "eth0"));
        add(args, "-k", some("", "", "vnet0"));
        if (byMark) {
            add(args, "--proxy-mark", "99");
        } else {
            add(args, "-u", some("1337", "1337", "1000-1002,7"));
            add(args, "-g", some("1337", "42"));
        }
        args.add("--redirect-dns=" + random.nextBoolean());
        args.add("--capture-all-dns=" + random.nextBoolean());
        args.add("--drop-invalid=" + (random.nextInt(4) == 0));
        return args;
    }

    private static void add(List<String> args, String flag, String value) {
        args.add(flag);
        args.add(value);
    }

    /** Four tables of one family for {@code iptables-restore}. */
    String xtables(IpFamily family) {
        StringBuilder text = new StringBuilder();
        for (String table : List.of("raw", "mangle", "nat", "filter")) {
            text.append('*').append(table).append('\n');
            List<String> hooks = switch (table) {
                case "raw" -> List.of("PREROUTING", "OUTPUT");
                case "nat" -> List.of("PREROUTING", "INPUT", "OUTPUT", "POSTROUTING");
                case "filter" -> List.of("INPUT", "FORWARD", "OUTPUT");
                default -> List.of("PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING");
            };
            boolean closed = table.equals("filter") && random.nextInt(5) == 0;
            for (String hook : hooks) {
                text.append(':')
                        .append(hook)
                        .append(closed && hook.equals("INPUT") ? " DROP" : " ACCEPT")
                        .append(" [0:0]\n");
                if (random.nextInt(3) > 0) {
                    text.append(":X").append(hook).append(" - [0:0]\n");
                }
            }
            List<String> own = text.toString()
                    .lines()
                    .filter(l -> l.startsWith(":X"))
                    .map(l -> l.substring(1, l.indexOf(' ')))
                    .toList();
            List<String> here =
                    own.stream().filter(c -> hooks.contains(c.substring(1))).toList();
            String part = text.substring(text.lastIndexOf("*"));
            if (closed) {
                text.append("-A INPUT -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT\n");
                text.append("-A INPUT -p ")
                        .append(family == IpFamily.IPV4 ? "icmp" : "ipv6-icmp")
                        .append(" -j ACCEPT\n");
            }
            for (String hook : hooks) {
                boolean chain = here.contains("X" + hook) && part.contains(":X" + hook);
                for (int i = random.nextInt(4); i > 0; i--) {
                    text.append("-A ")
                            .append(hook)
                            .append(' ')
                            .append(xtRule(family, table, hook, chain))
                            .append('\n');
                }
                for (int i = chain ? 1 + random.nextInt(4) : 0; i > 0; i--) {
                    text.append("-A X")
                            .append(hook)
                            .append(' ')
                            .append(xtRule(family, table, hook, false))
                            .append('\n');
                }
                if (closed && hook.equals("INPUT")) {
                    text.append(
                            "-A INPUT -p tcp -m multiport --dports 80,443,15001 -j ACCEPT\n-A INPUT -i lo -j ACCEPT\n");
                }
            }
            text.append("COMMIT\n");
        }
        return text.toString();
    }

    private String xtRule(IpFamily family, String table, String hook, boolean chain) {
        boolean sent = hook.equals("OUTPUT") || hook.equals("POSTROUTING");
        boolean tcp = random.nextInt(3) > 0;
        String target = xtTarget(family, table, hook, chain, tcp);
        boolean drops = target.startsWith("DROP") || target.startsWith("REJECT");
        boolean ports =
                target.startsWith("REDIRECT") || target.startsWith("DNAT") || target.startsWith("TPROXY") || drops;
        boolean marks = target.startsWith("MARK --set-xmark 0x21");
        StringBuilder rule = new StringBuilder();
        if (target.equals("MASQUERADE")) {
            rule.append("! -o lo ");
        }
        if (target.startsWith("CT ")) {
            // The answers come in another zone: of UDP none is waited for.
            tcp = false;
            ports = true;
        }
        if (ports || marks || random.nextInt(3) > 0) {
            rule.append("-p ").append(tcp ? "tcp" : "udp").append(' ');
            if (target.startsWith("TPROXY")) {
                rule.append("-m conntrack --ctstate NEW ");
            }
            if (drops && tcp) {
                rule.append("-m tcp --syn ");
            }
            if (marks) {
                rule.append("-m ").append(tcp ? "tcp" : "udp").append(" --sport 20000:65000 ");
            }
            if (random.nextInt(2) == 0) {
                rule.append(not())
                        .append(
                                random.nextBoolean()
                                        ? "--dport " + some("80", "53", "8080", "400:9000", "15008")
                                        : "--sport 20000:26000")
                        .append(' ');
            } else if (random.nextInt(4) == 0) {
                rule.append("-m multiport ").append(not()).append("--dports 53,443,9000:15010 ");
            }
        }
        String net = family == IpFamily.IPV4
                ? some("10.252.0.0/24", "10.0.0.0/8", "192.0.2.1", "127.0.0.0/8", "10.252.0.1")
                : some("fd00:252::/64", "fd00::/8", "2001:db8::1", "::1", "fd00:252::1");
        for (int i = random.nextInt(3); i > 0; i--) {
            switch (random.nextInt(11)) {
                case 0 -> rule.append(once(rule, "-s ", not() + "-s " + net));
                case 1 -> rule.append(once(rule, "-d ", not() + "-d " + net));
                case 2 ->
                    rule.append(
                            sent
                                    ? once(rule, "-o ", not() + "-o " + some("lo", "eth0", "v+"))
                                    : once(rule, "-i ", not() + "-i " + some("lo", "eth0", "v+")));
                case 3, 4 ->
                    rule.append(
                            sent
                                    ? "-m owner " + not()
                                            + some("--uid-owner 1337 ", "--gid-owner 42 ", "--uid-owner 1000-1400 ")
                                    : "");
                case 5 ->
                    rule.append(
                            marks ? "" : "-m mark " + not() + "--mark " + some("0x0", "0x7", "0x10/0xf0", "99") + " ");
                case 6 ->
                    rule.append(
                            marks
                                    ? ""
                                    : "-m conntrack " + not() + "--ctstate "
                                            + some("NEW", "INVALID", "NEW,RELATED", "UNTRACKED") + " ");
                case 9 -> rule.append(marks ? "" : "-m conntrack --ctdir " + some("ORIGINAL", "REPLY") + " ");
                case 7 -> rule.append("-m addrtype " + not() + "--dst-type LOCAL ");
                case 8 -> rule.append("-m connmark " + not() + "--mark " + some("0x0", "0x7/0xff") + " ");
                default -> rule.append("-m comment --comment \"a -j DROP\" ");
            }
        }
        return rule + (chain && target.startsWith("X") && random.nextInt(3) == 0 ? "-g " : "-j ") + target;
    }

    private static String once(StringBuilder rule, String option, String text) {
        return rule.indexOf(option) >= 0 ? "" : text + " ";
    }

    private String xtTarget(IpFamily family, String table, String hook, boolean chain, boolean tcp) {
        if (chain && random.nextInt(2) == 0) {
            return "X" + hook;
        }
        if (table.equals("nat")) {
            boolean four = family == IpFamily.IPV4;
            return switch (hook) {
                case "PREROUTING" ->
                    some(
                            "REDIRECT --to-ports 15001",
                            "REDIRECT --to-ports 15006",
                            "RETURN",
                            "ACCEPT",
                            "DNAT --to-destination "
                                    + (four ? PacketLab.POD4 + ":9000" : "[" + PacketLab.POD6 + "]:9000"));
                case "OUTPUT" ->
                    some(
                            "REDIRECT --to-ports 15001",
                            "REDIRECT --to-ports 15053",
                            "REDIRECT",
                            "RETURN",
                            "ACCEPT",
                            "DNAT --to-destination "
                                    + (four ? PacketLab.PEER4 + ":8080" : "[" + PacketLab.PEER6 + "]:8080"));
                case "POSTROUTING" -> some("MASQUERADE", "RETURN", "ACCEPT");
                default -> some("RETURN", "ACCEPT");
            };
        }
        String marked = some(
                "MARK --set-xmark 0x7",
                "MARK --set-xmark 0x10/0xf0",
                "CONNMARK --set-xmark 0x7/0xff",
                "CONNMARK --save-mark",
                "CONNMARK --restore-mark");
        if (table.equals("raw")) {
            return some(
                    "CT --zone 3", "RETURN", "ACCEPT", "MARK --set-xmark 0x7", "DROP", "MARK --set-xmark 0x10/0xf0");
        }
        if (table.equals("mangle")) {
            if (hook.equals("PREROUTING") && tcp && random.nextInt(4) == 0) {
                return "TPROXY --on-port 15006 --tproxy-mark 0x5";
            }
            return hook.equals("OUTPUT")
                    ? some(marked, "RETURN", "ACCEPT", "DROP", "MARK --set-xmark 0x21")
                    : some(marked, "RETURN", "ACCEPT", "DROP");
        }
        return some("ACCEPT", "RETURN", "DROP", "REJECT", "LOG", marked.startsWith("MARK") ? "ACCEPT" : "RETURN");
    }

    /** A table of nft. */
    String nft() {
        String family = some("inet", "inet", "ip", "ip6");
        StringBuilder text = new StringBuilder("table " + family
                + " t {\n set ports { type inet_service; flags interval; elements = { 53, 8000-9000 } }\n");
        text.append(" chain side { ")
                .append(nftRule(family, "filter", "any"))
                .append("; ")
                .append(nftRule(family, "filter", "any"))
                .append("; }\n");
        int number = 0;
        for (String hook : List.of("prerouting", "input", "forward", "output", "postrouting")) {
            for (String kind : List.of("filter", "nat")) {
                if (kind.equals("nat") && hook.equals("forward") || random.nextInt(4) == 0) {
                    continue;
                }
                boolean route = kind.equals("filter") && hook.equals("output") && random.nextBoolean();
                text.append(" chain c")
                        .append(number++)
                        .append(" { type ")
                        .append(route ? "route" : kind)
                        .append(" hook ")
                        .append(hook);
                text.append(" priority ")
                        .append(
                                kind.equals("nat")
                                        ? some("-100", "100", "-90")
                                        : some("-150", "-5", "0", "-250", "150"))
                        .append(";\n");
                for (int i = 1 + random.nextInt(3); i > 0; i--) {
                    text.append("  ").append(nftRule(family, kind, hook)).append('\n');
                }
                text.append(" }\n");
            }
        }
        return text.append("}\n").toString();
    }

    private String nftRule(String family, String kind, String hook) {
        boolean tcp = random.nextInt(3) > 0;
        boolean six = family.equals("ip6") || (family.equals("inet") && random.nextBoolean());
        List<String> words = new ArrayList<>();
        String action = nftAction(six, kind, hook, tcp);
        boolean drops = action.startsWith("drop") || action.startsWith("reject");
        if (drops) {
            words.add(tcp ? "tcp flags & (syn | ack) == syn" : "meta l4proto udp");
        } else if (action.contains(" to ") || action.startsWith("redirect")) {
            words.add("meta l4proto " + (tcp ? "tcp" : "udp"));
        }
        if (action.startsWith("dnat") && family.equals("inet")) {
            words.add("meta nfproto " + (six ? "ipv6" : "ipv4"));
        }
        boolean sent = hook.equals("output") || hook.equals("postrouting");
        for (int i = random.nextInt(3); i > 0; i--) {
            words.add(
                    switch (random.nextInt(9)) {
                        case 0 ->
                            (tcp ? "tcp" : "udp") + " dport "
                                    + some("80", "!= 53", "{ 53, 443, 8000-9000 }", "@ports", "1-500");
                        case 1 ->
                            six
                                    ? "ip6 daddr " + some("fd00::/8", "!= 2001:db8::1", "{ ::1, fd01::3 }")
                                    : "ip daddr " + some("10.0.0.0/8", "!= 192.0.2.1", "{ 127.0.0.1, 10.1.2.3 }");
                        case 2 -> six ? "ip6 saddr != fd00:252::/64" : "ip saddr 10.252.0.0/24";
                        case 3 ->
                            sent
                                    ? "oifname " + some("\"lo\"", "!= \"eth0\"", "\"v*\"")
                                    : "iifname " + some("\"lo\"", "!= \"eth0\"", "\"v*\"");
                        case 4 ->
                            sent
                                    ? some("meta skuid 1337", "meta skuid != 1000-1400", "meta skgid 42")
                                    : "meta l4proto { tcp, udp }";
                        case 5 ->
                            some("meta mark 0x7", "meta mark & 0xf0 == 0x10", "meta mark != 0x0", "ct mark != 0x7");
                        case 6 ->
                            some(
                                    "ct state new",
                                    "ct state != invalid",
                                    "ct state established,related",
                                    "ct direction original",
                                    "ct direction reply",
                                    "ct direction != reply");
                        case 7 -> "fib daddr type local";
                        default -> family.equals("inet") ? "meta nfproto " + (six ? "ipv6" : "ipv4") : "counter";
                    });
        }
        if (action.equals("masquerade")) {
            words.add("oifname != \"lo\"");
        }
        if (action.startsWith("tproxy")) {
            words.add("ct state new");
        }
        words.add(action);
        return String.join(" ", words);
    }

    private String nftAction(boolean six, String kind, String hook, boolean tcp) {
        if (kind.equals("nat")) {
            return switch (hook) {
                case "prerouting" -> some("redirect to :15001", "redirect to :15006", "return", "accept");
                case "output" ->
                    some(
                            "redirect to :15053",
                            "redirect to :15001",
                            "accept",
                            "return",
                            six ? "dnat to [" + PacketLab.PEER6 + "]:8080" : "dnat to " + PacketLab.PEER4 + ":8080");
                case "postrouting" -> some("masquerade", "accept", "return");
                default -> some("accept", "return");
            };
        }
        if (hook.equals("prerouting") && tcp && random.nextInt(6) == 0) {
            return "tproxy " + (six ? "ip6" : "ip") + " to :15006 accept";
        }
        String jump = hook.equals("any") ? "continue" : some("jump side", "goto side");
        return some(
                "accept",
                "return",
                "drop",
                "reject",
                "meta mark set 0x7",
                "meta mark set meta mark | 0x10",
                "ct mark set meta mark",
                "meta mark set ct mark",
                "counter ct mark set 0x7 accept",
                jump,
                jump,
                jump);
    }

    private String not() {
        return random.nextInt(4) == 0 ? "! " : "";
    }

    String some(String... values) {
        return values[random.nextInt(values.length)];
    }
}
