package lateen.capture.model;

/** The two address families; each has its own rules in the kernel and its own iptables commands. */
public enum IpFamily {
    IPV4(32, "0.0.0.0"),
    IPV6(128, "::");

    private final int bits;
    private final String any;

    IpFamily(int bits, String any) {
        this.bits = bits;
        this.any = any;
    }

    /** Length of an address in bits. */
    public int bits() {
        return bits;
    }

    /** The unspecified address, as the kernel prints it. */
    public String any() {
        return any;
    }
}
