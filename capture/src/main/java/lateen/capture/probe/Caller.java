package lateen.capture.probe;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import lateen.capture.model.IdRange;
import lateen.capture.plan.CaptureOptions;

/**
 * Who makes a connection.
 *
 * @param mark of the socket, where that tells the proxy
 */
record Caller(long uid, long gid, OptionalInt mark) {
    private static final long NOBODY = 65_534;

    /** One whose traffic the proxy's rules leave alone. */
    static Caller proxy(CaptureOptions options, long uid, long gid) {
        CaptureOptions.Proxy proxy = options.proxy();
        if (proxy.mark().isPresent()) {
            return new Caller(uid, gid, proxy.mark());
        }
        if (in(proxy.uids(), uid) || in(proxy.gids(), gid)) {
            return new Caller(uid, gid, OptionalInt.empty());
        }
        return proxy.uids().isEmpty()
                ? new Caller(uid, proxy.gids().getFirst().low(), OptionalInt.empty())
                : new Caller(proxy.uids().getFirst().low(), gid, OptionalInt.empty());
    }

    /** One whose traffic is captured: the process itself if it can be. Empty when nobody is. */
    static Optional<Caller> application(CaptureOptions options, long uid, long gid) {
        CaptureOptions.Proxy proxy = options.proxy();
        boolean byMark = proxy.mark().isPresent();
        CaptureOptions.OwnerGroups groups = options.outbound().groups();
        List<Long> uids = new ArrayList<>(List.of(uid, NOBODY, 1L, 2L));
        List<Long> gids = new ArrayList<>(List.of(gid, NOBODY, 1L, 2L));
        groups.included().listed().forEach(ids -> gids.add(ids.low()));
        return uids.stream()
                .filter(id -> byMark || !in(proxy.uids(), id))
                .findFirst()
                .flatMap(user -> gids.stream()
                        .filter(id -> byMark || !in(proxy.gids(), id))
                        .filter(id ->
                                groups.included().all() || in(groups.included().listed(), id))
                        .filter(id -> !in(groups.excluded(), id))
                        .findFirst()
                        .map(group -> new Caller(user, group, OptionalInt.empty())));
    }

    private static boolean in(List<IdRange> ranges, long id) {
        return ranges.stream().anyMatch(range -> range.contains(id));
    }
}
