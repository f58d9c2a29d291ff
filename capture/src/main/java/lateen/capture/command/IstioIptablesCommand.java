package lateen.capture.command;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import lateen.capture.apply.CaptureApplier;
import lateen.capture.host.CaptureException;
import lateen.capture.model.IpFamily;
import lateen.capture.model.PolicyRoute;
import lateen.capture.plan.CaptureOptions;
import lateen.capture.plan.CapturePlan;
import lateen.capture.plan.InvalidOptionException;
import lateen.capture.probe.RuleValidation;
import lateen.capture.render.NftText;
import lateen.capture.render.RuleText;

/** {@code istio-iptables}: arguments in, rules in the kernel. No command-line library, so that a pod's init step starts fast. */
public final class IstioIptablesCommand {
    /** Everything was done. */
    public static final int DONE = 0;

    /** Any failure but a failed validation of the rules. */
    public static final int FAILED = 1;

    /** Rule validation failed (Istio's repair controller looks for this status, so nothing else ends with it). */
    public static final int VALIDATION_FAILED = 126;

    private IstioIptablesCommand() {}

    /** Runs once; returns the exit status. Rules of a dry run go to {@code out}, everything else to {@code err}. */
    public static int run(List<String> args, Map<String, String> env, PrintStream out, PrintStream err) {
        if (args.contains("--help") || args.contains("-h")) {
            out.print(CaptureOptions.help());
            return DONE;
        }
        try {
            CaptureOptions options = CaptureOptions.parse(args, env);
            CaptureApplier applier = new CaptureApplier(warning -> err.println("istio-iptables: warning: " + warning));
            apply(options, applier, out, err);
            return options.run().runValidation() && !valid(options, applier, err) ? VALIDATION_FAILED : DONE;
        } catch (InvalidOptionException | CaptureException | IOException e) {
            err.println("istio-iptables: " + e.getMessage());
            for (Throwable suppressed : e.getSuppressed()) {
                err.println("istio-iptables: while taking back: " + suppressed.getMessage());
            }
            return FAILED;
        }
    }

    private static void apply(CaptureOptions options, CaptureApplier applier, PrintStream out, PrintStream err)
            throws CaptureException, IOException {
        CaptureOptions.Run run = options.run();
        if (run.skipRuleApply()) {
            err.println("istio-iptables: --skip-rule-apply: no rule written");
            return;
        }
        if (run.cleanupOnly() && run.dryRun()) {
            err.println("istio-iptables: dry run: would remove all capture rules");
            return;
        }
        if (run.dryRun()) {
            CapturePlan plan = applier.plan(options);
            plan.warnings().forEach(warning -> err.println("istio-iptables: warning: " + warning));
            dryRun(plan, run, out);
            return;
        }
        err.println(
                switch (applier.apply(options)) {
                    case APPLIED -> "istio-iptables: rules written";
                    case UNCHANGED -> "istio-iptables: the same rules are there already; nothing changed";
                    case RECONCILED -> "istio-iptables: rules replaced";
                    case REMOVED -> "istio-iptables: rules removed";
                    case NOTHING_TO_REMOVE -> "istio-iptables: no capture rules here; nothing removed";
                });
    }

    private static boolean valid(CaptureOptions options, CaptureApplier applier, PrintStream err)
            throws CaptureException, IOException {
        RuleValidation.Report report =
                RuleValidation.run(options, applier.facts(options), CaptureApplier.namespace(options));
        report.passed().forEach(line -> err.println("istio-iptables: validated: " + line));
        report.skipped().forEach(line -> err.println("istio-iptables: warning: not validated: " + line));
        report.failed().forEach(line -> err.println("istio-iptables: validation failed: " + line));
        return report.failed().isEmpty();
    }

    private static void dryRun(CapturePlan plan, CaptureOptions.Run run, PrintStream out) throws IOException {
        StringBuilder text = new StringBuilder();
        if (run.nativeNftables()) {
            text.append("# nft -f -\n").append(NftText.transaction(plan.rules()));
        } else {
            for (IpFamily family : IpFamily.values()) {
                String rules = RuleText.restore(plan.rules(), family);
                if (!rules.isEmpty()) {
                    text.append("# ")
                            .append(family == IpFamily.IPV4 ? "iptables" : "ip6tables")
                            .append("-restore --noflush\n")
                            .append(rules);
                }
            }
        }
        for (PolicyRoute route : plan.routes()) {
            comment(text, route.addRoute());
            comment(text, route.addRule());
        }
        plan.addresses()
                .forEach(address ->
                        comment(text, List.of("ip", "-6", "addr", "add", address.toString(), "dev", "lo", "nodad")));
        out.print(text);
        if (run.dryRunFile().isPresent()) {
            Files.writeString(Path.of(run.dryRunFile().get()), text, StandardCharsets.UTF_8);
        }
    }

    private static void comment(StringBuilder text, List<String> command) {
        text.append("# ").append(String.join(" ", command)).append('\n');
    }
}
