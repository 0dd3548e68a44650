package org.pgnet.worker.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class FairShareTest {
    private record Row(long owner, int number) {}

    @Test
    void fewAreAllChosen() {
        List<Row> few = rows(1, 3);

        assertThat(FairShare.of(few, Row::owner, 3)).isEqualTo(few);
    }

    @Test
    void oneOwnerLeavesRoomForOthers() {
        List<Row> all = IntStream.range(0, 1_000)
                .mapToObj(i -> new Row(i < 990 ? 1 : 2, i))
                .toList();

        List<Row> chosen = FairShare.of(all, Row::owner, 200);

        assertThat(chosen).hasSize(200);
        assertThat(chosen.stream().filter(row -> row.owner() == 2)).hasSize(10);
        assertThat(chosen.stream().filter(row -> row.owner() == 1).map(Row::number))
                .containsExactlyElementsOf(IntStream.range(0, 190).boxed().toList());
    }

    @Test
    void ofMoreOwnersThanPlacesTheFirstOnesHaveOneEach() {
        List<Row> all = IntStream.range(0, 300).mapToObj(i -> new Row(i, i)).toList();

        assertThat(FairShare.of(all, Row::owner, 200)).isEqualTo(all.subList(0, 200));
    }

    private static List<Row> rows(long owner, int count) {
        return IntStream.range(0, count).mapToObj(i -> new Row(owner, i)).toList();
    }
}
