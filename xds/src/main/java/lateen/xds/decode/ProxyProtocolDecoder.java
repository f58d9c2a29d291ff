package lateen.xds.decode;

import io.envoyproxy.envoy.config.core.v3.ProxyProtocolConfig;
import io.envoyproxy.envoy.config.core.v3.ProxyProtocolPassThroughTLVs;
import io.envoyproxy.envoy.config.core.v3.TlvEntry;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import lateen.decision.config.OutboundProxyProtocol;
import lateen.decision.config.ProxyProtocol;

/** Envoy: {@code config.core.v3.ProxyProtocolConfig}. */
final class ProxyProtocolDecoder {
    private static final int LARGEST_TYPE = 255;
    /** All additions together, with their heads: what Lateen itself takes in one header. */
    private static final int LARGEST = 4096;

    private ProxyProtocolDecoder() {}

    static OutboundProxyProtocol outbound(ProxyProtocolConfig config, FieldPath at) {
        List<ProxyProtocol.Tlv> added = at.each(config.getAddedTlvsList(), "added_tlvs", ProxyProtocolDecoder::tlv);
        int size = added.stream().mapToInt(each -> 3 + each.value().length()).sum();
        if (size > LARGEST) {
            throw at.at("added_tlvs").refuse(size + " bytes", "at most " + LARGEST);
        }
        return new OutboundProxyProtocol(
                version(config.getVersion(), at.at("version")),
                kept(config.hasPassThroughTlvs(), config.getPassThroughTlvs(), at.at("pass_through_tlvs")),
                added);
    }

    static int version(ProxyProtocolConfig.Version version, FieldPath at) {
        return switch (version) {
            case V1 -> 1;
            case V2 -> 2;
            case UNRECOGNIZED -> throw at.refuse(version, "V1 or V2");
        };
    }

    static ProxyProtocol.Kept kept(boolean present, ProxyProtocolPassThroughTLVs tlvs, FieldPath at) {
        if (!present) {
            return ProxyProtocol.Kept.NONE;
        }
        return switch (tlvs.getMatchType()) {
            case INCLUDE_ALL -> new ProxyProtocol.Kept(true, Set.of());
            case INCLUDE ->
                new ProxyProtocol.Kept(
                        false, Set.copyOf(at.each(tlvs.getTlvTypeList(), "tlv_type", ProxyProtocolDecoder::type)));
            case UNRECOGNIZED -> throw at.at("match_type").refuse(tlvs.getMatchType(), "INCLUDE_ALL or INCLUDE");
        };
    }

    private static int type(int type, FieldPath at) {
        if (type < 0 || type > LARGEST_TYPE) {
            throw at.refuse(Integer.toUnsignedString(type), "0.." + LARGEST_TYPE);
        }
        return type;
    }

    private static ProxyProtocol.Tlv tlv(TlvEntry entry, FieldPath at) {
        if (entry.getValue().isEmpty()) {
            throw at.missing("value", "at least one byte");
        }
        return new ProxyProtocol.Tlv(
                type(entry.getType(), at.at("type")), entry.getValue().toString(StandardCharsets.ISO_8859_1));
    }
}
