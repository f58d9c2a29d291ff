package lateen.xdsserver;

/** Says what a proxy may see. Called from several threads at once; may compute, must not wait for the network. */
public interface ViewSource {

    /** The newest view; asked when the proxy connects and after each {@link AdsService#configChanged()}. */
    ResourceView viewFor(ProxyNode node);
}
