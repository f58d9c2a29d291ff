/**
 * The rule model of both families: rules, chains, tables, and the values in them. Immutable, and without any text of a program.
 *
 * <p>Read first: {@link lateen.capture.model.Rule}.
 */
@NullMarked
package lateen.capture.model;

import org.jspecify.annotations.NullMarked;
