package lateen.xds.decode;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.envoyproxy.envoy.config.rbac.v3.RBAC;
import io.envoyproxy.envoy.type.matcher.v3.PathMatcher;
import java.util.LinkedHashMap;
import java.util.SequencedMap;
import java.util.Set;
import java.util.TreeMap;
import lateen.decision.config.RbacConfig;
import lateen.decision.config.RbacConfig.Permission;
import lateen.decision.config.RbacConfig.Policy;
import lateen.decision.config.RbacConfig.Principal;
import lateen.decision.config.StringMatcher;

/** Envoy: {@code config.rbac.v3}. */
final class RbacDecoder {

    private RbacDecoder() {}

    /** @param present false: no rules, which lets everything pass (Envoy: "If absent, no enforcing RBAC policy") */
    static RbacConfig rules(boolean present, RBAC rbac, FieldPath at) {
        if (!present) {
            return new RbacConfig(RbacConfig.Action.DENY, new LinkedHashMap<>());
        }
        RbacConfig.Action action = switch (rbac.getAction()) {
            case ALLOW -> RbacConfig.Action.ALLOW;
            case DENY -> RbacConfig.Action.DENY;
            case LOG -> RbacConfig.Action.LOG;
            case UNRECOGNIZED -> throw at.at("action").refuse(rbac.getActionValue(), "ALLOW, DENY or LOG");
        };
        // Envoy tries policies in the order of their names, whatever order the wire has.
        SequencedMap<String, Policy> policies = new LinkedHashMap<>();
        new TreeMap<>(at.map("policies"))
                .forEach((name, policy) -> policies.put(name, policy(policy, at.at("policies[" + name + "]"))));
        return new RbacConfig(action, policies);
    }

    private static Policy policy(ByteString bytes, FieldPath at) {
        try {
            return policy(io.envoyproxy.envoy.config.rbac.v3.Policy.parseFrom(bytes), at);
        } catch (InvalidProtocolBufferException e) {
            throw at.because("not a readable envoy.config.rbac.v3.Policy: " + e.getMessage());
        }
    }

    private static Policy policy(io.envoyproxy.envoy.config.rbac.v3.Policy policy, FieldPath at) {
        if (policy.getPermissionsCount() == 0) {
            throw at.missing("permissions", "at least one");
        }
        if (policy.getPrincipalsCount() == 0) {
            throw at.missing("principals", "at least one");
        }
        return new Policy(
                at.each(policy.getPermissionsList(), "permissions", RbacDecoder::permission),
                at.each(policy.getPrincipalsList(), "principals", RbacDecoder::principal));
    }

    private static Permission permission(io.envoyproxy.envoy.config.rbac.v3.Permission rule, FieldPath at) {
        return switch (rule.getRuleCase()) {
            case ANY -> {
                any(rule.getAny(), at);
                yield new Permission.Any();
            }
            case AND_RULES ->
                new Permission.And(
                        at.at("and_rules").each(rule.getAndRules().getRulesList(), "rules", RbacDecoder::permission));
            case OR_RULES ->
                new Permission.Or(
                        at.at("or_rules").each(rule.getOrRules().getRulesList(), "rules", RbacDecoder::permission));
            case NOT_RULE -> new Permission.Not(permission(rule.getNotRule(), at.at("not_rule")));
            case HEADER -> new Permission.Header(MatcherDecoder.header(rule.getHeader(), at.at("header")));
            case URL_PATH -> new Permission.UrlPath(path(rule.getUrlPath(), at.at("url_path")));
            case DESTINATION_IP ->
                new Permission.DestinationIp(Values.cidr(rule.getDestinationIp(), at.at("destination_ip")));
            case DESTINATION_PORT -> {
                int port = Values.port(rule.getDestinationPort(), at.at("destination_port"));
                yield new Permission.DestinationPorts(port, port);
            }
            case DESTINATION_PORT_RANGE -> {
                int first = rule.getDestinationPortRange().getStart();
                int end = rule.getDestinationPortRange().getEnd();
                if (first < 0 || end <= first || end > 65536) {
                    throw at.at("destination_port_range")
                            .refuse(first + ".." + end, "start 0..65535, end (exclusive) above it, at most 65536");
                }
                yield new Permission.DestinationPorts(first, end - 1);
            }
            case REQUESTED_SERVER_NAME ->
                new Permission.RequestedServerName(
                        MatcherDecoder.string(rule.getRequestedServerName(), at.at("requested_server_name")));
            case METADATA, MATCHER, URI_TEMPLATE, SOURCED_METADATA, RULE_NOT_SET ->
                throw at.refuse(
                        rule.getRuleCase(),
                        "any, and_rules, or_rules, not_rule, header, url_path, destination_ip, destination_port,"
                                + " destination_port_range or requested_server_name");
        };
    }

    private static Principal principal(io.envoyproxy.envoy.config.rbac.v3.Principal id, FieldPath at) {
        return switch (id.getIdentifierCase()) {
            case ANY -> {
                any(id.getAny(), at);
                yield new Principal.Any();
            }
            case AND_IDS ->
                new Principal.And(at.at("and_ids").each(id.getAndIds().getIdsList(), "ids", RbacDecoder::principal));
            case OR_IDS ->
                new Principal.Or(at.at("or_ids").each(id.getOrIds().getIdsList(), "ids", RbacDecoder::principal));
            case NOT_ID -> new Principal.Not(principal(id.getNotId(), at.at("not_id")));
            case AUTHENTICATED ->
                new Principal.Authenticated(authenticated(id.getAuthenticated(), at.at("authenticated")));
            case SOURCE_IP -> sourceIp(id, at);
            case DIRECT_REMOTE_IP ->
                new Principal.DirectRemoteIp(Values.cidr(id.getDirectRemoteIp(), at.at("direct_remote_ip")));
            case REMOTE_IP -> new Principal.RemoteIp(Values.cidr(id.getRemoteIp(), at.at("remote_ip")));
            case HEADER -> new Principal.Header(MatcherDecoder.header(id.getHeader(), at.at("header")));
            case URL_PATH -> new Principal.UrlPath(path(id.getUrlPath(), at.at("url_path")));
            case METADATA, FILTER_STATE, SOURCED_METADATA, CUSTOM, IDENTIFIER_NOT_SET ->
                throw at.refuse(
                        id.getIdentifierCase(),
                        "any, and_ids, or_ids, not_id, authenticated, source_ip, direct_remote_ip, remote_ip, header"
                                + " or url_path");
        };
    }

    @SuppressWarnings("deprecation")
    private static Principal sourceIp(io.envoyproxy.envoy.config.rbac.v3.Principal id, FieldPath at) {
        return new Principal.SourceIp(Values.cidr(id.getSourceIp(), at.at("source_ip")));
    }

    private static Set<StringMatcher> authenticated(
            io.envoyproxy.envoy.config.rbac.v3.Principal.Authenticated peer, FieldPath at) {
        return peer.hasPrincipalName()
                ? Set.of(MatcherDecoder.string(peer.getPrincipalName(), at.at("principal_name")))
                : Set.of();
    }

    private static StringMatcher path(PathMatcher matcher, FieldPath at) {
        return MatcherDecoder.string(matcher.getPath(), at.at("path"));
    }

    private static void any(boolean value, FieldPath at) {
        if (!value) {
            throw at.at("any").refuse(false, "true");
        }
    }
}
