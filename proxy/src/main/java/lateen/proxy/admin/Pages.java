package lateen.proxy.admin;

import java.util.Collection;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The pages of a port, by path. Immutable. */
public final class Pages {

    private final TreeMap<String, Page> byPath = new TreeMap<>();

    Pages(Collection<Page> pages) {
        pages.forEach(page -> byPath.put(page.path(), page));
    }

    /** Null: there is none. */
    @Nullable
    Page find(String path) {
        return byPath.get(path);
    }

    /** In the form that Envoy lists its own. */
    String list() {
        StringBuilder text = new StringBuilder("admin commands are:\n");
        byPath.values().forEach(page -> {
            text.append("  ").append(page.path()).append(page.changes() ? " (POST): " : ": ");
            text.append(page.help()).append('\n');
            page.parameters()
                    .forEach((name, meaning) -> text.append("      ")
                            .append(name)
                            .append(": ")
                            .append(meaning)
                            .append('\n'));
        });
        return text.toString();
    }
}
