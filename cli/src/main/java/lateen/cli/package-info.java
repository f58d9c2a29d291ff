/** The lateen command. */
package lateen.cli;
