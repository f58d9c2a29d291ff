package lateen.local;

import java.util.ArrayList;
import java.util.List;

/** The user and group that a process of the mesh runs as. */
public record Account(int uid, int gid) {
    /** Istio's uid of the sidecar: what it sends is not captured. */
    public static final Account SIDECAR = new Account(1337, 1337);

    public static final Account CONTROL_PLANE = new Account(1338, 1338);

    public static final Account APPLICATION = new Account(1000, 1000);

    /** A command that runs as this user, without capabilities, and dies with the thread that started it. */
    List<String> become(List<String> command) {
        List<String> whole = new ArrayList<>(List.of(
                "setpriv",
                "--reuid=" + uid,
                "--regid=" + gid,
                "--clear-groups",
                "--no-new-privs",
                "--inh-caps=-all",
                "--ambient-caps=-all",
                "--bounding-set=-all",
                "--pdeathsig=KILL",
                "--"));
        whole.addAll(command);
        return whole;
    }
}
