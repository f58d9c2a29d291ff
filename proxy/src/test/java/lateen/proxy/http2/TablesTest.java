package lateen.proxy.http2;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import lateen.decision.config.Http2Options;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

class TablesTest {

    private record Entry(byte[] bytes, int nameLength) {
        int size() {
            return bytes.length + 32;
        }
    }

    /** Each number is an entry of that length, or every seventh time a new limit. */
    @Property(tries = 500)
    void theDynamicTableIsAListWithAnEnd(@ForAll @Size(max = 200) List<@IntRange(max = 1200) Integer> steps) {
        DynamicTable table = new DynamicTable(1000);
        List<Entry> model = new ArrayList<>();
        int limit = 1000;
        int n = 0;
        for (int step : steps) {
            if (++n % 7 == 0) {
                limit = step;
                table.limit(step);
            } else {
                byte[] bytes = new byte[step];
                Arrays.fill(bytes, (byte) n);
                Entry entry = new Entry(bytes, step / 3);
                table.add(bytes, 0, step / 3, step / 3, step - step / 3, n);
                model.addFirst(entry);
            }
            while (model.stream().mapToInt(Entry::size).sum() > limit) {
                model.removeLast();
            }
            assertThat(table.count()).isEqualTo(model.size());
            assertThat(table.size())
                    .isEqualTo(model.stream().mapToInt(Entry::size).sum());
            for (int age = 0; age < model.size(); age++) {
                int at = table.aged(age);
                Entry entry = model.get(age);
                assertThat(table.at(table.inserted() - 1 - age)).isEqualTo(at);
                assertThat(table.nameLength(at)).isEqualTo(entry.nameLength());
                assertThat(Arrays.copyOfRange(
                                table.bytes(),
                                table.offset(at),
                                table.offset(at) + table.nameLength(at) + table.valueLength(at)))
                        .isEqualTo(entry.bytes());
            }
            assertThat(table.at(table.inserted() - 1 - model.size())).isEqualTo(-1);
        }
    }

    /** A number that is there goes, one that is not comes. */
    @Property(tries = 500)
    void theStreamTableIsAMap(@ForAll @Size(max = 300) List<@IntRange(min = 1, max = 120) Integer> numbers) {
        Peer peer = Peer.silent(Http2Options.DEFAULT);
        StreamTable table = new StreamTable();
        Map<Integer, Http2Stream> model = new TreeMap<>();
        for (int number : numbers) {
            // Neighbours, and such that share a place.
            int id = number % 3 == 0 ? number * 64 + 1 : 2 * number + 1;
            Http2Stream there = model.remove(id);
            if (there != null) {
                table.remove(there);
            } else {
                Http2Stream stream = new Http2Stream(peer.session);
                stream.id = id;
                table.put(stream);
                model.put(id, stream);
            }
            assertThat(table.size()).isEqualTo(model.size());
            model.forEach((key, value) -> assertThat(table.get(key)).isSameAs(value));
            assertThat(table.get(id)).isSameAs(model.get(id));
            assertThat(table.all()).containsExactlyInAnyOrderElementsOf(model.values());
        }
        peer.close();
    }
}
