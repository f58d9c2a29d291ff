package lateen.decision.config;

import java.time.Duration;
import java.util.List;

/**
 * When a proxy sheds load, and how. Envoy: {@code config.overload.v3.OverloadManager}.
 *
 * @param refresh between two looks at the monitors, above 0
 * @param monitors what is watched, each name once
 * @param actions each kind at most once
 */
public record OverloadConfig(Duration refresh, List<Monitor> monitors, List<Action> actions) {

    public OverloadConfig {
        monitors = List.copyOf(monitors);
        actions = List.copyOf(actions);
        if (!refresh.isPositive()) {
            throw new IllegalArgumentException("refresh_interval: " + refresh + " (expected: above 0)");
        }
    }

    /** A resource; its pressure is 0 (none in use) to 1 (all of it), or more. */
    public sealed interface Monitor {
        String name();

        /**
         * The heap and the buffers outside of it.
         *
         * @param maxBytes at which the pressure is 1, above 0
         */
        record Memory(String name, long maxBytes) implements Monitor {}

        /**
         * Open connections of clients, on all listeners together; one more is closed as it comes.
         *
         * @param max 1 or more
         */
        record Connections(String name, long max) implements Monitor {}

        /** A file that holds the pressure as a number, 0 to 1: for tests and for operators. */
        record Injected(String name, String file) implements Monitor {}
    }

    /** @param triggers the strongest counts; each monitor at most once */
    public record Action(Kind kind, List<Trigger> triggers) {
        public Action {
            triggers = List.copyOf(triggers);
        }
    }

    /** What is done. */
    public enum Kind {
        STOP_ACCEPTING_REQUESTS,
        DISABLE_HTTP_KEEPALIVE,
        STOP_ACCEPTING_CONNECTIONS,
        REJECT_INCOMING_CONNECTIONS,
        SHRINK_HEAP;

        /** As Envoy calls it: {@code envoy.overload_actions.…}. */
        public String text() {
            return "envoy.overload_actions." + name().toLowerCase(java.util.Locale.ROOT);
        }
    }

    /** How the pressure of a resource becomes the strength of an action, 0 to 1. */
    public sealed interface Trigger {
        String monitor();

        double strength(double pressure);

        /** All or nothing, from {@code value} on. */
        record Threshold(String monitor, double value) implements Trigger {
            @Override
            public double strength(double pressure) {
                return pressure >= value ? 1 : 0;
            }
        }

        /** Grows evenly between the two. */
        record Scaled(String monitor, double from, double full) implements Trigger {
            public Scaled {
                if (from >= full) {
                    throw new IllegalArgumentException(
                            "scaling_threshold: " + from + " (expected: less than saturation_threshold " + full + ")");
                }
            }

            @Override
            public double strength(double pressure) {
                return pressure <= from ? 0 : pressure >= full ? 1 : (pressure - from) / (full - from);
            }
        }
    }
}
