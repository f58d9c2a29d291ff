package lateen.local;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import lateen.identity.SpiffeId;
import org.jspecify.annotations.Nullable;

/**
 * A running mesh on this machine. {@link #start} needs root, of the machine or of a user namespace; {@link #close}, which
 * also runs when the JVM is asked to end, removes everything: processes, namespaces with their rules, hosts files, the run's
 * folder.
 *
 * <p>For each instance of a workload the order is: rules, sidecar, applications. From the moment the rules are there,
 * traffic fails closed while the sidecar does not run. A process that ends by itself is started again, a sidecar with a new
 * token.
 */
public final class LocalMesh implements AutoCloseable {
    private static final Duration READY = Duration.ofSeconds(60);
    private static final Duration GRACE = Duration.ofSeconds(5);
    /** In which a process that is being trained writes its archive. */
    private static final Duration TRAINING_GRACE = Duration.ofMinutes(2);
    /** In which a change of configuration has reached all sidecars: watching, coalescing and pushing take half of it. */
    private static final Duration HEARD = Duration.ofMillis(500);

    /** Read by a JVM that is being trained only (JEP 514): the one that it starts to write the archive needs more memory. */
    private static final String ARCHIVER = "JDK_AOT_VM_OPTIONS";

    private static final String ARCHIVER_FLAGS = "-Xmx512m";
    private static final int READY_PORT = 15021;

    private final MeshPlan plan;
    private final RunDirectory run;
    private final Namespace bridge;
    private final ConfigFolder config;
    private final Places places;
    private final JavaPrograms programs;
    private final Launcher launcher;
    private final StagedFolders folders;
    private final Processes processes;
    private final JoinTokens tokens = new JoinTokens();
    private final Map<String, LocalWorkload> workloads = new LinkedHashMap<>(); // guarded by itself
    private final Supervised controlPlane;
    private final AtomicReference<@Nullable OutputStream> grants = new AtomicReference<>();
    private final AtomicBoolean closed = new AtomicBoolean();
    private final CountDownLatch removed = new CountDownLatch(1);
    private final Thread hook = Thread.ofPlatform().name("lateen-cleanup").unstarted(this::closeQuietly);

    private LocalMesh(MeshPlan plan, Duration grace, RunDirectory run, Network network, JavaPrograms programs)
            throws IOException {
        this.plan = plan;
        this.run = run;
        this.bridge = network.mesh();
        this.config = new ConfigFolder(run);
        this.places = new Places(network, config, plan.hosts());
        this.programs = programs;
        this.launcher = new Launcher(run);
        this.folders = new StagedFolders(run);
        this.processes = new Processes(run.path().resolve("logs"), grace);
        this.controlPlane = processes.add(Processes.CONTROL_PLANE, this::startControlPlane);
    }

    /**
     * Brings everything up and returns when all of it is ready.
     *
     * @throws IOException naming what did not start, with its last words; everything is removed again
     */
    public static LocalMesh start(MeshPlan plan, Distribution distribution) throws IOException, InterruptedException {
        return start(plan, distribution, _ -> {});
    }

    /** @param progress told in a few words what has become ready, by any thread */
    public static LocalMesh start(MeshPlan plan, Distribution distribution, Consumer<String> progress)
            throws IOException, InterruptedException {
        return start(plan, distribution, "", progress);
    }

    /**
     * The same with the control plane and one workload's sidecar recording what they load, for start-up archives that
     * {@link #closeAndKeepArchives} then puts into the distribution.
     */
    public static LocalMesh train(MeshPlan plan, Distribution distribution, String workload)
            throws IOException, InterruptedException {
        return start(plan, distribution, workload, _ -> {});
    }

    private static LocalMesh start(MeshPlan plan, Distribution distribution, String trained, Consumer<String> progress)
            throws IOException, InterruptedException {
        if (!"root".equals(System.getProperty("user.name"))) {
            throw new IOException("user: " + System.getProperty("user.name")
                    + " (expected: root, of the machine or of a user namespace as bin/lateen makes one)");
        }
        RunDirectory run = RunDirectory.open(RunDirectory.ROOT, plan.run());
        LocalMesh mesh;
        try {
            JavaPrograms programs = new JavaPrograms(StagedRuntime.create(run), distribution, trained);
            mesh = new LocalMesh(plan, trained.isEmpty() ? GRACE : TRAINING_GRACE, run, Network.create(run), programs);
        } catch (IOException | RuntimeException e) {
            run.close();
            throw e;
        }
        try {
            Runtime.getRuntime().addShutdownHook(mesh.hook);
            mesh.bringUp(progress);
            return mesh;
        } catch (IOException | InterruptedException | RuntimeException e) {
            mesh.closeQuietly();
            throw e;
        }
    }

