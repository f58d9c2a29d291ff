package lateen.local;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class UserMapTest {
    @ParameterizedTest
    @CsvSource({
        "'         0          0 4294967295', false, false",
        "'         0      12345          1', true, true",
        "'         0      12345          1|         1     100000      65535', true, false",
        "'         0      12345          1|         1     100000       1000', true, true",
        "'         0          0      65536', true, false"
    })
    void theKernelsMapTellsWhoseRootThisIs(String map, boolean nested, boolean single) {
        UserMap users = UserMap.parse(map.replace('|', '\n'));

        assertThat(users.nested()).isEqualTo(nested);
        assertThat(users.single()).isEqualTo(single);
    }
}
