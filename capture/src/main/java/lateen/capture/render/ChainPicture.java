package lateen.capture.render;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import lateen.capture.model.Clause;
import lateen.capture.model.HookChain;
import lateen.capture.model.HookRule;
import lateen.capture.model.HookTable;
import lateen.capture.model.Netfilter;

/**
 * A picture of chains as SVG 1.1: a row for each table, a box for each chain, placed to the right of all that lead to it,
 * an arrow from each rule that jumps, and a badge at each rule that ends a packet's way. Confined to one thread.
 */
public final class ChainPicture {
    private static final int LINE = 18;
    private static final int HEAD = 24;
    private static final int PAD = 10;
    private static final int GAP_X = 90;
    private static final int GAP_Y = 26;
    private static final double LETTER = 7.0;
    private static final int MAX_LETTERS = 96;
    private static final String INK = "#1f2933";
    private static final String OURS = "#0b6e99";
    private static final String OTHERS = "#8a6d3b";

    private record Box(HookTable table, HookChain chain, int x, int y, int width, int height) {
        int lineY(int rule) {
            return y + HEAD + PAD + rule * LINE;
        }
    }

    private final StringBuilder shapes = new StringBuilder();
    private int width;
    private int height = PAD;

    private ChainPicture() {}

    /** The whole document; chains without rules that nothing leads to are left out. */
    public static String of(Netfilter rules) {
        ChainPicture picture = new ChainPicture();
        for (HookTable table : rules.tables()) {
            if (table.chains().stream().anyMatch(c -> !c.rules().isEmpty())) {
                picture.table(table);
            }
        }
        if (picture.width == 0) {
            picture.text(PAD, 30, INK, "normal", "no rules here");
            picture.width = 200;
            picture.height = 50;
        }
        return "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"" + picture.width + "\" height=\"" + picture.height
                + "\" viewBox=\"0 0 " + picture.width + " " + picture.height
                + "\" font-family=\"DejaVu Sans Mono, Menlo, Consolas, monospace\" font-size=\"11\">\n"
                + "<defs><marker id=\"arrow\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"8\" markerHeight=\"8\""
                + " orient=\"auto\"><path d=\"M0 0 L8 4 L0 8 z\" fill=\"" + INK + "\"/></marker></defs>\n"
                + "<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n" + picture.shapes + "</svg>\n";
    }

    private void table(HookTable table) {
        text(PAD, height + 16, INK, "bold", table.title());
        height += 28;
        Map<String, Integer> columns = columns(table);
        Map<Integer, Integer> widths = new HashMap<>();
        for (HookChain chain : table.chains()) {
            if (columns.containsKey(chain.name())) {
                widths.merge(columns.get(chain.name()), width(chain), Math::max);
            }
        }
        Map<String, Box> boxes = new LinkedHashMap<>();
        Map<Integer, Integer> bottoms = new HashMap<>();
        for (HookChain chain : table.chains()) {
            Integer column = columns.get(chain.name());
            if (column != null) {
                int x = PAD;
                for (int i = 0; i < column; i++) {
                    x += widths.getOrDefault(i, 0) + GAP_X;
                }
                int y = bottoms.getOrDefault(column, height);
                int tall = HEAD + Math.max(1, chain.rules().size()) * LINE + PAD;
                boxes.put(chain.name(), new Box(table, chain, x, y, width(chain), tall));
                bottoms.put(column, y + tall + GAP_Y);
            }
        }
        boxes.values().forEach(box -> arrows(box, boxes));
        boxes.values().forEach(this::box);
        height = bottoms.values().stream().mapToInt(Integer::intValue).max().orElse(height) + PAD;
    }

    /** The longest way to each chain; a loop, which the kernel forbids, ends at the number of chains. */
    private static Map<String, Integer> columns(HookTable table) {
        Map<String, Integer> columns = new HashMap<>();
        for (HookChain chain : table.chains()) {
            if (!chain.rules().isEmpty()
                    && (chain.base().isPresent() || jumpsTo(table, chain.name()).isEmpty())) {
                columns.put(chain.name(), 0);
            }
        }
        for (int round = 0; round < table.chains().size(); round++) {
            for (HookChain chain : table.chains()) {
                for (HookChain from : jumpsTo(table, chain.name())) {
                    Integer before = columns.get(from.name());
                    if (before != null && before < table.chains().size()) {
                        columns.merge(chain.name(), before + 1, Math::max);
                    }
                }
            }
        }
        return columns;
    }

    private static List<HookChain> jumpsTo(HookTable table, String name) {
        return table.chains().stream()
                .filter(c -> c.rules().stream()
                        .anyMatch(r -> target(r).filter(name::equals).isPresent()))
                .toList();
    }

    private static Optional<String> target(HookRule rule) {
        return rule.clauses().stream()
                .filter(Clause.Jump.class::isInstance)
                .map(c -> ((Clause.Jump) c).chain())
                .findFirst();
    }

