/** What the tests of several modules need; in their test scope only. */
@NullMarked
package lateen.testing;

import org.jspecify.annotations.NullMarked;
