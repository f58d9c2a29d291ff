package lateen.proxy.http1;

/** Prints nanoseconds per request for parse, look-ups, edits and encoding; for people, not for the build. */
final class CodecTiming {

    private CodecTiming() {}

    public static void main(String[] args) {
        AllocationTest codec = new AllocationTest();
        long checksum = 0;
        for (int round = 0; round < 8; round++) {
            int n = 500_000;
            long start = System.nanoTime();
            for (int i = 0; i < n; i++) {
                checksum += codec.request();
            }
            System.out.printf("%d bytes: %d ns%n", AllocationTest.REQUEST.length(), (System.nanoTime() - start) / n);
        }
        System.out.println(checksum);
    }
}
