package lateen.decision.rbac;

import java.util.List;
import lateen.decision.config.RbacConfig.Permission;
import lateen.decision.config.RbacConfig.Principal;
import lateen.decision.match.HeaderMatch;
import lateen.decision.match.TextMatch;

/** Records to nodes. */
final class ConditionCompiler {

    private ConditionCompiler() {}

    static Condition anyPermission(List<Permission> permissions) {
        return new Condition.Any(
                permissions.stream().map(ConditionCompiler::compile).toArray(Condition[]::new));
    }

    static Condition anyPrincipal(List<Principal> principals) {
        return new Condition.Any(
                principals.stream().map(ConditionCompiler::compile).toArray(Condition[]::new));
    }

    private static Condition compile(Permission permission) {
        return switch (permission) {
            case Permission.Any p -> new Check.Always();
            case Permission.And p ->
                new Condition.All(
                        p.all().stream().map(ConditionCompiler::compile).toArray(Condition[]::new));
            case Permission.Or p -> anyPermission(p.any());
            case Permission.Not p -> new Condition.Not(compile(p.inner()));
            case Permission.Header p -> new Check.Header(HeaderMatch.compile(p.matcher()));
            case Permission.UrlPath p -> new Check.UrlPath(TextMatch.compile(p.matcher()));
            case Permission.DestinationIp p -> new Check.Address(Check.Side.DESTINATION, p.range());
            case Permission.DestinationPorts p -> new Check.DestinationPort(p.first(), p.last());
            case Permission.RequestedServerName p -> new Check.ServerName(TextMatch.compile(p.matcher()));
        };
    }

    private static Condition compile(Principal principal) {
        return switch (principal) {
            case Principal.Any p -> new Check.Always();
            case Principal.And p ->
                new Condition.All(
                        p.all().stream().map(ConditionCompiler::compile).toArray(Condition[]::new));
            case Principal.Or p -> anyPrincipal(p.any());
            case Principal.Not p -> new Condition.Not(compile(p.inner()));
            case Principal.Authenticated p ->
                new Check.Authenticated(
                        p.names().stream().map(TextMatch::compile).toArray(TextMatch[]::new));
            case Principal.DirectRemoteIp p -> new Check.Address(Check.Side.DIRECT_SOURCE, p.range());
            case Principal.SourceIp p -> new Check.Address(Check.Side.CONNECTION, p.range());
            case Principal.RemoteIp p -> new Check.Address(Check.Side.SOURCE, p.range());
            case Principal.Header p -> new Check.Header(HeaderMatch.compile(p.matcher()));
            case Principal.UrlPath p -> new Check.UrlPath(TextMatch.compile(p.matcher()));
        };
    }
}