    private void bringUp(Consumer<String> progress) throws IOException, InterruptedException {
        List<Instance> all = new ArrayList<>();
        for (MeshPlan.Workload workload : plan.workloads()) {
            for (int i = 0; i < workload.instances(); i++) {
                all.add(places.add(workload));
            }
        }
        for (Map.Entry<String, String> file : plan.config().entrySet()) {
            config.write(file.getKey(), file.getValue());
        }
        places.list(all);
        controlPlane.start();
        progress.accept("control plane is ready");
        // All at once, each in its own order.
        try (ExecutorService threads = Executors.newThreadPerTaskExecutor(
                Thread.ofPlatform().daemon().name("bring-up-", 0).factory())) {
            List<Future<LocalWorkload>> started = new ArrayList<>();
            for (Instance one : all) {
                started.add(threads.submit(() -> {
                    LocalWorkload workload = bringUp(one);
                    progress.accept(one.name() + " is ready");
                    return workload;
                }));
            }
            for (Future<LocalWorkload> one : started) {
                runs(one.get());
            }
        } catch (ExecutionException e) {
            throw e.getCause() instanceof IOException io ? io : new IOException(e.getCause());
        }
    }

    private LocalWorkload bringUp(Instance instance) throws IOException, InterruptedException {
        MeshPlan.Workload workload = instance.workload();
        UserMap.here().check(instance);
        long rulesMillis = workload.capture() ? CaptureRules.write(instance.namespace(), bridge) : 0;
        Optional<SpiffeId> identity = Optional.empty();
        Optional<Supervised> sidecar = Optional.empty();
        if (workload.sidecar()) {
            identity = Optional.of(workload.identity(plan.trustDomain()));
            Supervised process =
                    processes.add(Processes.SIDECAR + instance.name(), launched -> startSidecar(instance, launched));
            process.start();
            sidecar = Optional.of(process);
        }
        List<Supervised> applications = new ArrayList<>();
        for (MeshPlan.Application application : workload.applications()) {
            String name = Processes.APPLICATION
                    + instance.name()
                    + (applications.isEmpty() ? "" : "." + (applications.size() + 1));
            Supervised process =
                    processes.add(name, launched -> startApplication(name, application, instance, launched));
            process.start();
            applications.add(process);
        }
        RunView.add(run, RunView.Host.of(instance, identity));
        return new LocalWorkload(
                instance.name(), workload, instance.namespace(), identity, sidecar, applications, rulesMillis);
    }

    private LocalWorkload runs(LocalWorkload workload) {
        synchronized (workloads) {
            workloads.put(workload.name(), workload);
        }
        return workload;
    }

    private void startControlPlane(Consumer<Process> launched) throws IOException {
        Path state = run.privateFolder("control-plane-state", Account.CONTROL_PLANE);
        Path temporary = run.privateFolder("control-plane", Account.CONTROL_PLANE);
        long from = controlPlane.out().count();
        Map<String, String> environment =
                Map.of("HOME", temporary.toString(), "MALLOC_ARENA_MAX", "1", ARCHIVER, ARCHIVER_FLAGS);
        Process process = launcher.start(
                bridge,
                Account.CONTROL_PLANE,
                programs.controlPlane(config.path(), state, plan.leafLifetime(), bridge, temporary),
                environment,
                temporary);
        launched.accept(process);
        if (!saysReady(process, from)) {
            throw processes.failure(Processes.CONTROL_PLANE, "not ready");
        }
        grants.set(process.getOutputStream());
    }

    private boolean saysReady(Process process, long from) {
        long deadline = System.nanoTime() + READY.toNanos();
        while (System.nanoTime() < deadline && process.isAlive()) {
            if (controlPlane
                    .out()
                    .await(from, "ready"::equals, Duration.ofMillis(100))
                    .isPresent()) {
                return true;
            }
        }
        return false;
    }

