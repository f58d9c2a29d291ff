package lateen.local;

/** One instance of a workload, with its place. */
record Instance(MeshPlan.Workload workload, String name, Namespace namespace) {}
