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

    /** The one source address of what the proxy passes through to the application: Istio's 127.0.0.6 and ::6. */
    public Cidr passThrough() {
        return Cidr.parse(this == IPV4 ? "127.0.0.6" : "::6").orElseThrow();
    }

    /** The address family's option of the {@code ip} command. */
    public String ipOption() {
        return this == IPV4 ? "-4" : "-6";
    }

    /** The unspecified address, as the kernel prints it. */
    public String any() {
        return any;
    }
}
