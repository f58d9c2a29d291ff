package lateen.xds.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class StandalonePageTest {

    private static final Pattern ROW =
            Pattern.compile("^\\| `([a-z_.]+)` \\| (honoured|no effect|refused) \\|$", Pattern.MULTILINE);

    @Test
    void thePageSaysOfEachFieldWhatTheCodeDoes() throws Exception {
        String page = Files.readString(Path.of("../docs/proxy-standalone.md"));
        Map<String, String> written = new TreeMap<>();
        Matcher rows = ROW.matcher(page);
        while (rows.find()) {
            written.put(rows.group(1), rows.group(2));
        }
        Map<String, String> done = new TreeMap<>();
        BootstrapFields.TABLE.forEach((path, outcome) ->
                done.put(path, outcome.name().toLowerCase(Locale.ROOT).replace('_', ' ')));
        assertThat(written).isEqualTo(done);
    }
}
