package lateen.xds.bootstrap;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import io.envoyproxy.envoy.config.overload.v3.OverloadAction;
import io.envoyproxy.envoy.config.overload.v3.OverloadManager;
import io.envoyproxy.envoy.config.overload.v3.ResourceMonitor;
import io.envoyproxy.envoy.config.overload.v3.Trigger;
import io.envoyproxy.envoy.extensions.resource_monitors.downstream_connections.v3.DownstreamConnectionsConfig;
import io.envoyproxy.envoy.extensions.resource_monitors.fixed_heap.v3.FixedHeapConfig;
import io.envoyproxy.envoy.extensions.resource_monitors.injected_resource.v3.InjectedResourceConfig;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import lateen.decision.config.OverloadConfig;
import lateen.decision.config.OverloadConfig.Action;
import lateen.decision.config.OverloadConfig.Kind;
import lateen.decision.config.OverloadConfig.Monitor;
import lateen.xds.text.KnownTypes;

/**
 * Reads {@code overload_manager}, {@code config.overload.v3.OverloadManager}, which keeps the rules of its messages already
 * (numbers from 0 to 1, at least one trigger). Refuses what it cannot honour by name.
 */
final class OverloadReading {
    private static final String AT = "overload_manager";
    private static final String MONITORS = "envoy.resource_monitors.";
    /** Envoy finds this one by its name, not its type. */
    private static final String CONNECTIONS = MONITORS + "global_downstream_max_connections";

    private static final Duration REFRESH = Duration.ofSeconds(1);

    private static final String KINDS =
            Arrays.stream(Kind.values()).map(Kind::text).collect(Collectors.joining(", "));

    private final Set<String> monitors = new HashSet<>();

    private OverloadReading() {}

    static OverloadConfig read(OverloadManager manager) {
        return new OverloadReading().all(manager);
    }

    private OverloadConfig all(OverloadManager manager) {
        if (manager.getLoadshedPointsCount() > 0) {
            throw new Unsupported(AT + ".loadshed_points", "unsupported field (expected: actions)");
        }
        if (manager.hasBufferFactoryConfig()) {
            throw new Unsupported(AT + ".buffer_factory_config", "unsupported field");
        }
        Duration refresh = REFRESH;
        if (manager.hasRefreshInterval()) {
            refresh = Duration.ofSeconds(
                    manager.getRefreshInterval().getSeconds(),
                    manager.getRefreshInterval().getNanos());
            if (refresh.toMillis() < 1) {
                throw new Unsupported(AT + ".refresh_interval", refresh + " (expected: a millisecond or more)");
            }
        }
        List<Monitor> watched = new ArrayList<>();
        for (int i = 0; i < manager.getResourceMonitorsCount(); i++) {
            watched.add(monitor(manager.getResourceMonitors(i), AT + ".resource_monitors[" + i + "]"));
        }
        List<Action> actions = new ArrayList<>();
        Set<Kind> known = EnumSet.noneOf(Kind.class);
        for (int i = 0; i < manager.getActionsCount(); i++) {
            String path = AT + ".actions[" + i + "]";
            Action action = action(manager.getActions(i), path);
            if (!known.add(action.kind())) {
                throw new Unsupported(
                        path + ".name", "'" + action.kind().text() + "' (expected: a name that no other has)");
            }
            actions.add(action);
        }
        return new OverloadConfig(refresh, watched, actions);
    }

    private Monitor monitor(ResourceMonitor from, String path) {
        String name = from.getName();
        if (!monitors.add(name)) {
            throw new Unsupported(path + ".name", "'" + name + "' (expected: a name that no other has)");
        }
        Any config = from.getTypedConfig();
        String at = path + ".typed_config";
        try {
            return switch (KnownTypes.nameOf(config.getTypeUrl())) {
                case "envoy.extensions.resource_monitors.fixed_heap.v3.FixedHeapConfig" ->
                    new Monitor.Memory(
                            name,
                            signed(
                                    FixedHeapConfig.parseFrom(config.getValue()).getMaxHeapSizeBytes(),
                                    at + ".max_heap_size_bytes"));
                case "envoy.extensions.resource_monitors.downstream_connections.v3.DownstreamConnectionsConfig" ->
                    connections(name, DownstreamConnectionsConfig.parseFrom(config.getValue()), path);
                case "envoy.extensions.resource_monitors.injected_resource.v3.InjectedResourceConfig" ->
                    new Monitor.Injected(
                            name, file(InjectedResourceConfig.parseFrom(config.getValue()), at + ".filename"));
                default ->
                    throw new Unsupported(
                            path,
                            "'" + name + "' of type '" + config.getTypeUrl() + "' (expected: " + MONITORS
                                    + "fixed_heap, " + CONNECTIONS + " or " + MONITORS + "injected_resource)");
            };
        } catch (InvalidProtocolBufferException e) {
            throw new Unsupported(at, "not readable: " + e.getMessage());
        }
    }

    private static Monitor connections(String name, DownstreamConnectionsConfig config, String path) {
        if (!name.equals(CONNECTIONS)) {
            throw new Unsupported(path + ".name", "'" + name + "' (expected: " + CONNECTIONS + ")");
        }
        return new Monitor.Connections(name, config.getMaxActiveDownstreamConnections());
    }

    private static long signed(long number, String path) {
        if (number < 0) {
            throw new Unsupported(path, Long.toUnsignedString(number) + " (expected: up to " + Long.MAX_VALUE + ")");
        }
        return number;
    }

    private static String file(InjectedResourceConfig config, String path) {
        if (config.getFilename().isEmpty()) {
            throw new Unsupported(path, "missing (expected: a file with a number from 0 to 1)");
        }
        return config.getFilename();
    }

    private Action action(OverloadAction from, String path) {
        Kind kind = Arrays.stream(Kind.values())
                .filter(each -> each.text().equals(from.getName()))
                .findFirst()
                .orElseThrow(() ->
                        new Unsupported(path + ".name", "'" + from.getName() + "' (expected: one of " + KINDS + ")"));
        if (from.hasTypedConfig()) {
            throw new Unsupported(path + ".typed_config", "unsupported field (" + kind.text() + " has none)");
        }
        List<OverloadConfig.Trigger> triggers = new ArrayList<>();
        Set<String> seen = new HashSet<>();
        for (int i = 0; i < from.getTriggersCount(); i++) {
            String at = path + ".triggers[" + i + "]";
            Trigger trigger = from.getTriggers(i);
            if (!monitors.contains(trigger.getName()) || !seen.add(trigger.getName())) {
                throw new Unsupported(
                        at + ".name",
                        "'" + trigger.getName() + "' (expected: one of " + monitors + ", each at most once)");
            }
            triggers.add(trigger(trigger, at));
        }
        return new Action(kind, triggers);
    }

    private static OverloadConfig.Trigger trigger(Trigger from, String path) {
        return switch (from.getTriggerOneofCase()) {
            case THRESHOLD ->
                new OverloadConfig.Trigger.Threshold(
                        from.getName(), from.getThreshold().getValue());
            case SCALED -> {
                double low = from.getScaled().getScalingThreshold();
                double full = from.getScaled().getSaturationThreshold();
                if (low >= full) {
                    throw new Unsupported(
                            path + ".scaled.scaling_threshold",
                            low + " (expected: less than saturation_threshold, " + full + ")");
                }
                yield new OverloadConfig.Trigger.Scaled(from.getName(), low, full);
            }
            case TRIGGERONEOF_NOT_SET -> throw new Unsupported(path, "neither threshold nor scaled (expected: one)");
        };
    }
}
