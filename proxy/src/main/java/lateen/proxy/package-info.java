/** The data plane. */
package lateen.proxy;