    private void startSidecar(Instance instance, Consumer<Process> launched) throws IOException {
        OutputStream toControlPlane = grants.get();
        if (toControlPlane == null || controlPlane.pid() == 0) {
            throw new IOException("sidecar of " + instance.name() + ": no control plane to join");
        }
        Path temporary = run.privateFolder(Processes.SIDECAR + instance.name(), Account.SIDECAR);
        String root = Files.readString(run.scratch().resolve("control-plane-state/root-cert.pem"));
        String token = tokens.mint(instance.workload().identity(plan.trustDomain()), toControlPlane);
        Map<String, String> environment = JavaPrograms.sidecarEnvironment(instance, plan.trustDomain(), bridge);
        environment.put("HOME", temporary.toString());
        environment.put(ARCHIVER, ARCHIVER_FLAGS);
        Process process = launcher.start(
                instance.namespace(), Account.SIDECAR, programs.sidecar(instance, temporary), environment, temporary);
        launched.accept(process);
        try (OutputStream in = process.getOutputStream()) {
            in.write(("token " + token + "\n" + root).getBytes(StandardCharsets.US_ASCII));
        } catch (IOException e) {
            throw new IOException("sidecar of " + instance.name() + ": did not read its token", e);
        }
        if (!Probe.http(instance.namespace(), READY_PORT, "/healthz/ready", READY, () -> !process.isAlive())) {
            throw notReady(Processes.SIDECAR + instance.name(), process);
        }
    }

    private void startApplication(
            String name, MeshPlan.Application application, Instance instance, Consumer<Process> launched)
            throws IOException {
        Path home = run.privateFolder(name, application.user());
        Map<String, String> environment = new HashMap<>();
        environment.put("HOME", home.toString());
        environment.put("PATH", programs.javaFolder() + ":" + Launcher.PATH);
        environment.putAll(application.environment());
        Process process = launcher.start(
                instance.namespace(),
                application.user(),
                programs.application(application.program(), home),
                environment,
                application.workingDirectory().isEmpty()
                        ? home
                        : folders.readable(application.workingDirectory().get(), application.user()));
        launched.accept(process);
        process.getOutputStream().close();
        for (int port : application.ports()) {
            if (!Probe.tcp(instance.namespace(), port, READY, () -> !process.isAlive())) {
                throw notReady(name, process);
            }
        }
    }

    private IOException notReady(String name, Process process) {
        return processes.failure(
                name, process.isAlive() ? "not ready after " + READY.toSeconds() + " s" : "ended before it was ready");
    }

    /** Writes a file of configuration in one step; the control plane sees it change. */
    public void configure(String name, String yaml) throws IOException {
        config.write(name, yaml);
    }

    /** Takes a file of configuration away. */
    public void unconfigure(String name) throws IOException {
        config.delete(name);
    }

    /** Replaces the names that all workloads know; running programs see the change. */
    public void hosts(Map<String, List<String>> names) throws IOException {
        places.hosts(names);
    }

    /**
     * Starts one more instance of a workload while the mesh runs, whether or not the plan has the workload.
     *
     * @throws IOException when it does not become ready; nothing of it is left then
     */
    public LocalWorkload add(MeshPlan.Workload workload) throws IOException, InterruptedException {
        return add(places.add(workload));
    }

    /** The same with a hosts file of its own. */
    public LocalWorkload add(MeshPlan.Workload workload, Map<String, List<String>> names)
            throws IOException, InterruptedException {
        return add(places.add(workload, names));
    }

    private LocalWorkload add(Instance instance) throws IOException, InterruptedException {
        try {
            LocalWorkload added = bringUp(instance);
            // Only now, so that no call finds it half started.
            places.list(List.of(instance));
            return runs(added);
        } catch (IOException | InterruptedException | RuntimeException e) {
            demolish(places.withdraw(instance.name()));
            throw e;
        }
    }

    /** Removes an instance: others stop calling it, it finishes what it has begun, and nothing of it is left. */
    public void remove(String name) throws IOException {
        demolish(withdraw(workload(name)));
    }

    /** As if its machine were switched off: its processes die in the midst of work, and only then others hear of it. */
    public void kill(String name) throws IOException {
        LocalWorkload dying = workload(name);
        dying.applications().forEach(Supervised::kill);
        dying.sidecar().ifPresent(Supervised::kill);
        demolish(withdraw(dying));
    }

    private Instance withdraw(LocalWorkload workload) throws IOException {
        synchronized (workloads) {
            workloads.remove(workload.name());
        }
        Instance instance = places.withdraw(workload.name());
        LockSupport.parkNanos(HEARD.toNanos());
        return instance;
    }

