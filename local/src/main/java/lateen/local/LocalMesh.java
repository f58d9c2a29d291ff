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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import lateen.identity.SpiffeId;
import org.jspecify.annotations.Nullable;

/**
 * A running mesh on this machine. {@link #start} needs root; {@link #close}, which also runs when the JVM is asked to end,
 * removes everything: processes, namespaces with their rules, hosts files, the run's folder.
 *
 * <p>For each workload the order is: rules, sidecar, application. From the moment the rules are there, traffic fails closed
 * while the sidecar does not run. A sidecar or control plane that ends is started again, a sidecar with a new token.
 */
public final class LocalMesh implements AutoCloseable {
    private static final Duration READY = Duration.ofSeconds(60);
    private static final Duration GRACE = Duration.ofSeconds(5);
    /** In which a process that is being trained writes its archive. */
    private static final Duration TRAINING_GRACE = Duration.ofMinutes(2);

    /** Read by a JVM that is being trained only (JEP 514): the one that it starts to write the archive needs more memory. */
    private static final String ARCHIVER = "JDK_AOT_VM_OPTIONS";

    private static final String ARCHIVER_FLAGS = "-Xmx512m";
    private static final int READY_PORT = 15021;

    private final MeshPlan plan;
    private final Duration grace;
    private final RunDirectory run;
    private final Network network;
    private final JavaPrograms programs;
    private final Launcher launcher;
    private final JoinTokens tokens = new JoinTokens();
    private final ScheduledExecutorService restarts = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("lateen-restarts").factory());
    private final Map<String, LocalWorkload> workloads = new LinkedHashMap<>(); // guarded by itself
    private final List<Supervised> stoppable = new ArrayList<>(); // in the order of starting; guarded by itself
    private final Supervised controlPlane;
    private final AtomicReference<@Nullable OutputStream> grants = new AtomicReference<>();
    private final AtomicBoolean closed = new AtomicBoolean();
    private final Thread hook = Thread.ofPlatform().name("lateen-cleanup").unstarted(this::closeQuietly);

    private LocalMesh(MeshPlan plan, Duration grace, RunDirectory run, Network network, JavaPrograms programs)
            throws IOException {
        this.plan = plan;
        this.grace = grace;
        this.run = run;
        this.network = network;
        this.programs = programs;
        this.launcher = new Launcher(run);
        Path logs = run.path().resolve("logs");
        Files.createDirectories(logs);
        Files.setPosixFilePermissions(logs, PosixFilePermissions.fromString("rwx------"));
        this.controlPlane = supervised("control-plane", this::startControlPlane);
    }

    /**
     * Brings everything up and returns when all of it is ready.
     *
     * @throws IOException naming what did not start, with its last words; everything is removed again
     */
    public static LocalMesh start(MeshPlan plan, Distribution distribution) throws IOException, InterruptedException {
        return start(plan, distribution, "");
    }

    /**
     * The same with the control plane and one workload's sidecar recording what they load, for start-up archives that
     * {@link #closeAndKeepArchives} then puts into the distribution.
     */
    public static LocalMesh train(MeshPlan plan, Distribution distribution, String workload)
            throws IOException, InterruptedException {
        return start(plan, distribution, workload);
    }

    private static LocalMesh start(MeshPlan plan, Distribution distribution, String trained)
            throws IOException, InterruptedException {
        if (!"root".equals(System.getProperty("user.name"))) {
            throw new IOException("user: " + System.getProperty("user.name")
                    + " (expected: root, who may create network namespaces and run programs as other users)");
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
            mesh.bringUp();
            return mesh;
        } catch (IOException | InterruptedException | RuntimeException e) {
            mesh.closeQuietly();
            throw e;
        }
    }

    private void bringUp() throws IOException, InterruptedException {
        List<WorkloadEntries.Member> all = new ArrayList<>();
        for (MeshPlan.Workload workload : plan.workloads()) {
            Namespace namespace = network.add(workload.name());
            network.hosts(namespace, plan.hosts());
            all.add(new WorkloadEntries.Member(workload, namespace));
        }
        for (Map.Entry<String, String> file : plan.config().entrySet()) {
            configure(file.getKey(), file.getValue());
        }
        configure(
                "workloads.yaml",
                WorkloadEntries.yaml(
                        all.stream().filter(one -> one.workload().sidecar()).toList()));
        controlPlane.start();
        // All at once, each in its own order.
        try (ExecutorService threads = Executors.newThreadPerTaskExecutor(
                Thread.ofPlatform().daemon().name("bring-up-", 0).factory())) {
            List<Future<LocalWorkload>> started = new ArrayList<>();
            for (WorkloadEntries.Member one : all) {
                started.add(threads.submit(() -> bringUp(one.workload(), one.namespace())));
            }
            for (Future<LocalWorkload> one : started) {
                LocalWorkload workload = one.get();
                synchronized (workloads) {
                    workloads.put(workload.name(), workload);
                }
            }
        } catch (ExecutionException e) {
            throw e.getCause() instanceof IOException io ? io : new IOException(e.getCause());
        }
    }

    private LocalWorkload bringUp(MeshPlan.Workload workload, Namespace namespace)
            throws IOException, InterruptedException {
        long rulesMillis = workload.capture() ? CaptureRules.write(namespace) : 0;
        Optional<SpiffeId> identity = Optional.empty();
        Optional<Supervised> sidecar = Optional.empty();
        if (workload.sidecar()) {
            identity = Optional.of(workload.identity(plan.trustDomain()));
            Supervised process =
                    supervised("sidecar-" + workload.name(), launched -> startSidecar(workload, namespace, launched));
            process.start();
            sidecar = Optional.of(process);
        }
        Optional<Supervised> application = Optional.empty();
        for (MeshPlan.Application program : workload.application()) {
            Supervised process = supervised(
                    "app-" + workload.name(), launched -> startApplication(workload, program, namespace, launched));
            process.start();
            application = Optional.of(process);
        }
        return new LocalWorkload(workload.name(), namespace, identity, sidecar, application, rulesMillis);
    }

    private Supervised supervised(String name, Supervised.Start start) {
        Path logs = run.path().resolve("logs");
        Supervised process = new Supervised(
                name,
                new LineLog(logs.resolve(name + ".out")),
                new LineLog(logs.resolve(name + ".err")),
                restarts,
                grace,
                start);
        synchronized (stoppable) {
            stoppable.add(process);
        }
        return process;
    }

    private void startControlPlane(java.util.function.Consumer<Process> launched) throws IOException {
        Path state = run.privateFolder("control-plane-state", Account.CONTROL_PLANE);
        Path temporary = run.privateFolder("control-plane", Account.CONTROL_PLANE);
        long from = controlPlane.out().count();
        Map<String, String> environment =
                Map.of("HOME", temporary.toString(), "MALLOC_ARENA_MAX", "1", ARCHIVER, ARCHIVER_FLAGS);
        Process process = launcher.start(
                network.mesh(),
                Account.CONTROL_PLANE,
                programs.controlPlane(run.folder("config"), state, network.mesh(), temporary),
                environment,
                temporary);
        launched.accept(process);
        if (!saysReady(process, from)) {
            throw new IOException("control plane: not ready" + said(controlPlane));
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

    private void startSidecar(
            MeshPlan.Workload workload, Namespace namespace, java.util.function.Consumer<Process> launched)
            throws IOException {
        OutputStream toControlPlane = grants.get();
        if (toControlPlane == null || controlPlane.pid() == 0) {
            throw new IOException("sidecar of " + workload.name() + ": no control plane to join");
        }
        Path temporary = run.privateFolder("sidecar-" + workload.name(), Account.SIDECAR);
        String root = Files.readString(run.scratch().resolve("control-plane-state/root-cert.pem"));
        String token = tokens.mint(workload.identity(plan.trustDomain()), toControlPlane);
        Map<String, String> environment =
                JavaPrograms.sidecarEnvironment(workload, plan.trustDomain(), namespace, network.mesh());
        environment.put("HOME", temporary.toString());
        environment.put(ARCHIVER, ARCHIVER_FLAGS);
        Process process = launcher.start(
                namespace, Account.SIDECAR, programs.sidecar(workload, temporary), environment, temporary);
        launched.accept(process);
        try (OutputStream in = process.getOutputStream()) {
            in.write(("token " + token + "\n" + root).getBytes(StandardCharsets.US_ASCII));
        } catch (IOException e) {
            throw new IOException("sidecar of " + workload.name() + ": did not read its token", e);
        }
        if (!Probe.http(namespace, READY_PORT, "/healthz/ready", READY, () -> !process.isAlive())) {
            throw notReady("sidecar-" + workload.name(), process);
        }
    }

    private void startApplication(
            MeshPlan.Workload workload,
            MeshPlan.Application program,
            Namespace namespace,
            java.util.function.Consumer<Process> launched)
            throws IOException {
        Path temporary = run.privateFolder("app-" + workload.name(), Account.APPLICATION);
        Process process = launcher.start(
                namespace,
                Account.APPLICATION,
                programs.application(program, temporary),
                Map.of("HOME", temporary.toString()),
                temporary);
        launched.accept(process);
        process.getOutputStream().close();
        if (!Probe.tcp(namespace, program.port(), READY, () -> !process.isAlive())) {
            throw notReady("app-" + workload.name(), process);
        }
    }

    private IOException notReady(String name, Process process) {
        String state = process.isAlive() ? "not ready after " + READY.toSeconds() + " s" : "ended";
        return new IOException(name + ": " + state + said(named(name)));
    }

    private Supervised named(String name) {
        synchronized (stoppable) {
            return stoppable.stream()
                    .filter(one -> one.name().equals(name))
                    .findFirst()
                    .orElseThrow();
        }
    }

    private static String said(Supervised process) {
        return "; it said:" + process.out().tail() + process.err().tail();
    }

    /** Writes a file of configuration in one step; the control plane sees it change. */
    public void configure(String name, String yaml) throws IOException {
        Path folder = run.folder("config");
        Path partial = folder.resolve("." + name + ".partial");
        Files.writeString(partial, yaml);
        Files.setPosixFilePermissions(partial, PosixFilePermissions.fromString("rw-r--r--"));
        Files.move(partial, folder.resolve(name), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    /** Adds a workload while the mesh runs. */
    public LocalWorkload add(MeshPlan.Workload workload, Map<String, List<String>> hosts)
            throws IOException, InterruptedException {
        if (workload.sidecar()) {
            throw new IllegalArgumentException("workload " + workload.name() + ": members are part of the plan");
        }
        Namespace namespace = network.add(workload.name());
        network.hosts(namespace, hosts);
        LocalWorkload added = bringUp(workload, namespace);
        synchronized (workloads) {
            workloads.put(added.name(), added);
        }
        return added;
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
            stopAll();
            remove();
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
        stopAll();
        try {
            keepArchive("sidecar", named("sidecar-" + recorded), distribution);
            keepArchive("full", controlPlane, distribution);
        } finally {
            remove();
        }
    }

    private void keepArchive(String name, Supervised by, Distribution distribution) throws IOException {
        Path made = run.scratch().resolve(by.name()).resolve(name + ".aot");
        if (!Files.exists(made)) {
            throw new IOException(by.name() + ": wrote no archive" + said(by));
        }
        Path kept = distribution.archive(name);
        Files.copy(made, kept, StandardCopyOption.REPLACE_EXISTING);
        Files.setPosixFilePermissions(kept, PosixFilePermissions.fromString("rw-r--r--"));
    }

    private void stopAll() {
        restarts.shutdownNow();
        List<Supervised> all;
        synchronized (stoppable) {
            all = List.copyOf(stoppable);
        }
        stop(all, "app-");
        stop(all, "sidecar-");
        stop(all, "control-plane");
    }

    private void remove() throws IOException {
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

    private static void stop(List<Supervised> all, String prefix) {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            all.stream().filter(one -> one.name().startsWith(prefix)).forEach(one -> threads.execute(one::close));
        }
    }
}
