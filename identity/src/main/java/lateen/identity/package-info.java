/** SPIFFE identities, key pairs, certificate requests, trust bundles and peer verification. JDK only. */
package lateen.identity;
