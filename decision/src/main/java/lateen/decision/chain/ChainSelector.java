package lateen.decision.chain;

import java.util.ArrayList;
import java.util.List;
import lateen.decision.Compiled;
import lateen.decision.config.FilterChainConfig;
import lateen.decision.config.ListenerConfig;
import lateen.decision.request.ConnectionView;
import org.jspecify.annotations.Nullable;

/**
 * Chooses the filter chain of a connection. Envoy: {@code config.listener.v3.FilterChainMatch}.
 *
 * <p>The criteria are asked in Envoy's order ({@link Criterion}). At each one the chains that name the connection's
 * value most specifically go on and all others are out for good; chains that name no value go on only when none names
 * the connection's. So a chain for port 80 that then fails on the server name hides the chains for any port: the
 * connection goes to the default chain. Immutable.
 */
public final class ChainSelector {

    private final Step root;
    private final Selection[] chains;
    private final Selection otherwise;

    private ChainSelector(Step root, Selection[] chains, Selection otherwise) {
        this.root = root;
        this.chains = chains;
        this.otherwise = otherwise;
    }

    /** A conflict when one connection could match two chains equally well; Envoy refuses such a listener too. */
    public static Compiled<ChainSelector> compile(ListenerConfig listener) {
        List<FilterChainConfig> configs = listener.filterChains();
        Selection[] chains = new Selection[configs.size()];
        List<Integer> all = new ArrayList<>();
        for (int i = 0; i < chains.length; i++) {
            chains[i] = new Selection.Chain(i, configs.get(i));
            all.add(i);
        }
        FilterChainConfig fallback = listener.defaultFilterChain();
        Selection otherwise = fallback == null ? new Selection.None() : new Selection.Default(fallback);
        StepCompiler compiler = new StepCompiler(configs);
        Step root = compiler.compile(all);
        List<Integer> rivals = compiler.rivals();
        if (!rivals.isEmpty()) {
            String first = spoken(configs, rivals.get(0));
            String second = spoken(configs, rivals.get(1));
            return new Compiled.Conflict<>(
                    first,
                    second,
                    "listener '" + listener.name() + "': filter chains " + first + " and " + second
                            + " match the same connections (expected: at most one; give one of them a narrower match)");
        }
        return new Compiled.Ready<>(new ChainSelector(root, chains, otherwise));
    }

    private static String spoken(List<FilterChainConfig> configs, int index) {
        String name = configs.get(index).name();
        return name.isEmpty() ? "#" + index : "'" + name + "'";
    }

    public Selection select(ConnectionView connection) {
        @Nullable Step at = root;
        while (at != null) {
            if (at instanceof Step.Take take) {
                return chains[take.chain()];
            }
            at = at.next(connection);
        }
        return otherwise;
    }
}
