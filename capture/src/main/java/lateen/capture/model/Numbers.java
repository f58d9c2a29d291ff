package lateen.capture.model;

/** Reading of plain decimal numbers: no sign, no blanks, no surprise. */
public final class Numbers {
    private Numbers() {}

    /** The number, or -1 when the text is not a decimal number within {@code low..high}. */
    public static int parse(String text, int low, int high) {
        return (int) parseLong(text, low, high);
    }

    /** The number, or -1 when the text is not a decimal number within {@code low..high}. */
    public static long parseLong(String text, long low, long high) {
        if (text.isEmpty() || text.length() > 18) {
            return -1;
        }
        long value = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < '0' || c > '9') {
                return -1;
            }
            value = value * 10 + (c - '0');
        }
        return value < low || value > high ? -1 : value;
    }
}
