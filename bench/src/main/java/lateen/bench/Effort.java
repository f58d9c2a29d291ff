package lateen.bench;

/**
 * @param rounds of all contestants
 * @param seconds of load, each round and contestant
 * @param warmUp seconds of load on each contestant before the first round
 */
record Effort(int rounds, int seconds, int warmUp) {

    /** Rounds half as long, for what spreads less: 10 s of one busy core are 1,000 ticks of its clock. */
    Effort half() {
        return new Effort(rounds, Math.max(1, seconds / 2), warmUp);
    }
}
