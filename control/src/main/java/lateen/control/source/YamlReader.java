package lateen.control.source;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.common.Anchor;
import org.snakeyaml.engine.v2.events.AliasEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.MappingStartEvent;
import org.snakeyaml.engine.v2.events.NodeEvent;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.events.SequenceStartEvent;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * Text of a file → its documents as trees. Built from parser events instead of the library's own composer, because
 * depth, aliases and total size are bounded here before anything recursive sees the input.
 */
final class YamlReader {

    static final int MAX_DOCUMENTS = 10_000;
    static final int MAX_DEPTH = 64;
    static final int MAX_NODES = 2_000_000;

    private final SourceText source;
    private final Iterator<Event> events;
    private final Map<Anchor, Anchored> anchors = new HashMap<>();
    private Problems own = new Problems();
    private long nodes;

    private YamlReader(SourceText source) {
        this.source = source;
        LoadSettings settings = LoadSettings.builder()
                .setLabel(source.file())
                .setUseMarks(true)
                .setCodePointLimit(Integer.MAX_VALUE)
                .build();
        this.events = new Parse(settings).parseString(source.text()).iterator();
    }

    /** Documents that hold something; a fault in the syntax is reported and ends the file. */
    static List<YamlDocument> read(String file, String text, Problems problems) {
        List<YamlDocument> documents = read(new SourceText(file, 1, text), problems);
        documents.forEach(document -> problems.addErrors(document.errors()));
        return documents;
    }

    /** The same for a part of a file; what is wrong within a document stays with it. */
    static List<YamlDocument> read(SourceText source, Problems problems) {
        String file = source.file();
        List<YamlDocument> documents = new ArrayList<>();
        try {
            new YamlReader(source).stream(documents);
        } catch (MarkedYamlEngineException e) {
            int line = e.getProblemMark().map(m -> m.getLine() + source.line()).orElse(0);
            problems.error(new Origin(file, line), "", "not YAML: " + e.getProblem());
        } catch (YamlEngineException e) {
            problems.error(new Origin(file, 0), "", "not YAML: " + e);
        } catch (Refused e) {
            problems.error(e.origin, "", e.text);
        }
        return documents;
    }

    private void stream(List<YamlDocument> documents) {
        int start = 0;
        int line = 0;
        @Nullable YamlNode root = null;
        while (events.hasNext()) {
            Event event = events.next();
            switch (event.getEventId()) {
                case DocumentStart -> {
                    anchors.clear();
                    own = new Problems();
                    if (documents.size() == MAX_DOCUMENTS) {
                        throw refused(event, "more than " + MAX_DOCUMENTS + " documents (expected: fewer; split it)");
                    }
                    start = index(event.getStartMark());
                    line = at(event).line();
                    root = node(events.next(), 0);
                }
                case DocumentEnd -> {
                    if (root != null && !(root instanceof YamlNode.Scalar scalar && scalar.isNull())) {
                        documents.add(new YamlDocument(root, line, start, index(event.getEndMark()), own.errors()));
                    }
                }
                case StreamStart, StreamEnd, Comment -> {}
                case Alias, Scalar, SequenceStart, SequenceEnd, MappingStart, MappingEnd ->
                    throw refused(event, "a value outside of a document");
            }
        }
    }

    private YamlNode node(Event event, int depth) {
        if (depth > MAX_DEPTH) {
            throw refused(event, "nested deeper than " + MAX_DEPTH + " levels");
        }
        count(event, 1);
        if (event instanceof AliasEvent alias) {
            return aliased(alias, depth);
        }
        long before = nodes;
        YamlNode node = switch (event) {
            case ScalarEvent scalar ->
                new YamlNode.Scalar(
                        at(scalar),
                        scalar.getValue(),
                        scalar.isPlain() && scalar.getTag().isEmpty());
            case SequenceStartEvent sequence -> items(sequence, depth);
            case MappingStartEvent mapping -> fields(mapping, depth);
            default -> throw refused(event, "a value was expected");
        };
        ((NodeEvent) event).getAnchor().ifPresent(a -> anchors.put(a, new Anchored(node, nodes - before + 1)));
        return node;
    }

    private YamlNode aliased(AliasEvent alias, int depth) {
        Anchored anchored = anchors.get(alias.getAlias());
        if (anchored == null) {
            throw refused(alias, "*" + alias.getAlias() + " refers to nothing above it");
        }
        count(alias, anchored.size);
        if (depth + height(anchored.node) > MAX_DEPTH) {
            throw refused(alias, "nested deeper than " + MAX_DEPTH + " levels");
        }
        return anchored.node;
    }

    private YamlNode.Items items(SequenceStartEvent start, int depth) {
        List<YamlNode> items = new ArrayList<>();
        for (Event e = events.next(); e.getEventId() != Event.ID.SequenceEnd; e = events.next()) {
            items.add(node(e, depth + 1));
        }
        return new YamlNode.Items(at(start), items);
    }

    private YamlNode.Fields fields(MappingStartEvent start, int depth) {
        LinkedHashMap<String, YamlNode.Entry> fields = new LinkedHashMap<>();
        for (Event e = events.next(); e.getEventId() != Event.ID.MappingEnd; e = events.next()) {
            if (!(e instanceof ScalarEvent key)) {
                throw refused(e, "a key that is not text");
            }
            YamlNode.Entry entry = new YamlNode.Entry(at(key), node(events.next(), depth + 1));
            YamlNode.Entry first = fields.putIfAbsent(key.getValue(), entry);
            if (first != null) {
                own.error(at(key), key.getValue(), "is there twice (first at " + first.key() + ")");
            }
        }
        return new YamlNode.Fields(at(start), fields);
    }

    private void count(Event event, long more) {
        nodes += more;
        if (nodes > MAX_NODES) {
            throw refused(event, "more than " + MAX_NODES + " values, aliases expanded");
        }
    }

    private static int height(YamlNode node) {
        return switch (node) {
            case YamlNode.Scalar _ -> 0;
            case YamlNode.Items items ->
                1 + items.items().stream().mapToInt(YamlReader::height).max().orElse(0);
            case YamlNode.Fields fields ->
                1
                        + fields.entries().values().stream()
                                .mapToInt(e -> height(e.value()))
                                .max()
                                .orElse(0);
        };
    }

    private Origin at(Event event) {
        return new Origin(source.file(), event.getStartMark().map(Mark::getLine).orElse(-1) + source.line());
    }

    /** In code points, as the library counts. */
    private static int index(Optional<Mark> mark) {
        return mark.map(Mark::getIndex).orElse(0);
    }

    private Refused refused(Event event, String text) {
        return new Refused(at(event), text);
    }

    private record Anchored(YamlNode node, long size) {}

    /** Ends the reading of one file; never leaves this class. */
    private static final class Refused extends RuntimeException {
        private final transient Origin origin;
        private final String text;

        Refused(Origin origin, String text) {
            super(text, null, false, false);
            this.origin = origin;
            this.text = text;
        }
    }
}
