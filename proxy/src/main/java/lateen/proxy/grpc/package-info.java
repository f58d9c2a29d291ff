/**
 * Unary gRPC calls to a cluster, made on the loop of the connection that needs the answer: no thread is handed over, and
 * the cluster's hosts, health, limits, pools and TLS apply as to any other upstream. Messages are bytes here; who calls encodes and decodes them.
 *
 * <p>Threading: everything belongs to one loop. Read first: {@link lateen.proxy.grpc.UnaryCall}.
 */
package lateen.proxy.grpc;
