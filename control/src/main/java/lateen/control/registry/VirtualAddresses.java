package lateen.control.registry;

import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import lateen.decision.net.Cidr;
import lateen.decision.net.IpAddress;
import org.jspecify.annotations.Nullable;

/**
 * Stable addresses for services that bring none. A name hashes to a place in the range; when that is taken, the next
 * free one is used. An address once given is kept as long as the name exists, also when a name that sorts earlier wants
 * the same place later.
 */
final class VirtualAddresses {

    private VirtualAddresses() {}

    /**
     * @param hosts that need an address
     * @param given before, by host
     * @param taken by others
     * @return null: the range is full
     */
    static @Nullable Map<String, IpAddress> assign(
            Cidr range, Collection<String> hosts, Map<String, IpAddress> given, Collection<IpAddress> taken) {
        Set<IpAddress> used = new HashSet<>(taken);
        Map<String, IpAddress> out = new HashMap<>();
        Set<String> open = new TreeSet<>();
        for (String host : new TreeSet<>(hosts)) {
            IpAddress before = given.get(host);
            if (before != null && range.contains(before) && used.add(before)) {
                out.put(host, before);
            } else {
                open.add(host);
            }
        }
        long size = size(range);
        if (open.size() > size) {
            return null;
        }
        for (String host : open) {
            IpAddress address = free(range, size, host, used);
            if (address == null) {
                return null;
            }
            out.put(host, address);
        }
        return out;
    }

    /** Network and broadcast address are left out, as is everything beyond the low 31 bits. */
    private static long size(Cidr range) {
        int bits = Math.min(range.base().bits() - range.length(), 31);
        return Math.max((1L << bits) - 2, 0);
    }

    private static @Nullable IpAddress free(Cidr range, long size, String host, Set<IpAddress> used) {
        long start = Long.remainderUnsigned(hash(host), size);
        for (long i = 0; i < size; i++) {
            IpAddress base = range.base();
            long low = base.low() + 1 + (start + i) % size;
            IpAddress address = base.v6() ? IpAddress.v6(base.high(), low) : IpAddress.v4((int) low);
            if (used.add(address)) {
                return address;
            }
        }
        return null;
    }

    /** FNV-1a with 64 bits, written down here because it must never change. */
    private static long hash(String host) {
        long hash = 0xcbf29ce484222325L;
        for (int i = 0; i < host.length(); i++) {
            hash = (hash ^ host.charAt(i)) * 0x100000001b3L;
        }
        return hash ^ hash >>> 32;
    }
}
