package lateen.control.source;

import java.util.List;

/**
 * A document of a file.
 *
 * @param line on which it starts
 * @param start code point at which it starts
 * @param end code point after its last
 * @param errors in the document itself: keys that are there twice
 */
record YamlDocument(YamlNode root, int line, int start, int end, List<Problem> errors) {

    /** The document's own text, which read alone gives the same. */
    SourceText within(SourceText source) {
        int from = source.text().offsetByCodePoints(0, start);
        int to = source.text().offsetByCodePoints(from, end - start);
        return new SourceText(source.file(), line, source.text().substring(from, to));
    }
}
