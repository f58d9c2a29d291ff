package lateen.capture.command;

import java.util.ArrayList;
import java.util.List;
import lateen.capture.model.Hook;
import lateen.capture.model.IpFamily;
import lateen.capture.model.Netfilter;

/** Chains that the kernel calls at one place with one priority: their order is that of their making, which it does not tell. */
final class RivalChains {
    private RivalChains() {}

    static List<String> notes(Netfilter rules) {
        List<String> notes = new ArrayList<>();
        for (Hook hook : Hook.values()) {
            for (IpFamily family : IpFamily.values()) {
                List<Netfilter.Called> calls = rules.at(hook, family).stream()
                        .filter(c -> !c.chain().rules().isEmpty())
                        .toList();
                for (int i = 1; i < calls.size(); i++) {
                    Netfilter.Called a = calls.get(i - 1);
                    Netfilter.Called b = calls.get(i);
                    if (a.base().priority() == b.base().priority()) {
                        notes.add(a.table().title() + " and " + b.table().title() + " both hold rules at " + hook
                                + " with priority " + a.base().priority()
                                + ": which the kernel asks first depends on which was there first");
                    }
                }
            }
        }
        return notes.stream().distinct().toList();
    }
}
