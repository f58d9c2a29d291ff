package lateen.xds.text;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
 * YAML text of one document → {@link Tree}. Built from parser events instead of the library's own composer, because
 * depth, aliases and total size are bounded here before anything recursive sees the input.
 */
final class YamlTree {

    static final int MAX_DEPTH = JsonTree.MAX_DEPTH;
    /** Aliases expanded. */
    static final int MAX_NODES = JsonTree.MAX_NODES;

    private final String file;
    private final List<Problem> problems;
    private final Iterator<Event> events;
    private final Map<Anchor, Anchored> anchors = new HashMap<>();
    private long nodes;

    /** @param size values inside, aliases expanded */
    private record Anchored(Tree tree, long size, int height) {}

    private YamlTree(String file, String text, List<Problem> problems) {
        this.file = file;
        this.problems = problems;
        LoadSettings settings = LoadSettings.builder()
                .setLabel(file)
                .setUseMarks(true)
                .setCodePointLimit(Integer.MAX_VALUE)
                .build();
        this.events = new Parse(settings).parseString(text).iterator();
    }

    /** Null after a fault, which is reported then; a text without a document is an empty map. */
    static @Nullable Tree read(String file, String text, List<Problem> problems) {
        try {
            return new YamlTree(file, text, problems).document();
        } catch (MarkedYamlEngineException e) {
            int line = e.getProblemMark().map(mark -> mark.getLine() + 1).orElse(0);
            problems.add(new Problem(file, line, "", "not YAML: " + e.getProblem()));
        } catch (YamlEngineException e) {
            problems.add(new Problem(file, 0, "", "not YAML: " + e.getMessage()));
        } catch (Refused e) {
            problems.add(new Problem(file, e.line, "", e.text));
        }
        return null;
    }

    private Tree document() {
        Tree root = new Tree.Fields(1, new LinkedHashMap<>());
        int documents = 0;
        while (events.hasNext()) {
            Event event = events.next();
            if (event.getEventId() == Event.ID.DocumentStart) {
                if (++documents > 1) {
                    throw refused(event, "a second document (expected: one)");
                }
                Tree read = node(events.next(), 0).tree();
                root = read.isNothing() ? root : read;
            }
        }
        return root;
    }

    private Anchored node(Event event, int depth) {
        if (depth > MAX_DEPTH) {
            throw refused(event, "nested deeper than " + MAX_DEPTH + " levels");
        }
        count(event, 1);
        if (event instanceof AliasEvent alias) {
            return aliased(alias, depth);
        }
        long before = nodes;
        Anchored node = switch (event) {
            case ScalarEvent scalar ->
                new Anchored(
                        new Tree.Scalar(
                                line(scalar),
                                scalar.getValue(),
                                !scalar.isPlain() || scalar.getTag().isPresent()),
                        1,
                        0);
            case SequenceStartEvent sequence -> items(sequence, depth);
            case MappingStartEvent mapping -> fields(mapping, depth);
            default -> throw refused(event, "a value was expected");
        };
        Anchored measured = new Anchored(node.tree, nodes - before + 1, node.height);
        ((NodeEvent) event).getAnchor().ifPresent(anchor -> anchors.put(anchor, measured));
        return measured;
    }

    private Anchored aliased(AliasEvent alias, int depth) {
        Anchored anchored = anchors.get(alias.getAlias());
        if (anchored == null) {
            throw refused(alias, "*" + alias.getAlias() + " refers to nothing above it");
        }
        count(alias, anchored.size);
        if (depth + anchored.height > MAX_DEPTH) {
            throw refused(alias, "nested deeper than " + MAX_DEPTH + " levels");
        }
        return anchored;
    }

    private Anchored items(SequenceStartEvent start, int depth) {
        List<Tree> items = new ArrayList<>();
        int height = 0;
        for (Event e = events.next(); e.getEventId() != Event.ID.SequenceEnd; e = events.next()) {
            Anchored item = node(e, depth + 1);
            items.add(item.tree);
            height = Math.max(height, item.height + 1);
        }
        return new Anchored(new Tree.Items(line(start), items), 0, height);
    }

    private Anchored fields(MappingStartEvent start, int depth) {
        LinkedHashMap<String, Tree.Entry> entries = new LinkedHashMap<>();
        int height = 0;
        for (Event e = events.next(); e.getEventId() != Event.ID.MappingEnd; e = events.next()) {
            if (!(e instanceof ScalarEvent key)) {
                throw refused(e, "a key that is not text");
            }
            Anchored value = node(events.next(), depth + 1);
            height = Math.max(height, value.height + 1);
            Tree.Entry first = entries.putIfAbsent(key.getValue(), new Tree.Entry(line(key), value.tree));
            if (first != null) {
                problems.add(new Problem(
                        file, line(key), key.getValue(), "is there twice (first on line " + first.line() + ")"));
            }
        }
        return new Anchored(new Tree.Fields(line(start), entries), 0, height);
    }

    private void count(Event event, long more) {
        nodes += more;
        if (nodes > MAX_NODES) {
            throw refused(event, "more than " + MAX_NODES + " values, aliases expanded");
        }
    }

    private static int line(Event event) {
        return event.getStartMark().map(Mark::getLine).orElse(-1) + 1;
    }

    private static Refused refused(Event event, String text) {
        return new Refused(line(event), text);
    }

    /** Ends the reading; never leaves this class. */
    private static final class Refused extends RuntimeException {
        @java.io.Serial
        private static final long serialVersionUID = 1;

        private final int line;
        private final String text;

        Refused(int line, String text) {
            super(text, null, false, false);
            this.line = line;
            this.text = text;
        }
    }
}
