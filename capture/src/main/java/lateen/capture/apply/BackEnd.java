package lateen.capture.apply;

import lateen.capture.host.CaptureException;
import lateen.capture.model.RuleSet;

/** One way in which a namespace can hold our rules. Blocking; used by one thread at a time. {@code toString} names it. */
interface BackEnd {
    /** Our part of what is there; the next {@link #write} or {@link #remove} starts from it. */
    OwnState present() throws CaptureException;

    /** What {@link #present} says once these rules are written. */
    OwnState wanted(RuleSet rules);

    /**
     * Asks the kernel whether it can take the rules, and changes nothing.
     *
     * @throws CaptureException naming the first rule that it cannot take and the module that it may lack
     */
    void check(RuleSet rules) throws CaptureException;

    /**
     * Puts the rules in the place of what {@link #present} has found.
     *
     * @throws CaptureException after which the rules are those of before
     */
    void write(RuleSet rules) throws CaptureException;

    /** Takes our rules away; true when there were any. */
    boolean remove() throws CaptureException;
}
