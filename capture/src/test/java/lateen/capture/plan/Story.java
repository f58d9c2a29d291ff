package lateen.capture.plan;

import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.stream.Stream;
import lateen.capture.model.HostFacts;

/** The arguments and the listing that users of Istio know, and facts of a small pod. */
public final class Story {
    public static final List<String> ARGUMENTS = List.of(
            "-p",
            "15001",
            "-z",
            "15006",
            "-u",
            "1337",
            "-m",
            "REDIRECT",
            "-i",
            "*",
            "-x",
            "",
            "-b",
            "*",
            "-d",
            "15090,15021,15020",
            "--log_output_level=default:info");

    public static final List<String> LINES = """
            -A PREROUTING -p tcp -j ISTIO_INBOUND
            -A OUTPUT -p tcp -j ISTIO_OUTPUT
            -A ISTIO_INBOUND -p tcp -m tcp --dport 15008 -j RETURN
            -A ISTIO_INBOUND -p tcp -m tcp --dport 15090 -j RETURN
            -A ISTIO_INBOUND -p tcp -m tcp --dport 15021 -j RETURN
            -A ISTIO_INBOUND -p tcp -m tcp --dport 15020 -j RETURN
            -A ISTIO_INBOUND -p tcp -j ISTIO_IN_REDIRECT
            -A ISTIO_IN_REDIRECT -p tcp -j REDIRECT --to-ports 15006
            -A ISTIO_OUTPUT -s 127.0.0.6/32 -o lo -j RETURN
            -A ISTIO_OUTPUT -j ISTIO_REDIRECT
            -A ISTIO_REDIRECT -p tcp -j REDIRECT --to-ports 15001
            """.lines().toList();

    public static final Accounts ACCOUNTS = new Accounts() {
        @Override
        public OptionalLong uid(String user) {
            return user.equals("proxy-user") ? OptionalLong.of(4242) : OptionalLong.empty();
        }

        @Override
        public OptionalLong gid(String group) {
            return group.equals("java") ? OptionalLong.of(777) : OptionalLong.empty();
        }
    };

    private Story() {}

    public static CaptureOptions options(Map<String, String> env, String... args) throws InvalidOptionException {
        return CaptureOptions.parse(List.of(args), env, ACCOUNTS);
    }

    public static HostFacts facts(String addresses, String servers) {
        return new HostFacts(list(addresses), list(servers));
    }

    public static InetAddress address(String text) {
        return InetAddress.ofLiteral(text);
    }

    private static List<InetAddress> list(String text) {
        return Stream.of(text.split(" "))
                .filter(t -> !t.isEmpty())
                .map(Story::address)
                .toList();
    }
}
