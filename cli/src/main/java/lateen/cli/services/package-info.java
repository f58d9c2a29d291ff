/** The commands that run the servers of {@code lateen.services} in the foreground: {@code authz serve}, {@code dashboard}. */
@NullMarked
package lateen.cli.services;

import org.jspecify.annotations.NullMarked;
