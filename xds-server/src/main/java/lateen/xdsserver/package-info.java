/** The ADS server: streams, subscriptions, versions, shared encoded resources. */
package lateen.xdsserver;
