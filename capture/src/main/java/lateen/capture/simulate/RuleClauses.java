package lateen.capture.simulate;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import lateen.capture.model.Clause;
import lateen.capture.model.IdRange;
import lateen.capture.model.Match;
import lateen.capture.model.Protocol;
import lateen.capture.model.Rule;
import lateen.capture.model.Target;

/** Capture's own typed rules as clauses. What this says of a rule and what {@link SpecClauses} says of its text are the same. */
final class RuleClauses {
    private static final long ALL = Clause.NumberIs.ALL;

    private RuleClauses() {}

    static List<Clause> of(Rule.Known rule) {
        List<Clause> clauses = new ArrayList<>();
        rule.matches().forEach(match -> clauses.add(condition(match)));
        clauses.add(action(rule.target()));
        return clauses;
    }

    private static Clause condition(Match match) {
        return switch (match) {
            case Match.Source(var range, boolean not) ->
                new Clause.AddressIn(true, range.family(), List.of(Clause.AddressSpan.of(range)), not);
            case Match.Destination(var range, boolean not) ->
                new Clause.AddressIn(false, range.family(), List.of(Clause.AddressSpan.of(range)), not);
            case Match.InInterface(String name, boolean not) ->
                new Clause.DeviceIs(true, List.of(SpecConditions.pattern(name)), not);
            case Match.OutInterface(String name, boolean not) ->
                new Clause.DeviceIs(false, List.of(SpecConditions.pattern(name)), not);
            case Match.Transport(Protocol protocol) ->
                number(Clause.Key.PROTOCOL, SpecConditions.protocolNumber(protocol), false, Optional.empty());
            case Match.SourcePort(Protocol protocol, int port, boolean not) ->
                number(Clause.Key.SOURCE_PORT, port, not, Optional.of(protocol));
            case Match.DestinationPort(Protocol protocol, int port, boolean not) ->
                number(Clause.Key.DESTINATION_PORT, port, not, Optional.of(protocol));
            case Match.User(IdRange ids, boolean not) -> owner(Clause.Key.USER, ids, not);
            case Match.Group(IdRange ids, boolean not) -> owner(Clause.Key.GROUP, ids, not);
            case Match.Mark(long mark, boolean not) -> number(Clause.Key.MARK, mark, not, Optional.empty());
            case Match.ConnectionMark(long mark, boolean not) ->
                number(Clause.Key.CONNECTION_MARK, mark, not, Optional.empty());
            case Match.State(var states) -> new Clause.StateIs(states, false);
            case Match.Direction(boolean reply) -> new Clause.DirectionIs(reply, false);
        };
    }

    private static Clause owner(Clause.Key key, IdRange ids, boolean not) {
        return new Clause.NumberIs(
                key, ALL, List.of(new Clause.Span(ids.low(), ids.high())), not, Optional.empty(), false);
    }

    private static Clause number(Clause.Key key, long value, boolean not, Optional<Protocol> protocol) {
        return new Clause.NumberIs(key, ALL, List.of(Clause.Span.one(value)), not, protocol, false);
    }

    private static Clause action(Target target) {
        return switch (target) {
            case Target.Return _ -> new Clause.Return();
            case Target.Accept _ -> new Clause.Accept();
            case Target.Drop _ -> new Clause.Drop();
            case Target.Jump(String chain) -> new Clause.Jump(chain, false);
            case Target.Redirect(int port) -> new Clause.Redirect(OptionalInt.of(port));
            case Target.Tproxy(var family, int port, long mark) ->
                new Clause.Tproxy(Optional.of(family), port, Optional.of(new Clause.SetMark(false, 0, mark)), true);
            case Target.SetMark(long mark) -> new Clause.SetMark(false, 0, mark);
            case Target.SaveMark _ -> new Clause.CopyMark(true, 0, ALL);
            case Target.RestoreMark _ -> new Clause.CopyMark(false, 0, ALL);
            case Target.ConntrackZone(int zone) -> new Clause.Zone(zone);
        };
    }
}
