/** What a workload needs beside a proxy: keys, certificates, health. */
package lateen.agent;
