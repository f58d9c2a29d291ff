/** Addresses and prefixes as small values without name look-ups. Immutable. */
package lateen.decision.net;
