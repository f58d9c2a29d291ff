package lateen.proxy.http2;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.HexFormat;
import lateen.proxy.http1.HeadBuilder;
import lateen.proxy.http1.HeadLimits;
import lateen.proxy.http1.MalformedHead;
import lateen.proxy.http1.RequestHead;
import lateen.proxy.http1.ResponseHead;
import lateen.proxy.http1.Trailers;
import org.junit.jupiter.api.Test;

/** RFC 7541 appendix C. */
class HpackVectorsTest {

    private static final String FIRST = "GET / HTTP/1.1\r\nhost: www.example.com\r\n\r\n";
    private static final String SECOND = "GET / HTTP/1.1\r\nhost: www.example.com\r\ncache-control: no-cache\r\n\r\n";
    private static final String THIRD =
            "GET /index.html HTTP/1.1\r\nhost: www.example.com\r\ncustom-key: custom-value\r\n\r\n";

    private final HeadBuilder builder = new HeadBuilder();
    private final RequestHead request = new RequestHead();
    private final ResponseHead response = new ResponseHead();
    private HpackDecoder decoder = new HpackDecoder(4096);

    private void decode(String hex) {
        byte[] block = HexFormat.of().parseHex(hex.replace(" ", ""));
        assertThat(decoder.decode(block, 0, block.length, builder)).isEqualTo(HpackDecoder.Result.OK);
        MalformedHead wrong = builder.finish(true);
        assertThat(wrong).isNull();
    }

    private String request(String hex) {
        builder.begin(request, HeadLimits.DEFAULT, false);
        decode(hex);
        return Recorder.text(request);
    }

    private String response(String hex) {
        builder.begin(response, HeadLimits.DEFAULT);
        decode(hex);
        return Recorder.text(response);
    }

    @Test
    void requestsWithoutHuffman() {
        assertThat(request("8286 8441 0f77 7777 2e65 7861 6d70 6c65 2e63 6f6d")).isEqualTo(FIRST);
        assertThat(request("8286 84be 5808 6e6f 2d63 6163 6865")).isEqualTo(SECOND);
        assertThat(request("8287 85bf 400a 6375 7374 6f6d 2d6b 6579 0c63 7573 746f 6d2d 7661 6c75 65"))
                .isEqualTo(THIRD);
    }

    @Test
    void requestsWithHuffman() {
        assertThat(request("8286 8441 8cf1 e3c2 e5f2 3a6b a0ab 90f4 ff")).isEqualTo(FIRST);
        assertThat(request("8286 84be 5886 a8eb 1064 9cbf")).isEqualTo(SECOND);
        assertThat(request("8287 85bf 4088 25a8 49e9 5ba9 7d7f 8925 a849 e95b b8e8 b4bf"))
                .isEqualTo(THIRD);
    }

    private static String answer(String status, String date, String more) {
        return "HTTP/1.1 " + status + "\r\ncache-control: private\r\ndate: Mon, 21 Oct 2013 20:13:" + date
                + " GMT\r\nlocation: https://www.example.com\r\n" + more + "\r\n";
    }

    private static final String MORE =
            "content-encoding: gzip\r\n" + "set-cookie: foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1\r\n";

    /** With a table of 256 bytes, set by a size update before the first block, so that entries are driven out. */
    @Test
    void responsesWithoutHuffman() {
        assertThat(response(
                        "3fe1 01" + "4803 3330 3258 0770 7269 7661 7465 611d 4d6f 6e2c 2032 3120 4f63 7420 3230 3133"
                                + "2032 303a 3133 3a32 3120 474d 546e 1768 7474 7073 3a2f 2f77 7777 2e65 7861 6d70 6c65"
                                + "2e63 6f6d"))
                .isEqualTo(answer("302 Found", "21", ""));
        assertThat(response("4803 3330 37c1 c0bf")).isEqualTo(answer("307 Temporary Redirect", "21", ""));
        assertThat(response("88c1 611d 4d6f 6e2c 2032 3120 4f63 7420 3230 3133 2032 303a 3133 3a32 3220 474d 54c0"
                        + "5a04 677a 6970 7738 666f 6f3d 4153 444a 4b48 514b 425a 584f 5157 454f 5049 5541 5851"
                        + "5745 4f49 553b 206d 6178 2d61 6765 3d33 3630 303b 2076 6572 7369 6f6e 3d31"))
                .isEqualTo(answer("200 OK", "22", MORE));
    }

