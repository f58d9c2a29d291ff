package lateen.proxy.balance;

import java.util.ArrayList;
import java.util.List;
import lateen.proxy.cluster.Host;

/** All hosts of one priority. Immutable, but for hosts being ejected. */
public final class Tier {

    private record Member(Host host, double weight, boolean healthy) {}

    private final List<Member> members;

    private Tier(List<Member> members) {
        this.members = members;
    }

    int size() {
        return members.size();
    }

    /** How many may be chosen now. */
    int available() {
        int count = 0;
        for (Member each : members) {
            count += each.healthy && !each.host.ejected() ? 1 : 0;
        }
        return count;
    }

    /** @param all whether those that are not healthy or are ejected count too; there must be one */
    WeightedHosts hosts(boolean all) {
        WeightedHosts.Builder hosts = new WeightedHosts.Builder();
        for (Member each : members) {
            if (all || (each.healthy && !each.host.ejected())) {
                hosts.add(each.host, each.weight);
            }
        }
        return hosts.build();
    }

    /** Collects hosts. */
    public static final class Builder {
        private final List<Member> members = new ArrayList<>();

        /** @param healthy as the configuration has it */
        public Builder add(Host host, double weight, boolean healthy) {
            members.add(new Member(host, weight, healthy));
            return this;
        }

        public Tier build() {
            return new Tier(List.copyOf(members));
        }
    }
}
