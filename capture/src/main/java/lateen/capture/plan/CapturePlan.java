package lateen.capture.plan;

import java.util.ArrayList;
import java.util.List;
import lateen.capture.model.Cidr;
import lateen.capture.model.HostFacts;
import lateen.capture.model.IpFamily;
import lateen.capture.model.PolicyRoute;
import lateen.capture.model.RuleSet;
import lateen.capture.model.TableRules;

/**
 * What is to be in the kernel for some options: the rules, the routes they need, addresses for lo, and what the user should
 * know.
 * Made by {@link #of}, a pure function.
 */
public record CapturePlan(RuleSet rules, List<PolicyRoute> routes, List<Cidr> addresses, List<String> warnings) {
    public CapturePlan {
        routes = List.copyOf(routes);
        addresses = List.copyOf(addresses);
        warnings = List.copyOf(warnings);
    }

    /** Works out the rules of both families. */
    public static CapturePlan of(CaptureOptions options, HostFacts facts) {
        List<TableRules> tables = new ArrayList<>();
        List<PolicyRoute> routes = new ArrayList<>();
        for (IpFamily family : IpFamily.values()) {
            if (family == IpFamily.IPV4 || facts.wantsIpv6(options.dualStack())) {
                tables.addAll(new FamilyPlan(options, facts, family).tables());
                if (transparent(options)) {
                    routes.add(new PolicyRoute(
                            family, options.tproxy().mark(), options.tproxy().routeTable()));
                }
            }
        }
        RuleSet rules = new RuleSet(tables);
        // 127.0.0.6 is on lo anyway; its sister is not, and the proxy has to bind to it.
        boolean ipv6 = !rules.family(IpFamily.IPV6).tables().isEmpty();
        List<Cidr> addresses = ipv6 ? List.of(IpFamily.IPV6.passThrough()) : List.of();
        return new CapturePlan(rules, routes, addresses, warnings(options, facts));
    }

    static boolean transparent(CaptureOptions options) {
        return options.inbound().mode() == CaptureOptions.Mode.TPROXY;
    }

    private static List<String> warnings(CaptureOptions options, HostFacts facts) {
        List<String> warnings = new ArrayList<>();
        CaptureOptions.Dns dns = options.dns();
        if (dns.redirect() && !dns.all() && facts.dnsServers().isEmpty()) {
            warnings.add("resolv.conf names no server and --capture-all-dns is not set: DNS is not captured");
        }
        if (dns.all() && !dns.redirect()) {
            warnings.add("--capture-all-dns has no effect without --redirect-dns");
        }
        if (!options.inbound().excluded().isEmpty()
                && !options.inbound().ports().all()) {
            warnings.add("--istio-local-exclude-ports (-d) has no effect unless --istio-inbound-ports (-b) is *");
        }
        boolean ipv6Ranges = options.outbound().cidrs().listed().stream().anyMatch(c -> c.family() == IpFamily.IPV6);
        if (ipv6Ranges && !facts.wantsIpv6(options.dualStack())) {
            warnings.add("--istio-service-cidr (-i) names IPv6 ranges, but no IPv6 rules are written here");
        }
        return warnings;
    }
}
