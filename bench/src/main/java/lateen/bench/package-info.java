/** Side-by-side measurements against real peers. */
package lateen.bench;
