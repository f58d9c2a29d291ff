package lateen.bench;

/**
 * A chapter's result.
 *
 * @param table Markdown, with its heading
 * @param raw the commands and what they printed
 */
record Report(String table, String raw) {}
