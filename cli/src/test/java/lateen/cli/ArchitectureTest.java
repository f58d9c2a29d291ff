package lateen.cli;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMethodCall;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.Arrays;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The rules of docs/architecture.md that Maven's module graph cannot express. */
class ArchitectureTest {

    private static final String[] WIRE_FORMATS = {"com.google.protobuf..", "io.envoyproxy..", "io.grpc.."};

    private static JavaClasses classes;

    @BeforeAll
    static void readTheClasses() {
        classes = new ClassFileImporter()
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                .withImportOption(location -> !location.contains("/lateen/testing/"))
                .importPackages("lateen");
        assertThat(classes.size()).as("classes found").isGreaterThan(100);
    }

    @Test
    void captureAndIdentityNeedTheJdkOnly() {
        noClasses()
                .that()
                .resideInAnyPackage("lateen.capture..", "lateen.identity..")
                .should()
                .dependOnClassesThat()
                .resideOutsideOfPackages(
                        "java..", "javax..", "jdk..", "org.jspecify..", "lateen.capture..", "lateen.identity..")
                .because("they run in an init container and in every sidecar: pass what they need as a parameter")
                .check(classes);
    }

    /** model ← host ← plan, render, read ← simulate, probe, apply ← command; each may use those before it. */
    @Test
    void theRoomsOfCaptureLookOneWay() {
        captureRoom("model");
        captureRoom("host", "model");
        captureRoom("plan", "model");
        captureRoom("render", "model");
        captureRoom("read", "model", "host");
        captureRoom("simulate", "model", "render");
        captureRoom("probe", "model", "host", "plan");
        captureRoom("apply", "model", "host", "plan", "render", "read");
        captureRoom("command", "model", "host", "plan", "render", "read", "simulate", "probe", "apply");
    }

    private static void captureRoom(String room, String... uses) {
        String[] allowed = Stream.concat(Stream.of(room), Arrays.stream(uses))
                .map(name -> "lateen.capture." + name)
                .toArray(String[]::new);
        noClasses()
                .that()
                .resideInAPackage("lateen.capture." + room)
                .should()
                .dependOnClassesThat(resideInAPackage("lateen.capture..").and(not(resideInAnyPackage(allowed))))
                .because("a rule is planned, rendered, read and simulated without a kernel: see capture's package-info")
                .check(classes);
    }

    @Test
    void decisionsSeeNoWireFormatNoNetworkAndNoClock() {
        noClasses()
                .that()
                .resideInAPackage("lateen.decision..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "com.google.protobuf..",
                        "io.envoyproxy..",
                        "io.grpc..",
                        "io.netty..",
                        "java.nio.channels..",
                        "java.nio.file..",
                        "java.util.concurrent..",
                        "org.slf4j..")
                .because("the same program answers explain, tests and traffic: hand time, bytes and randomness in")
                .check(classes);
        noClasses()
                .that()
                .resideInAPackage("lateen.decision..")
                .should()
                .callMethodWhere(named("currentTimeMillis", "nanoTime", "now"))
                .because("time is a parameter of a decision")
                .check(classes);
    }

    @Test
    void theDataPlaneSeesNoProtobuf() {
        noClasses()
                .that()
                .resideInAPackage("lateen.proxy..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(WIRE_FORMATS)
                .because("the xds module decodes once at the edge: use the records of lateen.decision.config")
                .check(classes);
    }

    @Test
    void theDataPlaneNeverBlocks() {
        noClasses()
                .that()
                .resideInAPackage("lateen.proxy..")
                .should()
                .callMethodWhere(new DescribedPredicate<JavaMethodCall>("blocks its thread") {
                    @Override
                    public boolean test(JavaMethodCall call) {
                        String owner = call.getTargetOwner().getFullName();
                        String method = call.getName();
                        return owner.equals("java.lang.Thread") && method.equals("sleep")
                                || owner.startsWith("java.util.concurrent.CompletableFuture")
                                        && Set.of("get", "join").contains(method)
                                || owner.equals("java.net.InetAddress") && method.equals("getByName");
                    }
                })
                .because("an event loop serves thousands of connections: use a listener on the future")
                .check(classes);
    }

    @Test
    void theTwoPlanesDoNotKnowEachOther() {
        noClasses()
                .that()
                .resideInAPackage("lateen.proxy..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("lateen.control..")
                .because("xDS is the only contract between the planes")
                .check(classes);
        noClasses()
                .that()
                .resideInAnyPackage("lateen.control..", "lateen.agent..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("lateen.proxy..")
                .because("xDS is the only contract between the planes")
                .check(classes);
    }

    @Test
    void serversOfTheirOwnKnowNoMesh() {
        noClasses()
                .that()
                .resideInAPackage("lateen.services..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "lateen.capture..",
                        "lateen.proxy..",
                        "lateen.agent..",
                        "lateen.control..",
                        "lateen.local..",
                        "lateen.cli..")
                .because("they serve any mesh, Envoy's too: what is particular to a run is handed in by cli")
                .check(classes);
    }

    @Test
    void modulesHaveNoCycles() {
        slices().matching("lateen.(*)..").should().beFreeOfCycles().check(classes);
    }

    @Test
    void bouncyCastleStaysInTheControlPlane() {
        noClasses()
                .that()
                .resideOutsideOfPackage("lateen.control.ca..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("org.bouncycastle..")
                .because("9 MB of class path belong to the CA alone")
                .check(classes);
    }

    private static DescribedPredicate<JavaMethodCall> named(String... names) {
        Set<String> wanted = Set.of(names);
        return new DescribedPredicate<>("is one of " + wanted) {
            @Override
            public boolean test(JavaMethodCall call) {
                return wanted.contains(call.getName())
                        && call.getTargetOwner().getPackageName().startsWith("java.");
            }
        };
    }
}
