package lateen.cli.sidecar;

import java.util.Deque;

/** Words of a command line. */
final class Flags {
    private Flags() {}

    /** Takes the next flag; a value that is joined to it by {@code =} becomes the next word. */
    static String next(Deque<String> words) {
        String word = words.pop();
        int equals = word.startsWith("--") ? word.indexOf('=') : -1;
        if (equals < 0) {
            return word;
        }
        words.push(word.substring(equals + 1));
        return word.substring(0, equals);
    }

    static String value(String flag, Deque<String> words) {
        if (words.isEmpty()) {
            throw new WrongArguments(flag + ": no value (expected: one after it)");
        }
        return words.pop();
    }

    /** Of {@code --concurrency}. */
    static int workers(String text) {
        if (text.matches("[0-9]{1,3}")) {
            int workers = Integer.parseInt(text);
            if (workers >= 1 && workers <= 256) {
                return workers;
            }
        }
        throw new WrongArguments("--concurrency: '" + text + "' (expected: 1..256)");
    }
}
