package lateen.local;

import java.util.ArrayList;
import java.util.List;

/** The user and group that a process of the mesh runs as. */
public record Account(int uid, int gid) {
    /** Istio's uid of the sidecar: what it sends is not captured. */
    public static final Account SIDECAR = new Account(1337, 1337);

    public static final Account CONTROL_PLANE = new Account(1338, 1338);

    public static final Account APPLICATION = new Account(1000, 1000);

    /** The only user of a namespace that has one. */
    private static final Account SINGLE = new Account(0, 0);

    /** This account where there are several; else the only one. */
    Account here() {
        return UserMap.here().single() ? SINGLE : this;
    }

    /**
     * A command that runs as this user, without capabilities, and dies with the thread that started it. Only a sidecar that
     * its user does not tell from others keeps CAP_NET_ADMIN: it marks its connections.
     */
    List<String> become(List<String> command) {
        boolean single = UserMap.here().single();
        List<String> whole = new ArrayList<>(List.of(
                "setpriv",
                "--reuid=" + here().uid(),
                "--regid=" + here().gid(),
                // A namespace that was made without newuidmap may not drop groups (user_namespaces(7)).
                single ? "--keep-groups" : "--clear-groups",
                "--no-new-privs",
                "--inh-caps=-all",
                "--ambient-caps=-all",
                single && equals(SIDECAR) ? "--bounding-set=-all,+net_admin" : "--bounding-set=-all",
                "--pdeathsig=KILL",
                "--"));
        whole.addAll(command);
        return whole;
    }
}
