package lateen.proxy.http2;

import java.util.Arrays;
import java.util.List;
import lateen.proxy.http1.HeadBuilder;
import lateen.proxy.http1.HeadLimits;
import lateen.proxy.http1.Trailers;

/** Jazzer: header blocks, of which the first byte says how long the first is. What is decoded is, encoded, decoded to
 * the same. */
public final class HpackFuzz {
    private HpackFuzz() {}

    public static void fuzzerTestOneInput(byte[] input) {
        if (input.length == 0) {
            return;
        }
        int first = Math.min(1 + (input[0] & 0xff), input.length);
        HpackDecoder decoder = new HpackDecoder(512);
        HpackDecoder back = new HpackDecoder(4096);
        HpackEncoder encoder = new HpackEncoder(4096);
        for (byte[] block :
                List.of(Arrays.copyOfRange(input, 1, first), Arrays.copyOfRange(input, first, input.length))) {
            Trailers decoded = decoded(decoder, block, block.length);
            if (decoded == null) {
                return;
            }
            int length = encoder.encode(decoded);
            Trailers again = decoded(back, encoder.block(), length);
            if (again == null || !sent(again).equals(sent(decoded))) {
                throw new IllegalStateException(
                        sent(decoded) + " became " + (again == null ? "" : Recorder.text(again)));
            }
        }
    }

    /** Without what an encoder leaves out, and blanks at the end, as after an empty cookie. */
    private static String sent(Trailers lines) {
        StringBuilder all = new StringBuilder();
        Recorder.text(lines)
                .lines()
                .filter(line -> !line.matches("(host|te):.*"))
                .forEach(line -> all.append(line.stripTrailing()).append('\n'));
        return all.toString();
    }

    private static Trailers decoded(HpackDecoder decoder, byte[] block, int length) {
        HeadBuilder builder = new HeadBuilder();
        Trailers lines = new Trailers();
        builder.begin(lines, HeadLimits.DEFAULT);
        boolean good = decoder.decode(block, 0, length, builder) == HpackDecoder.Result.OK;
        return good && builder.tooLarge() == null && builder.finish(true) == null ? lines : null;
    }

    public static List<byte[]> seeds() {
        return List.of(
                Frames.bytes(0, 0x40, 1, 'x', 1, 'y', 0xbe),
                Frames.bytes(3, 0x3f, 0xe1, 3, 0x10, 1, 'x', 0x82, 0xa8, 0xbe),
                Frames.bytes(4, 0x0f, 0x2a, 1, 'z', 0x40, 1, 'a', 0, 0xbe, 0xbf));
    }
}
