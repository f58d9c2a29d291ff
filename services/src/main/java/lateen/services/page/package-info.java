/** A small server of pages that are read in a browser or by a scraper: fixed paths, GET only. */
@NullMarked
package lateen.services.page;

import org.jspecify.annotations.NullMarked;