    @Test
    void responsesWithHuffman() {
        assertThat(response(
                        "3fe1 01" + "4882 6402 5885 aec3 771a 4b61 96d0 7abe 9410 54d4 44a8 2005 9504 0b81 66e0 82a6"
                                + "2d1b ff6e 919d 29ad 1718 63c7 8f0b 97c8 e9ae 82ae 43d3"))
                .isEqualTo(answer("302 Found", "21", ""));
        assertThat(response("4883 640e ffc1 c0bf")).isEqualTo(answer("307 Temporary Redirect", "21", ""));
        assertThat(response("88c1 6196 d07a be94 1054 d444 a820 0595 040b 8166 e084 a62d 1bff c05a 839b d9ab 77ad"
                        + "94e7 821d d7f2 e6c7 b335 dfdf cd5b 3960 d5af 2708 7f36 72c1 ab27 0fb5 291f 9587 3160"
                        + "65c0 03ed 4ee5 b106 3d50 07"))
                .isEqualTo(answer("200 OK", "22", MORE));
    }

    @Test
    void blocksThatCannotBeDecoded() {
        for (String hex : new String[] {
            "80", // index 0
            "be", // an entry that is not there
            "ffffffffff0f", // an integer without end
            "7f8080808080", // a name's index without end
            "0005", // a string longer than the block
            "00", // no string
            "4003616263", // no value
            "3fffff3f", // a table larger than was granted
            "8220", // a size update behind a field
            "00810000", // padding of zeros
            "0084ffffffff00", // EOS
            "0082f8ff00", // padding of more than seven bits
        }) {
            decoder = new HpackDecoder(4096);
            builder.begin(request, HeadLimits.DEFAULT, false);
            byte[] block = HexFormat.of().parseHex(hex);
            assertThat(decoder.decode(block, 0, block.length, builder)).as(hex).isEqualTo(HpackDecoder.Result.CORRUPT);
        }
    }

    @Test
    void aSmallBlockThatDecodesToVeryMuchIsNoticedEarly() {
        byte[] block = new byte[4 + 4000 + 20_000];
        // A field of 4,000 bytes enters the table, and is said twenty thousand times more.
        block[0] = 0x40;
        block[1] = 1;
        block[2] = 'a';
        block[3] = 0x7F;
        block[4] = (byte) (0x80 | (3990 - 127) & 0x7F);
        block[5] = (byte) (3990 - 127 >> 7);
        int at = 6;
        for (int i = 0; i < 3990; i++) {
            block[at++] = 'x';
        }
        Arrays.fill(block, at, block.length, (byte) 0xBE);
        builder.begin(request, HeadLimits.DEFAULT, false);
        assertThat(decoder.decode(block, 0, block.length, builder)).isEqualTo(HpackDecoder.Result.FLOOD);
        assertThat(builder.position()).isLessThan(70_000);
    }

    /** RFC 7541 section 4.2: the lowest limit in between is said too, since it drove entries out. */
    @Test
    void aTableThatWasSmallerForAMomentIsSaidToHaveBeen() {
        HpackEncoder encoder = new HpackEncoder(4096);
        Trailers none = new Trailers();
        assertThat(encoder.encode(none)).isZero();
        encoder.limit(0);
        encoder.limit(1 << 20);
        assertThat(HexFormat.of().formatHex(encoder.block(), 0, encoder.encode(none)))
                .isEqualTo("203fe11f");
        assertThat(encoder.encode(none)).isZero();
        encoder.limit(30);
        assertThat(HexFormat.of().formatHex(encoder.block(), 0, encoder.encode(none)))
                .isEqualTo("3e");
        // One whose own limit is lower than the default says so first.
        HpackEncoder small = new HpackEncoder(0);
        int length = small.encode(none);
        assertThat(HexFormat.of().formatHex(small.block(), 0, length)).isEqualTo("20");
    }
}
