/** The control plane. */
package lateen.control;
