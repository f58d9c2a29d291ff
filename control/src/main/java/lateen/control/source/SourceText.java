package lateen.control.source;

/**
 * A part of a file as it was written.
 *
 * @param file name within the configuration directory
 * @param line of the file on which the text starts, from 1
 */
public record SourceText(String file, int line, String text) {}
