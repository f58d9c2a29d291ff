package lateen.control.push;

import com.google.protobuf.Message;
import io.envoyproxy.envoy.config.core.v3.DataSource;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.CertificateValidationContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.Secret;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import lateen.control.registry.MeshSnapshot;
import lateen.control.source.EnvoyFilter;
import lateen.control.translate.ProxyFacts;
import lateen.control.translate.ProxyResources;
import lateen.control.translate.Translation;
import lateen.control.translate.TranslationInput;
import lateen.decision.net.IpAddress;
import lateen.identity.SpiffeId;
import lateen.identity.TrustBundle;
import lateen.xds.ResourceType;
import lateen.xdsserver.EncodedResource;
import lateen.xdsserver.ProxyNode;
import lateen.xdsserver.ResourceView;
import lateen.xdsserver.ViewSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The newest snapshot as the ADS server asks for it. Views are made when first asked for and kept until the next
 * snapshot; proxies with equal inputs share one.
 *
 * <p>Threading: any thread asks; {@link #publish} is called by one at a time. After it, the caller tells the server
 * ({@code configChanged}).
 */
public final class MeshViews implements ViewSource {

    private static final Logger LOG = LoggerFactory.getLogger(MeshViews.class);
    private static final String ROOTS = "ROOTCA";

    private final Supplier<TrustBundle> roots;
    private final PatchReport patches = new PatchReport();
    private volatile Published current;

    public MeshViews(MeshSnapshot first, Supplier<TrustBundle> roots) {
        this.roots = roots;
        this.current = new Published(first, new EncodedPool(null), roots.get(), patches);
    }

    /** From now on views are of this snapshot. */
    public void publish(MeshSnapshot next) {
        patches.keepOnly(next);
        current = new Published(next, new EncodedPool(current.pool), roots.get(), patches);
    }

    /** How often the patches of EnvoyFilters were applied. */
    public PatchReport patches() {
        return patches;
    }

    public MeshSnapshot snapshot() {
        return current.mesh;
    }

    @Override
    public ResourceView viewFor(ProxyNode node) {
        Published now = current;
        return node.proxyless() ? now.proxyless(facts(node)) : now.view(facts(node));
    }

    /** The certificate's word counts before the node's own. */
    private static ProxyFacts facts(ProxyNode node) {
        SpiffeId identity = node.identity();
        List<IpAddress> addresses = new ArrayList<>();
        addAddress(node.ip(), addresses);
        for (String each : node.text("INSTANCE_IPS").split(",")) {
            addAddress(each.strip(), addresses);
        }
        return new ProxyFacts(
                identity == null ? node.namespace() : identity.namespace(),
                identity == null ? node.serviceAccount() : identity.serviceAccount(),
                node.labels(),
                addresses,
                node.text("ISTIO_VERSION"));
    }

    /** A proxy that gives no usable address is served nevertheless; it only has no ports of its own. */
    private static void addAddress(String text, List<IpAddress> addresses) {
        try {
            if (!text.isEmpty()) {
                addresses.add(IpAddress.parse(text));
            }
        } catch (IllegalArgumentException e) {
            LOG.warn("proxy address ignored: {}", e.getMessage());
        }
    }

    /** One snapshot with what was made of it. */
    private static final class Published {
        private final MeshSnapshot mesh;
        private final EncodedPool pool;
        private final TrustBundle roots;
        private final PatchReport patches;
        private final Map<OutboundKey, Encoded> outbound = new ConcurrentHashMap<>();
        private final Map<TranslationInput.Caller, MeshView> proxyless = new ConcurrentHashMap<>();
        private final Map<ViewKey, MeshView> views = new ConcurrentHashMap<>();

        Published(MeshSnapshot mesh, EncodedPool pool, TrustBundle roots, PatchReport patches) {
            this.patches = patches;
            this.mesh = mesh;
            this.pool = pool;
            this.roots = roots;
        }

        MeshView view(ProxyFacts proxy) {
            TranslationInput input = TranslationInput.of(proxy, mesh);
            OutboundKey key =
                    new OutboundKey(input.outbound().caller(), input.outbound().patches());
            return views.computeIfAbsent(new ViewKey(key, input.inbound()), k -> {
                String who = proxy.namespace() + "/" + proxy.serviceAccount();
                return build(who, k.outbound, input);
            });
        }

        /** Secrets are none of its business: what certificates it has come from elsewhere. */
        MeshView proxyless(ProxyFacts client) {
            TranslationInput.Outbound input = TranslationInput.of(client, mesh).outbound();
            return proxyless.computeIfAbsent(input.caller(), _ -> {
                Map<ResourceType, Map<String, EncodedResource>> byType = new EnumMap<>(ResourceType.class);
                encode(Translation.proxyless(input)).into(byType);
                return new MeshView(byType);
            });
        }

        private MeshView build(String who, OutboundKey key, TranslationInput input) {
            Map<ResourceType, Map<String, EncodedResource>> byType = new EnumMap<>(ResourceType.class);
            // Within one snapshot the outbound side differs by caller and patches only.
            Encoded there = outbound.computeIfAbsent(key, _ -> encode(Translation.outbound(input.outbound())));
            Encoded here = encode(Translation.inbound(input.inbound()));
            there.into(byType);
            here.into(byType);
            patches.note(who, here.applied, there.applied);
            byType.put(ResourceType.SECRET, Map.of(ROOTS, pool.encode(ResourceType.SECRET, ROOTS, secret())));
            byType.replaceAll((_, resources) -> Map.copyOf(resources));
            return new MeshView(byType);
        }

        private Secret secret() {
            return Secret.newBuilder()
                    .setName(ROOTS)
                    .setValidationContext(CertificateValidationContext.newBuilder()
                            .setTrustedCa(DataSource.newBuilder().setInlineString(roots.pem())))
                    .build();
        }

        private Encoded encode(ProxyResources resources) {
            List<EncodedOf> out = new ArrayList<>();
            resources.clusters().forEach(c -> out.add(encode(ResourceType.CLUSTER, c.getName(), c)));
            resources.endpoints().forEach(e -> out.add(encode(ResourceType.ENDPOINT, e.getClusterName(), e)));
            resources.listeners().forEach(l -> out.add(encode(ResourceType.LISTENER, l.getName(), l)));
            resources.routes().forEach(r -> out.add(encode(ResourceType.ROUTE, r.getName(), r)));
            return new Encoded(out, resources.applied());
        }

        private EncodedOf encode(ResourceType type, String name, Message message) {
            return new EncodedOf(type, pool.encode(type, name, message));
        }
    }

    private record OutboundKey(TranslationInput.Caller caller, List<EnvoyFilter.Patch> patches) {}

    private record ViewKey(OutboundKey outbound, TranslationInput.Inbound inbound) {}

    private record EncodedOf(ResourceType type, EncodedResource resource) {}

    private record Encoded(List<EncodedOf> all, Map<String, Integer> applied) {
        void into(Map<ResourceType, Map<String, EncodedResource>> byType) {
            for (EncodedOf each : all) {
                byType.computeIfAbsent(each.type, _ -> new HashMap<>()).put(each.resource.name(), each.resource);
            }
        }
    }
}
