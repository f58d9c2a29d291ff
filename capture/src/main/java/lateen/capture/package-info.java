/** Traffic capture: options, rule set, iptables text; applying, reading back, explaining. JDK only. */
package lateen.capture;