    private static int width(HookChain chain) {
        int letters = title(chain).length() + 4;
        for (HookRule rule : chain.rules()) {
            letters = Math.max(letters, label(rule).length() + badge(rule).length() + 4);
        }
        return (int) (letters * LETTER) + 2 * PAD;
    }

    private static String title(HookChain chain) {
        return chain.name()
                + chain.base()
                        .filter(HookChain.Base::drops)
                        .map(_ -> " (policy: drop)")
                        .orElse("");
    }

    private static String label(HookRule rule) {
        String who = ClauseWords.who(rule);
        return who.length() > MAX_LETTERS ? who.substring(0, MAX_LETTERS - 1) + "…" : who;
    }

    /** What ends a packet's way in this rule, shortly. */
    private static String badge(HookRule rule) {
        List<String> words = new ArrayList<>();
        for (Clause clause : rule.clauses()) {
            switch (clause) {
                case Clause.Redirect(var port) -> words.add("→ :" + (port.isPresent() ? port.getAsInt() : "here"));
                case Clause.Tproxy tproxy -> words.add("→ :" + tproxy.port() + " as it is");
                case Clause.Dnat(var address, var port) ->
                    words.add("→ "
                            + address.map(lateen.capture.model.Cidr::addressText)
                                    .orElse("") + (port.isPresent() ? ":" + port.getAsInt() : ""));
                case Clause.Accept _ -> words.add("let through");
                case Clause.Drop _ -> words.add("dropped");
                case Clause.Reject _ -> words.add("refused");
                case Clause.Return _ -> words.add("left alone");
                case Clause.SetMark set -> words.add("mark " + set.flip());
                case Clause.Zone(int zone) -> words.add("zone " + zone);
                case Clause.UnknownAction _ -> words.add("?");
                case Clause.CopyMark _,
                        Clause.Snat _,
                        Clause.Untrack _,
                        Clause.Note _,
                        Clause.Jump _,
                        Clause.Condition _ -> {}
            }
        }
        return String.join(", ", words);
    }

    private void box(Box box) {
        boolean ours = box.chain.ours() || box.chain.rules().stream().anyMatch(r -> box.table.ours(box.chain, r));
        String color = ours ? OURS : OTHERS;
        shapes.append(String.format(
                Locale.ROOT,
                "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"6\" fill=\"#ffffff\" stroke=\"%s\"/>%n"
                        + "<path d=\"M%d %d v-12 a6 6 0 0 1 6 -6 h%d a6 6 0 0 1 6 6 v12 z\" fill=\"%s\"/>%n",
                box.x,
                box.y,
                box.width,
                box.height,
                color,
                box.x,
                box.y + 18,
                box.width - 12,
                color));
        text(box.x + PAD, box.y + 13, "#ffffff", "bold", title(box.chain));
        for (int i = 0; i < box.chain.rules().size(); i++) {
            HookRule rule = box.chain.rules().get(i);
            boolean own = box.table.ours(box.chain, rule);
            int y = box.lineY(i) + 4;
            text(box.x + PAD, y, own ? INK : OTHERS, "normal", label(rule));
            String badge = badge(rule);
            if (!badge.isEmpty()) {
                int at = box.x + box.width - PAD - (int) (badge.length() * LETTER);
                text(at, y, color, "bold", badge);
            }
        }
        width = Math.max(width, box.x + box.width + PAD);
    }

    private void arrows(Box box, Map<String, Box> boxes) {
        for (int i = 0; i < box.chain.rules().size(); i++) {
            Optional<Box> to = target(box.chain.rules().get(i)).flatMap(name -> Optional.ofNullable(boxes.get(name)));
            if (to.isPresent()) {
                int x = box.x + box.width;
                int y = box.lineY(i);
                int endX = to.get().x - 2;
                int endY = to.get().y + 12;
                shapes.append(String.format(
                        Locale.ROOT,
                        "<path d=\"M%d %d C%d %d %d %d %d %d\" fill=\"none\" stroke=\"%s\" marker-end=\"url(#arrow)\"/>%n",
                        x,
                        y,
                        x + GAP_X / 2,
                        y,
                        endX - GAP_X / 2,
                        endY,
                        endX,
                        endY,
                        INK));
            }
        }
    }

    private void text(int x, int y, String color, String weight, String text) {
        shapes.append(String.format(
                Locale.ROOT,
                "<text x=\"%d\" y=\"%d\" fill=\"%s\" font-weight=\"%s\">%s</text>%n",
                x,
                y,
                color,
                weight,
                escaped(text)));
    }

    private static String escaped(String text) {
        StringBuilder safe = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '&' -> safe.append("&amp;");
                case '<' -> safe.append("&lt;");
                case '>' -> safe.append("&gt;");
                default -> safe.append(c < ' ' || Character.isSurrogate(c) || c >= 0xFFFE ? '?' : c);
            }
        }
        return safe.toString();
    }
}
