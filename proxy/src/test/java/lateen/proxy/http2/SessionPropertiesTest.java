package lateen.proxy.http2;

import static lateen.proxy.http2.Frames.END_STREAM;
import static lateen.proxy.http2.Frames.GET;
import static lateen.proxy.http2.Frames.POST;
import static lateen.proxy.http2.Frames.bytes;
import static lateen.proxy.http2.Frames.data;
import static lateen.proxy.http2.Frames.frame;
import static lateen.proxy.http2.Frames.headers;
import static lateen.proxy.http2.Frames.settings;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import lateen.decision.config.Http2Options;
import lateen.proxy.Edited;
import lateen.proxy.http1.HeadLimits;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

class SessionPropertiesTest {

    private static final String ECHO = POST.replace(":path /", ":path /echo");

    /** Frames of every kind, good and bad, on few streams; most bodies and heads small, some not. */
    private static byte[] session(Random random, int frames) {
        List<ByteBuf> out = new ArrayList<>();
        out.add(Frames.preface());
        out.add(settings(4, random.nextInt(3) * 40_000));
        int id = 1;
        for (int i = 0; i < frames; i++) {
            int old = Math.max(1, id - 2 * random.nextInt(4));
            int flags = random.nextInt(3) == 0 ? END_STREAM : 0;
            out.add(
                    switch (random.nextInt(16)) {
                        case 0, 1, 2 -> headers(id += 2, flags, random.nextBoolean() ? ECHO : GET);
                        case 3 -> headers(id += 2, flags, ECHO + "\nx " + "y".repeat(random.nextInt(3000)));
                        case 4 -> headers(id += 2, 0, ECHO + "\ncontent-length " + random.nextInt(300));
                        case 5, 6, 7 -> data(old, flags, "z".repeat(random.nextInt(300)));
                        case 8 -> data(old, flags, "z".repeat(random.nextInt(16_000)));
                        case 9 -> frame(0, flags | 8, old, bytes(2, 'a', 'b', 0, 0));
                        case 10 -> headers(old, END_STREAM, "grpc-status 0");
                        case 11 -> Frames.windowUpdate(random.nextBoolean() ? 0 : old, random.nextInt(100_000));
                        case 12 -> Frames.rst(old, random.nextInt(15));
                        case 13 -> settings(4, random.nextInt(70_000), 1, random.nextInt(5000));
                        case 14 -> frame(6, 0, 0, new byte[8]);
                        default -> frame(2 + 97 * random.nextInt(2), 0, old, bytes(0, 0, 0, 0, random.nextInt(256)));
                    });
        }
        return ByteBufUtil.getBytes(Unpooled.wrappedBuffer(out.toArray(new ByteBuf[0])));
    }

    private record Outcome(List<String> connection, List<List<String>> streams, List<String> sent) {}

    private static Outcome run(byte[] bytes, int[] cuts, boolean echo) {
        Http2Options options = Edited.with(
                Http2Options.DEFAULT,
                "maxConcurrentStreams",
                20,
                "initialStreamWindowSize",
                70_000,
                "initialConnectionWindowSize",
                100_000);
        HeadLimits limits = new HeadLimits(2000, 10);
        List<ByteBuf> reads = new ArrayList<>();
        try (Peer peer = Peer.silentOf(options, limits, echo ? TestExchange::new : null)) {
            int from = 0;
            for (int cut : cuts) {
                ByteBuf read = Unpooled.copiedBuffer(bytes, from, cut - from);
                reads.add(read);
                // Not through the channel, which would close for an exception instead of failing.
                peer.session.feed(read);
                from = cut;
            }
            // When window is granted, and how much at a time, may depend on how the bytes arrive.
            List<String> sent = peer.sent().stream()
                    .filter(frame -> !frame.startsWith("WINDOW_UPDATE"))
                    .toList();
            List<String> events = peer.events.stream()
                    .filter(event -> !event.equals("capacity"))
                    .toList();
            List<List<String>> streams =
                    peer.streams.stream().map(stream -> stream.events).toList();
            peer.session.close(ErrorCode.NO_ERROR);
            peer.close();
            assertThat(reads).allMatch(read -> read.capacity() == 0 || read.refCnt() == 0);
            return new Outcome(events, streams, sent);
        }
    }

    private static int[] cuts(Random random, int length, int n) {
        int[] cuts = random.ints(n, 0, length + 1).sorted().toArray();
        int[] all = Arrays.copyOf(cuts, n + 1);
        all[n] = length;
        return all;
    }

    @Property(tries = 300)
    void anySplitOfTheBytesGivesTheSame(@ForAll long seed) {
        Random random = new Random(seed);
        byte[] bytes = session(random, 40);
        Outcome whole = run(bytes, new int[] {bytes.length}, false);
        assertThat(run(bytes, cuts(random, bytes.length, 1 + random.nextInt(60)), false))
                .isEqualTo(whole);
    }

    @Property(tries = 50)
    void byteByByteGivesTheSame(@ForAll long seed) {
        byte[] bytes = session(new Random(seed), 15);
        int[] cuts = new int[bytes.length];
        for (int i = 0; i < cuts.length; i++) {
            cuts[i] = i + 1;
        }
        assertThat(run(bytes, cuts, false)).isEqualTo(run(bytes, new int[] {bytes.length}, false));
    }

    @Property(tries = 1500)
    void mutatedSessionsNeitherThrowNorLeak(@ForAll long seed) {
        Random random = new Random(seed);
        byte[] bytes = session(random, 30);
        for (int i = random.nextInt(6); i >= 0; i--) {
            // Not in the preface, behind which nothing would happen.
            bytes[33 + random.nextInt(bytes.length - 33)] = (byte) random.nextInt(256);
        }
        run(bytes, cuts(random, bytes.length, random.nextInt(8)), true);
    }

    @Property(tries = 500)
    void randomBytesNeitherThrowNorLeak(@ForAll byte[] noise) {
        byte[] preface = ByteBufUtil.getBytes(Unpooled.wrappedBuffer(Frames.preface(), settings()));
        byte[] bytes = Arrays.copyOf(preface, preface.length + noise.length);
        System.arraycopy(noise, 0, bytes, preface.length, noise.length);
        run(bytes, new int[] {bytes.length}, true);
    }
}
