/**
 * Compiled matchers of strings and headers, shared by routes and access rules.
 *
 * <p>Pure and immutable; shared freely between threads. Matching allocates nothing, regular expressions and repeated
 * headers apart. Read first: {@link lateen.decision.match.TextMatch}.
 */
package lateen.decision.match;
