package lateen.control.source;

/** One object of the configuration. */
public sealed interface ConfigObject
        permits KubeService,
                WorkloadEntry,
                NamespaceObject,
                MeshConfig,
                VirtualService,
                DestinationRule,
                PeerAuthentication,
                AuthorizationPolicy,
                EnvoyFilter,
                LocalWorkloadObject {

    ObjectMeta meta();

    /** As in its {@code kind} field. */
    String kind();
}
