/** Servers of their own beside the two planes; each package is one. Nothing here knows how or where a mesh runs. */
package lateen.services;
