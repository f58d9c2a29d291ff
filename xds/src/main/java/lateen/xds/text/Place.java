package lateen.xds.text;

import org.jspecify.annotations.Nullable;

/** Where in a text the reader is; its path is made for problems only. */
record Place(@Nullable Place parent, String segment, int index, int line) {

    static final Place ROOT = new Place(null, "", -1, 0);

    Place at(String field, int where) {
        return new Place(this, field, -1, where);
    }

    Place at(String field, int position, int where) {
        return new Place(this, field, position, where);
    }

    /** The line of this place, or the nearest that is known around it. */
    int nearestLine() {
        return line > 0 || parent == null ? line : parent.nearestLine();
    }

    @Override
    public String toString() {
        String own = index < 0 ? segment : segment + "[" + index + "]";
        return parent == null || parent.toString().isEmpty() ? own : parent + "." + own;
    }
}
