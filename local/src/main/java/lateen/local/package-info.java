/** The mesh on one machine: namespaces, processes, users, tokens. */
package lateen.local;
