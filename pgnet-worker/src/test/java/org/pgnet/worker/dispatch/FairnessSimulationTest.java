package org.pgnet.worker.dispatch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What 10,000 ticks of many owners show; {@code -Dsimulation.update=true} draws them anew. */
class FairnessSimulationTest {
    private static final Path PICTURE = Path.of("../docs/fairness.svg");
    private static final int FIFTY_MILLIS = 50 / FairnessSimulation.TICK_MILLIS;

    private static FairnessSimulation simulation;

    @BeforeAll
    static void run() {
        simulation = new FairnessSimulation().run();
    }

    @Test
    void ownersWithMoreThanGetsThroughHaveTheSameShares() {
        assertSameShares(0, FairnessSimulation.FLOOD_TICK, steady());
        List<Integer> andTheFlood = new ArrayList<>(steady());
        andTheFlood.add(FairnessSimulation.FLOODING);
        assertSameShares(FairnessSimulation.FLOOD_TICK, FairnessSimulation.HANG_TICK, andTheFlood);
        assertSameShares(FairnessSimulation.HANG_TICK, FairnessSimulation.HANG_END_TICK, andTheFlood);
        assertSameShares(FairnessSimulation.HANG_END_TICK, FairnessSimulation.TICKS, andTheFlood);
    }

    private static void assertSameShares(int from, int to, List<Integer> owners) {
        List<Integer> shares =
                owners.stream().map(owner -> starts(owner, from, to)).toList();
        double fair = shares.stream().mapToInt(Integer::intValue).average().orElseThrow();
        assertThat(fair).isGreaterThan(100);
        assertThat(shares).allSatisfy(share -> assertThat((double) share).isCloseTo(fair, withinPercentage(5)));
    }

    @Test
    void ownersWithLessGetThroughWholeAndAtOnce() {
        for (int owner = FairnessSimulation.FIRST_LIGHT; owner < FairnessSimulation.FLOODING; owner++) {
            assertThat(starts(owner, 0, FairnessSimulation.TICKS)).isEqualTo(FairnessSimulation.TICKS / 10);
        }
        assertThat(IntStream.of(simulation.longestLightWait).max().orElseThrow())
                .isLessThanOrEqualTo(FIFTY_MILLIS);
    }

    @Test
    void originsOfTheFloodingOwnerHaveTheSameShares() {
        List<Integer> own = IntStream.range(0, 10)
                .map(i -> simulation.floodStarts.get(FairnessSimulation.origin(FairnessSimulation.FLOODING, i)))
                .boxed()
                .toList();
        double fair = own.stream().mapToInt(Integer::intValue).average().orElseThrow();
        assertThat(own).allSatisfy(share -> assertThat((double) share).isCloseTo(fair, withinPercentage(5)));
    }

    @Test
    void ownerWhoseRequestsHangLeavesTheOthersAnEighth() {
        int most = IntStream.range(0, FairnessSimulation.TICKS)
                .map(tick -> simulation.slots[tick][FairnessSimulation.HANGING])
                .max()
                .orElseThrow();
        assertThat(most).isGreaterThan(FairnessSimulation.SLOTS / 2);
        assertThat(most).isLessThanOrEqualTo(FairnessSimulation.SLOTS - FairnessSimulation.SLOTS / 8);
    }

    @Test
    void rulesAreKeptAndUsedUp() {
        int second = 1_000 / FairnessSimulation.TICK_MILLIS;
        for (int from = second; from + 10 * second <= FairnessSimulation.TICKS; from += second) {
            assertThat((double) starts(FairnessSimulation.RATED, from, from + 10 * second))
                    .isCloseTo(10 * FairnessSimulation.RATE_PER_SECOND, withinPercentage(5));
        }
        assertThat(starts(FairnessSimulation.RATED, 0, second))
                .isLessThanOrEqualTo((int) FairnessSimulation.RATE_PER_SECOND + FairnessSimulation.BURST);
        assertThat(simulation.mostInFlightToNarrow).isEqualTo(FairnessSimulation.MAX_IN_FLIGHT);
    }

    @Test
    void nothingStartsAtPausedOriginsAndEverythingWhenTheyGoOn() {
        assertThat(starts(FairnessSimulation.PAUSED, 0, FairnessSimulation.UNPAUSE_TICK))
                .isZero();
        assertThat(starts(FairnessSimulation.PAUSED, FairnessSimulation.UNPAUSE_TICK, FairnessSimulation.TICKS))
                .isEqualTo(2_000);
    }

    @Test
    void noSlotIsLeftEmptyWhileSomethingMayStart() {
        assertThat(simulation.idleSlots).isEmpty();
    }

    @Test
    void pictureShowsThisSimulation() throws IOException {
        String picture = FairnessPicture.of(simulation);
        if (Boolean.getBoolean("simulation.update")) {
            Files.writeString(PICTURE, picture);
        }
        assertThat(picture).isEqualTo(Files.readString(PICTURE));
    }

    private static List<Integer> steady() {
        return IntStream.range(0, FairnessSimulation.STEADY).boxed().toList();
    }

    private static int starts(int owner, int from, int to) {
        return IntStream.range(from, to)
                .map(tick -> simulation.starts[tick][owner])
                .sum();
    }
}
