/** What a proxy is told to do, and deciding it. Pure: no I/O, no clocks, no threads. */
package lateen.decision;
