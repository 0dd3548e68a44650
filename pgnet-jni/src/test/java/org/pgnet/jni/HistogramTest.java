package org.pgnet.jni;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.LongSupplier;
import java.util.stream.LongStream;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pgnet.testkit.machine.Command;

/** What histogram.h says of many durations, against what is so. It is C: the worker counts by it and sessions read by it. */
class HistogramTest {
    private static final long SEED = 20_261_126;
    private static final double MOST_RELATIVE_ERROR = 0.03;
    private static final long LEAST_MICROS = 16;
    private static final long MOST_MICROS = (1L << 34) - 1;
    private static final int[] PERCENTS = {1, 50, 90, 99, 100};
    private static final double MOST_NANOS = 300;

    private static final String PROGRAM = """
            #include "postgres.h"
            #include "shared/histogram.h"
            #include <time.h>
            #undef printf

            static Histogram histogram;

            /* The greatest relative error of single values, all of them up to 2^22 and some of each octave above. */
            static double
            worst(void)
            {
                double most = 0;

                for (int64 value = 16; value < (INT64CONST(1) << 34); value += value < (1 << 22) ? 1 : value / 5000)
                {
                    double said = pgnet_micros_of(pgnet_bucket_of(value));
                    double error = said > value ? said / value - 1 : 1 - said / value;

                    most = Max(most, error);
                }
                return most;
            }

            /* Nanoseconds to count one. */
            static double
            cost(void)
            {
                struct timespec begin, end;
                uint64 random = 88172645463325252;

                clock_gettime(CLOCK_MONOTONIC, &begin);
                for (int i = 0; i < 10000000; i++)
                {
                    random ^= random << 13;
                    random ^= random >> 7;
                    random ^= random << 17;
                    pgnet_histogram_add(&histogram, random & 0xffffff);
                }
                clock_gettime(CLOCK_MONOTONIC, &end);
                return ((end.tv_sec - begin.tv_sec) * 1e9 + (end.tv_nsec - begin.tv_nsec)) / 1e7;
            }

            int
            main(int count, char **arguments)
            {
                Histogram copy;
                uint64 total;
                FILE *file;
                long long value;

                if (count == 1)
                    return printf("%f %f %zu", worst(), cost(), sizeof(Histogram)) < 0;
                file = fopen(arguments[1], "r");
                while (fscanf(file, "%lld", &value) == 1)
                    pgnet_histogram_add(&histogram, value);
                total = pgnet_histogram_copy(&histogram, &copy);
                for (int i = 2; i < count; i++)
                    printf("%f ", pgnet_percentile(&copy, total, atoi(arguments[i])));
                return 0;
            }
            """;

    @TempDir
    private static Path directory;

    private final Random random = new Random(SEED);

    @BeforeAll
    static void compile() throws IOException {
        Path source = directory.resolve("histogram.c");
        Files.writeString(source, PROGRAM);
        String pgConfig = System.getenv().getOrDefault("PG_CONFIG", "pg_config");
        String headers = Command.run(directory, Map.of(), List.of(pgConfig, "--includedir-server"))
                .strip();
        Path ours = Path.of("src/main/c").toAbsolutePath();
        Command.run(
                directory,
                Map.of(),
                List.of("cc", "-O2", "-I" + headers, "-I" + ours, "-o", "histogram", source.toString()));
    }

    @Test
    void everyValueIsSaidWithinThreePercent() {
        String[] said = run().split(" ");

        assertThat(Double.parseDouble(said[0])).isLessThan(MOST_RELATIVE_ERROR);
        assertThat(Integer.parseInt(said[2])).isLessThan(2_000);
    }

    @Test
    void percentilesAreWithinThreePercentOfTheExactOnes() throws IOException {
        SoftAssertions softly = new SoftAssertions();
        check(softly, "one value", 1, () -> 12_345);
        check(softly, "two values far apart", 2, () -> random.nextBoolean() ? LEAST_MICROS : MOST_MICROS);
        check(softly, "uniform", 20_000, () -> LEAST_MICROS + (long) (random.nextDouble() * 5_000_000));
        check(softly, "normal to the logarithm", 20_000, () -> (long) Math.exp(9 + 2 * random.nextGaussian()));
        check(softly, "of every octave", 20_000, () -> (long) Math.pow(2, 4 + 29.9 * random.nextDouble()));
        check(
                softly,
                "fast but for a few",
                20_000,
                () -> random.nextInt(80) == 0 ? 5_000_000 : 700 + random.nextInt(90));
        for (int octave = 4; octave < 34; octave++) {
            long begin = 1L << octave;
            check(softly, "begin of octave " + octave, 3, () -> begin);
            check(softly, "end of octave " + octave, 3, () -> 2 * begin - 1);
        }
        softly.assertAll();
    }

    @Test
    void whatIsShorterOrLongerCountsAsTheShortestOrLongest() throws IOException {
        assertThat(percentiles(LongStream.of(-5, 0, 3).toArray())[1]).isBetween(16.0, 17.0);
        assertThat(percentiles(LongStream.of(Long.MAX_VALUE).toArray())[1]).isGreaterThan(MOST_MICROS * 0.97);
    }

    @Tag("alone")
    @Test
    void toCountOneCostsLittle() {
        assertThat(Double.parseDouble(run().split(" ")[1])).isLessThan(MOST_NANOS);
    }

    private void check(SoftAssertions softly, String name, int count, LongSupplier next) throws IOException {
        long[] values = LongStream.generate(next).limit(count).toArray();
        double[] said = percentiles(values);
        long[] sorted = Arrays.stream(values)
                .map(value -> Math.max(LEAST_MICROS, Math.min(MOST_MICROS, value)))
                .sorted()
                .toArray();
        for (int i = 0; i < PERCENTS.length; i++) {
            // The nearest rank.
            long exact = sorted[(int) Math.ceil(sorted.length * PERCENTS[i] / 100.0) - 1];
            softly.assertThat(Math.abs(said[i] - exact) / exact)
                    .as("%s: %d %% of %d took %d, said are %f", name, PERCENTS[i], count, exact, said[i])
                    .isLessThan(MOST_RELATIVE_ERROR);
        }
    }

    private static double[] percentiles(long[] values) throws IOException {
        Path file = directory.resolve("values");
        Files.write(file, Arrays.stream(values).mapToObj(Long::toString).toList());
        String[] words = new String[PERCENTS.length + 1];
        words[0] = file.toString();
        for (int i = 0; i < PERCENTS.length; i++) {
            words[i + 1] = Integer.toString(PERCENTS[i]);
        }
        return Arrays.stream(run(words).strip().split(" "))
                .mapToDouble(Double::parseDouble)
                .toArray();
    }

    private static String run(String... words) {
        String[] command = new String[words.length + 1];
        command[0] = directory.resolve("histogram").toString();
        System.arraycopy(words, 0, command, 1, words.length);
        return Command.run(directory, Map.of(), List.of(command));
    }
}
