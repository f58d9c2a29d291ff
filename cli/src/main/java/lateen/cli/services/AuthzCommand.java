package lateen.cli.services;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import lateen.services.authz.AuthzServer;
import lateen.services.authz.AuthzSettings;
import lateen.services.authz.AuthzSettings.Logged;
import lateen.services.page.PageServer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code lateen authz}: who may do what, decided outside of applications. */
@Command(
        name = "authz",
        description = "Authorization decided by a policy engine.",
        mixinStandardHelpOptions = true,
        subcommands = AuthzCommand.Serve.class)
public final class AuthzCommand implements Callable<Integer> {

    @Spec
    private @Nullable CommandSpec spec;

    /** Without a subcommand: what there is. */
    @Override
    public Integer call() {
        if (spec != null) {
            spec.commandLine().usage(System.err);
        }
        return CommandLine.ExitCode.USAGE;
    }

    /** {@code lateen authz serve}: Envoy's ext_authz in, OPA's REST API out, in the foreground. */
    @Command(
            name = "serve",
            description = "Answers Envoy's external authorization checks (gRPC) with the decisions of a running OPA.",
            mixinStandardHelpOptions = true,
            sortOptions = false,
            footer = {
                "",
                "OPA speaks REST, proxies speak ext_authz: this stands between them. A policy gets the input of OPA's",
                "Envoy plugin and may answer in all of its forms, so policies written for that run unchanged.",
                "",
                "A policy, shop.rego:",
                "",
                "  package envoy.authz",
                "",
                "  default allow := false",
                "",
                "  # Anybody in namespace shop may read books.",
                "  allow if {",
                "      input.attributes.request.http.method == \"GET\"",
                "      input.parsed_path[0] == \"books\"",
                "      startswith(input.source_principal, \"spiffe://cluster.local/ns/shop/\")",
                "  }",
                "",
                "Run both:",
                "",
                "  opa run --server --watch --addr 127.0.0.1:8181 shop.rego    # a saved change is in effect at once",
                "  lateen authz serve --opa http://127.0.0.1:8181",
                "",
                "More than yes and no: let the rule be an object.",
                "",
                "  allow := {\"allowed\": false, \"http_status\": 401, \"body\": \"who are you?\",",
                "            \"headers\": {\"www-authenticate\": \"Bearer\"}}",
                "",
                "  also headers (to the service, when allowed), response_headers_to_add, request_headers_to_remove,",
                "  query_parameters_to_set, query_parameters_to_remove, dynamic_metadata",
                "",
                "A rule without a value denies. OPA away, slow or talking nonsense: refused, and header",
                "x-lateen-authz-failure and the log say why."
            })
    static final class Serve implements Callable<Integer> {

        @Spec
        private @Nullable CommandSpec spec;

        @Option(
                names = "--opa",
                required = true,
                paramLabel = "URL",
                description = "base of OPA's REST API, as http://127.0.0.1:8181")
        private @Nullable URI opa;

        @Option(
                names = "--listen",
                paramLabel = "HOST:PORT",
                defaultValue = "0.0.0.0:" + AuthzSettings.PORT,
                converter = HostPort.class,
                description = "where checks come in, plaintext gRPC (default: ${DEFAULT-VALUE})")
        private @Nullable InetSocketAddress listen;

        @Option(
                names = "--path",
                paramLabel = "PATH",
                defaultValue = AuthzSettings.PATH,
                description = "the rule that decides, with slashes (default: ${DEFAULT-VALUE})")
        private String path = AuthzSettings.PATH;

        @Option(
                names = "--timeout",
                paramLabel = "DURATION",
                defaultValue = "200ms",
                converter = ShortDuration.class,
                description = "for a decision, 1ms to 1m (default: ${DEFAULT-VALUE})")
        private Duration timeout = AuthzSettings.TIMEOUT;

        @Option(
                names = "--max-questions",
                paramLabel = "N",
                defaultValue = "" + AuthzSettings.MAX_QUESTIONS,
                description = "asked at the same time; more are refused (default: ${DEFAULT-VALUE})")
        private int maxQuestions = AuthzSettings.MAX_QUESTIONS;

        @Option(
                names = "--status-on-failure",
                paramLabel = "CODE",
                defaultValue = "" + AuthzSettings.STATUS_ON_FAILURE,
                description = "what clients get when there is no decision, 400..599 (default: ${DEFAULT-VALUE})")
        private int statusOnFailure = AuthzSettings.STATUS_ON_FAILURE;

        @Option(
                names = "--log",
                paramLabel = "WHAT",
                defaultValue = "denials",
                description = "none, failures, denials (and failures) or all: a line each (default: ${DEFAULT-VALUE})")
        private String log = "denials";

        @Option(
                names = "--metrics",
                paramLabel = "HOST:PORT",
                converter = HostPort.class,
                description = "serves /metrics for Prometheus there (default: nowhere)")
        private @Nullable InetSocketAddress metrics;

        @Override
        public Integer call() throws InterruptedException {
            AuthzSettings settings = settings();
            Foreground.logOneLineEach();
            try {
                AuthzServer server = AuthzServer.start(settings);
                PageServer pages = metrics == null ? null : metricsPage(server, metrics);
                System.out.println("ready");
                Foreground.until(() -> {
                    server.close();
                    if (pages != null) {
                        pages.close();
                    }
                });
                return 0;
            } catch (IOException e) {
                System.err.println("lateen authz serve: " + e.getMessage());
                return 1;
            }
        }

        private static PageServer metricsPage(AuthzServer server, InetSocketAddress at) throws IOException {
            try {
                return PageServer.start(
                        at,
                        Map.of("/metrics", () -> PageServer.Page.text("text/plain; version=0.0.4", server.metrics())));
            } catch (IOException e) {
                server.close();
                throw e;
            }
        }

        private AuthzSettings settings() {
            if (opa == null || listen == null || spec == null) {
                throw new IllegalStateException("picocli sets these before it calls");
            }
            try {
                return new AuthzSettings(listen, opa, path, timeout, maxQuestions, statusOnFailure, logged());
            } catch (IllegalArgumentException e) {
                throw new ParameterException(spec.commandLine(), e.getMessage());
            }
        }

        private Logged logged() {
            if (List.of("none", "failures", "denials", "all").contains(log)) {
                return Logged.valueOf(log.toUpperCase(Locale.ROOT));
            }
            throw new IllegalArgumentException("--log: '" + log + "' (expected: none, failures, denials or all)");
        }
    }
}
