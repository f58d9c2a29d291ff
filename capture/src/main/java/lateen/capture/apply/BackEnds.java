package lateen.capture.apply;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import lateen.capture.host.CaptureException;
import lateen.capture.host.NamespaceCommands;
import lateen.capture.plan.CaptureOptions;
import lateen.capture.read.IptablesBackend;

/**
 * The back end that a run writes to, and all others that can be looked into.
 *
 * @param others without those whose programs are not installed
 */
record BackEnds(BackEnd chosen, List<BackEnd> others) {
    static BackEnds of(NamespaceCommands commands, CaptureOptions.Run run, Consumer<String> warnings)
            throws CaptureException {
        Optional<IptablesBackend> forced = run.forceBinary().isPresent()
                ? Optional.of(IptablesBackend.forced(run.forceBinary().get()))
                : Optional.empty();
        IptablesInUse kernel = new IptablesInUse(commands, forced);
        List<BackEnd> iptables = new ArrayList<>();
        if (!run.nativeNftables() || commands.present(kernel.backend().save(lateen.capture.model.IpFamily.IPV4))) {
            for (IptablesBackend backend : kernel.allBackends()) {
                iptables.add(new IptablesBackEnd(commands, kernel, backend, warnings));
            }
        }
        BackEnd nftables = new NativeBackEnd(commands);
        if (run.nativeNftables()) {
            if (!commands.present(NativeBackEnd.PROGRAM)) {
                throw new CaptureException(
                        "--native-nftables: nft is missing" + NamespaceCommands.expected(NativeBackEnd.PROGRAM));
            }
            return new BackEnds(nftables, iptables);
        }
        List<BackEnd> others = new ArrayList<>(iptables.subList(1, iptables.size()));
        if (commands.present(NativeBackEnd.PROGRAM)) {
            others.add(nftables);
        }
        return new BackEnds(iptables.getFirst(), others);
    }

    List<BackEnd> all() {
        List<BackEnd> all = new ArrayList<>(others);
        all.addFirst(chosen);
        return all;
    }
}
