package lateen.services.dashboard;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A mesh of twelve services with steady traffic, one failing, one refusing, one called in plaintext; and plain hosts. */
final class Bookshop implements MetricsSource {
    private static final List<String> SERVICES = List.of(
            "client",
            "web",
            "mobile",
            "frontend",
            "catalog-v1",
            "catalog-v2",
            "cart",
            "ratings",
            "reviews",
            "payments",
            "stock",
            "mail");

    /** From, to, requests a second, failures of them, refusals of them, bucket of their durations. */
    private record Call(String from, String to, long good, long failed, long refused, int bucket) {}

    private static final List<Call> CALLS = List.of(
            new Call("client", "frontend", 120, 0, 0, 3),
            new Call("web", "frontend", 48, 0, 0, 4),
            new Call("mobile", "frontend", 9, 0, 0, 4),
            new Call("frontend", "catalog-v1", 90, 0, 0, 2),
            new Call("frontend", "catalog-v2", 10, 0, 0, 2),
            new Call("frontend", "cart", 30, 0, 2, 2),
            new Call("catalog-v1", "ratings", 90, 0, 0, 1),
            new Call("catalog-v2", "ratings", 10, 0, 0, 1),
            new Call("catalog-v1", "reviews", 45, 4, 0, 6),
            new Call("cart", "payments", 12, 0, 0, 7),
            new Call("cart", "stock", 30, 0, 0, 1),
            new Call("payments", "mail", 3, 0, 0, 8),
            new Call("stock", "catalog-v1", 1, 0, 0, 2));

    private long observed;

    @Override
    public String name() {
        return "bookshop";
    }

    /** Each observation is a second of traffic later. */
    @Override
    public synchronized Observation observe() {
        observed++;
        long seconds = 100 + observed;
        List<Page> pages = new ArrayList<>();
        for (String service : SERVICES) {
            if (service.equals("mail")) {
                pages.add(new Page.Missing("mail", "connection refused"));
                continue;
            }
            Figures figures = new Figures();
            for (Call call : CALLS) {
                if (call.from().equals(service)) {
                    report(figures, Figures.between("source", call.from(), call.to()), call, seconds);
                }
                if (call.to().equals(service)) {
                    report(figures, Figures.between("destination", call.from(), call.to()), call, seconds);
                }
            }
            if (service.equals("ratings")) {
                figures.tcp(
                        Figures.between("source", "ratings", "stock"),
                        40 + seconds,
                        35 + seconds,
                        2_000 * seconds,
                        90_000 * seconds);
            }
            if (service.equals("reviews")) {
                Map<String, String> plain = Figures.with(
                        Figures.between("destination", "unknown", "reviews"), "connection_security_policy", "none");
                figures.http(plain, 200, 0, 0, 5 * seconds);
            }
            pages.add(new Page.Read(service, seconds * 1_000_000_000L, figures.text()));
        }
        List<Host> hosts = new ArrayList<>();
        SERVICES.forEach(name -> hosts.add(new Host(name, "", "shop", Figures.identity(name))));
        hosts.add(new Host("outsider", "", "shop", ""));
        hosts.add(new Host("<b>bold</b>", "", "shop", ""));
        return new Observation(pages, hosts);
    }

    private static void report(Figures figures, Map<String, String> labels, Call call, long seconds) {
        long[] durations = new long[Figures.BOUNDS.length];
        durations[call.bucket()] = call.good() * seconds;
        figures.http(labels, 200, durations);
        if (call.failed() > 0) {
            figures.http(labels, 503, 0, call.failed() * seconds);
        }
        if (call.refused() > 0) {
            figures.http(labels, 403, 0, call.refused() * seconds);
        }
    }
}
