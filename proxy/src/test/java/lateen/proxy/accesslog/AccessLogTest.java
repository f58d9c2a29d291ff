package lateen.proxy.accesslog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.stream.IntStream;
import lateen.decision.config.AccessLogConfig;
import lateen.decision.net.IpAddress;
import lateen.decision.net.SocketAddr;
import lateen.decision.request.ByteSlice;
import lateen.decision.request.ConnectionView;
import lateen.decision.request.HeaderName;
import lateen.decision.request.RequestView;
import lateen.proxy.http1.HeadLimits;
import lateen.proxy.http1.HeadParser;
import lateen.proxy.http1.HeadProgress;
import lateen.proxy.http1.RequestHead;
import lateen.proxy.http1.ResponseHead;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AccessLogTest {

    private static final String REQUEST = "GET /a?b HTTP/1.1\r\nHost: catalog:80\r\nUser-Agent: curl\r\n"
            + "X-Request-Id: id-1\r\nX-Evil: a\"b\\c\t\u00e9\r\n\r\n";

    @TempDir
    Path dir;

    private static String format(@Nullable String text, @Nullable SequencedMap<String, String> json) {
        AccessLog log = AccessLog.compile(List.of(new AccessLogConfig("/dev/null", text, json)), new LogThread(2));
        LogEntry entry = filled(log);
        entry.log = log;
        LogFormat format = LogFormat.compile(
                new AccessLogConfig("/dev/null", text, json),
                new Operators(new java.util.ArrayList<>(), new java.util.ArrayList<>()));
        LogBuffer line = format.format(entry);
        return new String(line.array(), 0, line.length(), StandardCharsets.UTF_8);
    }

    private static LogEntry filled(AccessLog log) {
        RequestHead head = new RequestHead();
        assertThat(new HeadParser(head, HeadLimits.DEFAULT)
                        .feed(Unpooled.copiedBuffer(REQUEST, StandardCharsets.ISO_8859_1)))
                .isEqualTo(HeadProgress.COMPLETE);
        LogEntry e = new LogEntry().clear();
        e.captureRequest(log, new View(head));
        ResponseHead response = new ResponseHead();
        response.start(200);
        response.setNumber(HeaderName.of("x-envoy-upstream-service-time"), 7);
        e.captureResponse(log, response);
        e.startEpochMicros = Instant.parse("2026-03-04T05:06:07.089012Z").toEpochMilli() * 1000 + 12;
        e.durationNanos = 12_345_678;
        e.protocol = "HTTP/1.1";
        e.responseCode = 200;
        e.responseCodeDetails = "via_upstream";
        e.bytesReceived = 3;
        e.bytesSent = 4;
        e.upstreamHost = addr("10.0.0.2", 9080);
        e.upstreamCluster = "outbound|80||catalog";
        e.upstreamLocal = addr("10.0.0.1", 4000);
        e.downstreamLocal = addr("240.0.0.1", 80);
        e.downstreamRemote = addr("fd00::1", 5000);
        e.requestedServerName = "sni";
        e.routeName = "default";
        return e;
    }

    private static SocketAddr addr(String ip, int port) {
        return new SocketAddr(IpAddress.parse(ip), port);
    }

    @Test
    void theDefaultTextFormatHasIstiosOrder() {
        assertThat(format(null, null))
                .isEqualTo("[2026-03-04T05:06:07.089Z] \"GET /a?b HTTP/1.1\" 200 - via_upstream - \"-\" 3 4 12 7 \"-\""
                        + " \"curl\" \"id-1\" \"catalog:80\" \"10.0.0.2:9080\" outbound|80||catalog 10.0.0.1:4000"
                        + " 240.0.0.1:80 [fd00:0:0:0:0:0:0:1]:5000 sni default\n");
    }

    @Test
    void jsonKeepsNumbersAndMissingValues() {
        String line = format(null, LogFormat.defaultJson());
        assertThat(line)
                .startsWith("{\"start_time\":\"2026-03-04T05:06:07.089Z\",\"method\":\"GET\",\"path\":\"/a?b\"")
                .contains("\"response_code\":200,\"response_flags\":\"-\"")
                .contains("\"connection_termination_details\":null")
                .contains("\"upstream_service_time\":\"7\",\"x_forwarded_for\":null")
                .endsWith("\"route_name\":\"default\"}\n");
        assertThat(LogFormat.defaultJson()).hasSize(24);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            100%%                                          | 100%
            %REQ(:path)%                                   | /a?b
            %REQ(X-REQUEST-ID):2%                          | id
            %REQ(NONE?USER-AGENT)%                         | curl
            %REQ(NONE?NEITHER)%                            | -
            %REQ(X-EVIL)%                                  | a\\x22b\\c\\x09\\xe9
            %RESP(X-ENVOY-UPSTREAM-SERVICE-TIME)%ms        | 7ms
            %START_TIME(%Y/%m/%dT%H:%M:%S%z %s %6f %b %e)% | 2026/03/04T05:06:07+0000 1772600767 089012 Mar  4
            %DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT%       | fd00:0:0:0:0:0:0:1
            %RESPONSE_DURATION%                            | -
            """)
    void anOperatorWritesItsValue(String format, String expected) {
        assertThat(format(format, null)).isEqualTo(expected);
    }

    @Test
    void jsonStaysJsonWhateverTheClientSends() {
        SequencedMap<String, String> json = new LinkedHashMap<>();
        json.put("a\"b", "%REQ(X-EVIL)%");
        json.put("c", "x\"%REQ(X-EVIL)% %RESPONSE_CODE%");
        assertThat(format(null, json))
                .isEqualTo("{\"a\\\"b\":\"a\\\"b\\\\c\\u0009\\u00e9\","
                        + "\"c\":\"x\\\"a\\\"b\\\\c\\u0009\\u00e9 200\"}\n");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
            x %NOPE%            | '%NOPE%' at character 3 is not a known access-log operator
            %TRAILER(x)%        | '%TRAILER(x)%' at character 1 reads trailers
            %REQ%               | needs a header's name
            %REQ(%              | has no ')'
            %REQ(a?b?c)%        | takes one name, or two
            %DURATION(x)%       | takes neither an argument nor a length
            50% done            | is no operator
            %REQ(x):y%          | has no length
            %START_TIME(%Q)%    | '%Q' is not a time field
            """)
    void aBadFormatIsRefusedWithItsTextAndPlace(String format, String message) {
        assertThatThrownBy(() -> format(format, null))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message);
    }

    @Test
    void flagsAreWrittenByTheirShortNames() {
        assertThat(ResponseFlag.text(0)).isEqualTo("-");
        assertThat(ResponseFlag.text(ResponseFlag.NO_ROUTE_FOUND.bit())).isEqualTo("NR");
        LogEntry entry = new LogEntry().clear();
        entry.flag(ResponseFlag.UPSTREAM_RETRY_LIMIT_EXCEEDED);
        entry.flag(ResponseFlag.UPSTREAM_CONNECTION_FAILURE);
        assertThat(ResponseFlag.text(entry.flags)).isEqualTo("URX,UF");
    }

    @Test
    void everyAddressIsWrittenHoweverManyThereAre() {
        Operator host = new AddressOperator(e -> e.upstreamHost, true);
        Operator ip = new AddressOperator(e -> e.upstreamHost, false);
        List<SocketAddr> addresses = IntStream.rangeClosed(1, 300)
                .mapToObj(port -> new SocketAddr(IpAddress.v4(0x0A000000 + port), port))
                .toList();
        for (int round = 0; round < 2; round++) {
            for (SocketAddr address : addresses) {
                LogEntry entry = new LogEntry().clear();
                entry.upstreamHost = address;
                LogBuffer out = new LogBuffer(false);
                host.write(entry, out);
                ip.write(entry, out);
                assertThat(new String(out.array(), 0, out.length(), StandardCharsets.US_ASCII))
                        .isEqualTo(address + "" + address.ip());
            }
        }
    }

    @Test
    void linesReachTheFileAndANewOneAfterReopening() throws IOException {
        Path file = dir.resolve("access.log");
        LogThread thread = new LogThread().start();
        AccessLog log = AccessLog.compile(
                List.of(new AccessLogConfig(file.toString(), "%REQ(X-REQUEST-ID)% %RESPONSE_CODE%\n", null)), thread);
        LogEntry entry = filled(log);
        entry = log.write(entry);
        org.awaitility.Awaitility.await().until(() -> Files.exists(file) && Files.size(file) > 0);
        Path moved = Files.move(file, dir.resolve("old.log"));
        thread.reopen();
        entry.responseCode = 503;
        log.write(entry);
        thread.close();
        assertThat(moved).hasContent("id-1 200\n");
        assertThat(file).hasContent("- 503\n");
        assertThat(thread.droppedEntries()).isZero();
    }

    @Test
    void aWriterThatCannotKeepUpCostsEntriesButNeverWaits() {
        LogThread notRunning = new LogThread(4);
        AccessLog log = AccessLog.compile(List.of(new AccessLogConfig("/dev/null", "x", null)), notRunning);
        LogEntry entry = new LogEntry().clear();
        for (int i = 0; i < 10; i++) {
            entry = log.write(entry);
        }
        assertThat(notRunning.droppedEntries()).isEqualTo(6);
    }

    @Test
    void aFileThatCannotBeWrittenCostsLinesOnly() {
        LogThread thread = new LogThread().start();
        AccessLog log = AccessLog.compile(
                List.of(
                        new AccessLogConfig("/dev/full", "x\n", null),
                        new AccessLogConfig(dir.resolve("good").toString(), "y\n", null)),
                thread);
        log.write(log.write(new LogEntry().clear()));
        thread.close();
        assertThat(thread.lostLines()).isEqualTo(2);
        assertThat(dir.resolve("good")).hasContent("y\ny\n");
    }

    @Test
    void manyLoopsLoseNothingThatFits() throws Exception {
        Path file = dir.resolve("many.log");
        LogThread thread = new LogThread().start();
        AccessLog log =
                AccessLog.compile(List.of(new AccessLogConfig(file.toString(), "%CONNECTION_ID%\n", null)), thread);
        Thread[] loops = new Thread[4];
        for (int t = 0; t < loops.length; t++) {
            int first = t * 5000;
            loops[t] = Thread.ofPlatform().start(() -> {
                LogEntry entry = new LogEntry().clear();
                for (int i = 0; i < 5000; i++) {
                    entry.connectionId = first + i;
                    entry = log.write(entry);
                }
            });
        }
        for (Thread loop : loops) {
            loop.join();
        }
        thread.close();
        List<String> lines = Files.readAllLines(file);
        assertThat(lines).hasSize((int) (20_000 - thread.droppedEntries())).doesNotHaveDuplicates();
    }

    private record View(RequestHead head) implements RequestView {
        @Override
        public ConnectionView connection() {
            throw new UnsupportedOperationException("an access log asks the entry");
        }

        @Override
        public ByteSlice method() {
            return head.method();
        }

        @Override
        public ByteSlice path() {
            return head.path();
        }

        @Override
        public ByteSlice authority() {
            return head.authority();
        }

        @Override
        public ByteSlice scheme() {
            return ByteSlice.of("http");
        }

        @Override
        public int header(HeaderName name, ByteSlice into) {
            return head.header(name, into);
        }

        @Override
        public ByteSlice joinedHeader(HeaderName name) {
            return head.joined(name);
        }
    }
}
