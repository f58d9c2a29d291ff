package lateen.decision.config;

import java.util.Set;

/**
 * The header by which a proxy in front tells whose connection this is. Envoy: {@code envoy.filters.listener.proxy_protocol}.
 *
 * @param optional connections without a header are served too; for listeners that only trusted peers can reach
 * @param refused versions (1, 2) of the header that are not taken; with {@code optional} not even looked for
 * @param kept what is kept of the header's additions, to be passed on
 */
public record ProxyProtocol(boolean optional, Set<Integer> refused, Kept kept) {

    public ProxyProtocol {
        refused = Set.copyOf(refused);
    }

    /**
     * Additions (TLVs of version 2) by type. Envoy: {@code ProxyProtocolPassThroughTLVs}.
     *
     * @param all whatever their type
     * @param types 0 to 255; those that are kept otherwise
     */
    public record Kept(boolean all, Set<Integer> types) {
        public static final Kept NONE = new Kept(false, Set.of());

        public Kept {
            types = Set.copyOf(types);
        }

        public boolean keeps(int type) {
            return all || types.contains(type);
        }
    }

    /**
     * One addition.
     *
     * @param type 0 to 255
     * @param value its bytes as characters 0 to 255, so that it can be compared
     */
    public record Tlv(int type, String value) {}
}
