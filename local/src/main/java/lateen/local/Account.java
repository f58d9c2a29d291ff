package lateen.local;

/** The user and group that a process of the mesh runs as. */
public record Account(int uid, int gid) {
    /** Istio's uid of the sidecar: what it sends is not captured. */
    public static final Account SIDECAR = new Account(1337, 1337);

    public static final Account CONTROL_PLANE = new Account(1338, 1338);

    public static final Account APPLICATION = new Account(1000, 1000);
}
