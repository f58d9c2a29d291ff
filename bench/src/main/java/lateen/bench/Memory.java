package lateen.bench;

import java.util.List;
import java.util.Locale;

/**
 * What a contestant holds, in MB, all its processes together.
 *
 * @param resident Rss: what is mapped and in memory, shared pages counted in each process
 * @param proportional Pss: shared pages counted by their share
 * @param anonymous pages that no file backs: what cannot be dropped and read again
 */
record Memory(double resident, double proportional, double anonymous) {

    static Memory of(List<Long> processes) {
        return new Memory(sum(processes, "Rss"), sum(processes, "Pss"), sum(processes, "Anonymous"));
    }

    private static double sum(List<Long> processes, String name) {
        return processes.stream()
                .mapToDouble(pid -> ProcFs.megabytes(pid, name))
                .sum();
    }

    /** {@code 66 / 64 / 20}. */
    String text() {
        return String.format(Locale.ROOT, "%.0f / %.0f / %.0f", resident, proportional, anonymous);
    }
}