    private void demolish(Instance instance) throws IOException {
        for (String process : processes.endOf(instance.name())) {
            run.deletePrivateFolder(process);
        }
        places.demolish(instance);
    }

    public LocalWorkload workload(String name) {
        synchronized (workloads) {
            LocalWorkload found = workloads.get(name);
            if (found == null) {
                throw new IllegalArgumentException("workload: \"" + name + "\" (expected: " + workloads.keySet() + ")");
            }
            return found;
        }
    }

    public Collection<LocalWorkload> workloads() {
        synchronized (workloads) {
            return List.copyOf(workloads.values());
        }
    }

    public Supervised controlPlane() {
        return controlPlane;
    }

    public RunDirectory run() {
        return run;
    }

    /**
     * The command line by which anybody who may enters the place of a workload of a run.
     *
     * @throws IOException when there is no such run or workload, naming those that there are
     */
    public static List<String> commandInside(String run, String workload, Account user, List<String> command)
            throws IOException {
        String prefix = Network.prefix(run);
        Path folder = Namespace.file(prefix).getParent();
        if (!Files.exists(Namespace.file(prefix + "mesh"))) {
            throw new IOException("run \"" + run + "\": not running (expected: the name of one that is; --name)");
        }
        if (!Files.exists(Namespace.file(prefix + workload))) {
            try (var names = Files.list(folder)) {
                throw new IOException("workload \"" + workload + "\" (expected: one of "
                        + names.map(file -> file.getFileName().toString())
                                .filter(name -> name.startsWith(prefix))
                                .map(name -> name.substring(prefix.length()))
                                .sorted()
                                .toList()
                        + ")");
            }
        }
        return new Namespace(prefix + workload, "", "").command(user, command);
    }

    /** Runs a program inside a workload's namespace as its application's user, to the end. */
    public Command.Result run(LocalWorkload where, Duration limit, String... command) throws IOException {
        return Command.run(limit, "", where.namespace().command(Account.APPLICATION, List.of(command)));
    }

    /** The same for a Java program in a jar. */
    public Command.Result runJava(LocalWorkload where, Duration limit, Path jar, String mainClass, String... arguments)
            throws IOException {
        Path temporary = run.privateFolder("run-" + where.name(), Account.APPLICATION);
        List<String> command = programs.application(jar, mainClass, List.of(arguments), temporary);
        return Command.run(limit, "", where.namespace().command(Account.APPLICATION, command));
    }

    private void closeQuietly() {
        try {
            close();
        } catch (IOException e) {
            System.err.println("lateen: " + e.getMessage());
        }
    }

    /** Stops applications, then sidecars, then the control plane, and removes everything. A second call does nothing. */
    @Override
    public void close() throws IOException {
        if (closed.compareAndSet(false, true)) {
            try {
                processes.endAll();
                removeAll();
            } finally {
                removed.countDown();
            }
        } else if (Thread.currentThread() == hook) {
            awaitRemoved();
        }
    }

    /** The JVM, which is ending, must not be gone before the thread that removes everything has done so. */
    private void awaitRemoved() {
        try {
            removed.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * {@link #close} for a mesh that was started by {@link #train}.
     *
     * @param recorded the workload whose sidecar's archive is kept
     * @throws IOException when an archive is missing; everything is removed all the same
     */
    public void closeAndKeepArchives(String recorded, Distribution distribution) throws IOException {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        try {
            processes.endAll();
            try {
                keepArchive("sidecar", processes.named(Processes.SIDECAR + recorded), distribution);
                keepArchive("full", controlPlane, distribution);
            } finally {
                removeAll();
            }
        } finally {
            removed.countDown();
        }
    }

    private void keepArchive(String name, Supervised by, Distribution distribution) throws IOException {
        Path made = run.scratch().resolve(by.name()).resolve(name + ".aot");
        if (!Files.exists(made)) {
            throw processes.failure(by.name(), "wrote no archive");
        }
        Path kept = distribution.archive(name);
        Files.copy(made, kept, StandardCopyOption.REPLACE_EXISTING);
        Files.setPosixFilePermissions(kept, PosixFilePermissions.fromString("rw-r--r--"));
    }

    private void removeAll() throws IOException {
        launcher.close();
        run.close();
        if (Thread.currentThread() != hook) {
            try {
                Runtime.getRuntime().removeShutdownHook(hook);
            } catch (IllegalStateException e) {
                // The JVM is ending: the hook finds everything done.
            }
        }
    }
}
