package lateen.local;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;

/** A distribution whose programs are the stand-ins of this module's tests. */
final class FakePrograms {
    private FakePrograms() {}

    static Distribution at(Path home) throws IOException {
        Path lib = Files.createDirectories(home.resolve("dist/lib"));
        try (OutputStream file = Files.newOutputStream(lib.resolve("fake.jar"));
                JarOutputStream jar = new JarOutputStream(file)) {
            for (Class<?> type : List.of(lateen.cli.Main.class, lateen.cli.SidecarMain.class, IdleApplication.class)) {
                String entry = type.getName().replace('.', '/') + ".class";
                jar.putNextEntry(new JarEntry(entry));
                try (var in = type.getClassLoader().getResourceAsStream(entry)) {
                    in.transferTo(jar);
                }
            }
        }
        Files.writeString(home.resolve("dist/full.cp"), "fake.jar\n");
        Files.writeString(home.resolve("dist/sidecar.cp"), "fake.jar\n");
        return new Distribution(home);
    }

    static MeshPlan plan(String run, Path home) {
        MeshPlan.Application idle = idle(home);
        Map<String, List<String>> hosts = new LinkedHashMap<>();
        hosts.put("frontend frontend.shop", List.of("10.33.1.11", "fd33:0:0:1::11"));
        return new MeshPlan(
                run,
                "cluster.local",
                MeshPlan.LEAF_LIFETIME,
                Map.of("services.yaml", "# none\n"),
                hosts,
                List.of(
                        MeshPlan.Workload.member("client", "shop"),
                        MeshPlan.Workload.member("frontend", "shop", idle),
                        MeshPlan.Workload.outsider("outsider", "shop")));
    }

    static MeshPlan.Application idle(Path home) {
        return MeshPlan.Application.of(
                new MeshPlan.Program.Java(
                        home.resolve("dist/lib/fake.jar"), "lateen.local.IdleApplication", List.of("8080")),
                8080);
    }
}
