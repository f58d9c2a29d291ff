package lateen.cli.up;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import lateen.control.registry.AddressPool;
import lateen.control.source.Problem;
import lateen.control.source.SourceFile;
import lateen.local.Account;
import lateen.local.MeshPlan;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DescriptionTest {
    private static final String SERVICE = """
            apiVersion: v1
            kind: Service
            metadata: {name: web, namespace: shop}
            spec:
              clusterIP: 10.33.1.7
              selector: {app: web, tier: front}
              ports: [{name: http, port: 80}]
            ---
            """;

    private static final String WORKLOAD = """
            apiVersion: local.lateen.dev/v1alpha1
            kind: LocalWorkload
            metadata: {name: web-v2, namespace: shop, labels: {version: v2}}
            spec:
              service: web
              serviceAccount: shop
              instances: 3
              command: [./web, "8080"]
              workingDirectory: sub
              user: 1234
              environment: {MODE: "1"}
              ports: [8080]
            """;

    @TempDir
    Path directory;

    @Test
    void allFieldsOfAWorkloadArriveInThePlanWithTheServicesLabels() throws Exception {
        Files.createDirectory(directory.resolve("sub"));
        assertThat(Files.createFile(directory.resolve("sub/web")).toFile().setExecutable(true))
                .isTrue();

        Description.Good good = good(SERVICE + WORKLOAD);

        assertThat(good.workloads())
                .containsExactly(new MeshPlan.Workload(
                        "web-v2",
                        "shop",
                        "shop",
                        Map.of("app", "web", "tier", "front", "version", "v2"),
                        3,
                        true,
                        true,
                        Optional.empty(),
                        List.of(new MeshPlan.Application(
                                new MeshPlan.Program.Command(List.of("./web", "8080")),
                                List.of(8080),
                                new Account(1234, 1234),
                                Map.of("MODE", "1"),
                                Optional.of(directory.resolve("sub"))))));
        assertThat(good.hosts()).hasSize(1).allSatisfy((names, addresses) -> {
            assertThat(names).isEqualTo("web web.shop web.shop.svc web.shop.svc.cluster.local");
            assertThat(addresses).contains("10.33.1.7");
        });
    }

    @Test
    void whatIsLeftOutHasItsDefault() {
        Description.Good good = good("""
                apiVersion: local.lateen.dev/v1alpha1
                kind: LocalWorkload
                metadata: {name: here}
                """);

        assertThat(good.workloads())
                .containsExactly(new MeshPlan.Workload(
                        "here",
                        "default",
                        "default",
                        Map.of("app", "here"),
                        1,
                        true,
                        true,
                        Optional.empty(),
                        List.of()));
    }

    @Test
    void aShortNameOfTwoNamespacesIsNobodys() {
        String other = SERVICE.replace("namespace: shop", "namespace: mall").replace("10.33.1.7", "10.33.1.8");

        assertThat(good(SERVICE + other).hosts().keySet())
                .containsExactlyInAnyOrder(
                        "web.shop web.shop.svc web.shop.svc.cluster.local",
                        "web.mall web.mall.svc web.mall.svc.cluster.local");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "instances: 3   | instances: 101  | test.yaml:15: spec.instances: 101 (expected: a number, 0..100)",
                "instances: 3   | instanses: 3    | test.yaml:15: spec.instanses: unknown field",
                "user: 1234     | user: root      | test.yaml:18: spec.user: \"root\" (expected: a number, 0..65534)",
                "MODE: \"1\"    | MODE: 1         | test.yaml:19: spec.environment.MODE: 1 (expected: text; quote it",
                "MODE: \"1\"    | M-E: \"1\"      | test.yaml:19: spec.environment: \"M-E\" (expected:",
                "ports: [8080]  | ports: [0]      | test.yaml:20: spec.ports[0]: 0 (expected: a number, 1..65535)",
                "service: web   | service: wep    | test.yaml:13: spec.service: \"wep\": no such Service in namespace shop",
                "version: v2    | app: other      | test.yaml:11: metadata.labels.app: \"other\", but Service web selects",
                "Directory: sub | Directory: no   | test.yaml:17: spec.workingDirectory: ",
                "[./web,        | [./wep,         | test.yaml:16: spec.command: \"./wep\": ",
                "v1alpha1       | v1              | test.yaml:9: apiVersion: \"local.lateen.dev/v1\" (expected:",
            })
    void whatIsWrongIsRefusedWithFileAndLine(String good, String bad, String message) throws Exception {
        Files.createDirectory(directory.resolve("sub"));
        assertThat(Files.createFile(directory.resolve("sub/web")).toFile().setExecutable(true))
                .isTrue();
        String text = SERVICE + WORKLOAD.replace(good, bad);
        assertThat(text).isNotEqualTo(SERVICE + WORKLOAD);

        assertThat(bad(text)).anyMatch(problem -> problem.startsWith(message));
    }

    @Test
    void annotationsAndNamesOfAnothersInstancesAreRefused() {
        String annotated = """
                apiVersion: local.lateen.dev/v1alpha1
                kind: LocalWorkload
                metadata:
                  name: web
                  annotations: {sidecar.istio.io/inject: "true"}
                spec: {instances: 2}
                """;
        assertThat(bad(annotated))
                .containsExactly("test.yaml:5: metadata.annotations.sidecar.istio.io/inject: has no effect here"
                        + " (expected: leave it out)");
        String second = """
                ---
                apiVersion: local.lateen.dev/v1alpha1
                kind: LocalWorkload
                metadata: {name: web-2, namespace: elsewhere}
                """;
        assertThat(bad(annotated.replaceAll("(?m)^  annotations.*\n", "") + second))
                .singleElement()
                .asString()
                .startsWith("test.yaml:9: metadata.name: \"web-2\" is also the name of an instance of default/web (");
    }

    private Description.Good good(String yaml) {
        return (Description.Good) describe(yaml);
    }

    private List<String> bad(String yaml) {
        return ((Description.Bad) describe(yaml))
                .problems().stream().map(Problem::toString).toList();
    }

    private Description describe(String yaml) {
        return Description.of(
                directory,
                List.of(new SourceFile("test.yaml", yaml.getBytes(StandardCharsets.UTF_8))),
                AddressPool.DEFAULT);
    }
}
