package org.pgnet.curl;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.jna.Function;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Pointer;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The functions that libcurl allocates with. */
class KeptMemoryTest {
    private static final NativeLibrary LIBRARY =
            NativeLibrary.getInstance(System.getProperty(LibPgnet.LIBRARY_PATH_PROPERTY) + "/libpgnet_curl.so");

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 48, 49, 112, 240, 1008, 1009, 2032, 16_385, 16_401, 100_000})
    void aBlockKeepsItsBytesWhateverItBecomes(int size) {
        for (int next : new int[] {1, 48, 200, 1500, 16_385, 40_000}) {
            Pointer block = malloc(size);
            for (int i = 0; i < size; i++) {
                block.setByte(i, (byte) i);
            }
            Pointer grown = realloc(block, next);
            for (int i = 0; i < Math.min(size, next); i++) {
                assertThat(grown.getByte(i)).isEqualTo((byte) i);
            }
            free(grown);
        }
    }

    @Test
    void aThreadThatBeganHasItsBlocksAgain() {
        whileKeeping(() -> {
            Pointer first = malloc(16_385);
            free(first);
            Pointer second = malloc(16_400);
            assertThat(second).isEqualTo(first);
            free(second);
        });
    }

    @Test
    void onlyOneThreadMayBegin() {
        whileKeeping(() -> {
            assertThat(CompletableFuture.supplyAsync(KeptMemoryTest::begin).join())
                    .isFalse();
            Pointer kept = malloc(2000);
            free(kept);
            CompletableFuture<Pointer> ofAnother = CompletableFuture.supplyAsync(() -> malloc(2000));
            assertThat(ofAnother.join()).isNotEqualTo(kept);
            free(ofAnother.join());
        });
    }

    @Test
    void whatIsToBeZeroIsZeroInAKeptBlock() {
        whileKeeping(() -> {
            Pointer used = malloc(1000);
            used.setMemory(0, 1000, (byte) -1);
            free(used);
            Pointer cleared =
                    function("pgnet_memory_calloc").invokePointer(new Object[] {new Pointer(10), new Pointer(100)});
            assertThat(cleared).isEqualTo(used);
            assertThat(cleared.getByteArray(0, 1000)).containsOnly(0);
            free(cleared);
        });
    }

    private static void whileKeeping(Runnable work) {
        assertThat(begin()).isTrue();
        try {
            work.run();
        } finally {
            end(true);
        }
    }

    private static boolean begin() {
        return (byte) function("pgnet_memory_begin").invokeInt(new Object[0]) != 0;
    }

    private static void end(boolean begun) {
        function("pgnet_memory_end").invokeVoid(new Object[] {begun ? 1 : 0});
    }

    private static Pointer malloc(long size) {
        return function("pgnet_memory_malloc").invokePointer(new Object[] {new Pointer(size)});
    }

    private static Pointer realloc(Pointer block, long size) {
        return function("pgnet_memory_realloc").invokePointer(new Object[] {block, new Pointer(size)});
    }

    private static void free(Pointer block) {
        function("pgnet_memory_free").invokeVoid(new Object[] {block});
    }

    private static Function function(String name) {
        return LIBRARY.getFunction(name);
    }
}
