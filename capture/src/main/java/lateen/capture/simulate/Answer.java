package lateen.capture.simulate;

/**
 * Whether a condition holds.
 *
 * @param words why not, or why it cannot be said; empty when it holds
 */
record Answer(Is is, String words) {
    enum Is {
        YES,
        NO,
        UNKNOWN
    }

    static final Answer YES = new Answer(Is.YES, "");

    static Answer no(String words) {
        return new Answer(Is.NO, words);
    }

    static Answer unknown(String words) {
        return new Answer(Is.UNKNOWN, words);
    }

    static Answer of(boolean holds, String otherwise) {
        return holds ? YES : no(otherwise);
    }
}
