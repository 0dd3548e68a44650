package org.pgnet.curl;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Structure;
import com.sun.jna.Structure.FieldOrder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Nothing is left behind: no memory, no descriptor. */
class LeakTest extends LoopTest {

    private static final int TRANSFERS = 2000;
    private static final int AT_ONCE = 40;

    /** mallinfo2(3). */
    @FieldOrder({
        "arena",
        "ordblks",
        "smblks",
        "hblks",
        "hblkhd",
        "usmblks",
        "fsmblks",
        "uordblks",
        "fordblks",
        "keepcost"
    })
    public static class Mallinfo2 extends Structure implements Structure.ByValue {
        public long arena, ordblks, smblks, hblks, hblkhd, usmblks, fsmblks, uordblks, fordblks, keepcost;
    }

    public static native Mallinfo2 mallinfo2();

    @BeforeAll
    static void registerCLibrary() {
        CurlLibrary.initialise();
        Native.register(LeakTest.class, NativeLibrary.getInstance("libc.so.6"));
    }

    @Test
    void twoThousandMixedTransfersLeaveNothingBehind() throws IOException {
        String large = "x".repeat(64 * 1024);
        server.on("/ok", "HTTP/1.1 200 OK\r\nContent-Length: 65536\r\n\r\n" + large);
        server.on(
                "/chunks", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n10000\r\n" + large + "\r\n0\r\n\r\n");
        server.onThenClose("/half", "HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\n" + large);
        server.onThenClose("/nothing", "");
        server.on("/over", "HTTP/1.1 200 OK\r\nContent-Length: 2000000\r\n\r\n");
        server.on("/post", "HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n");

        run(TRANSFERS / 4);
        long memory = usedNativeBytes();
        long descriptors = openDescriptors();
        run(TRANSFERS);
        // Unfreed bodies alone would be 2,000 x 64 kB or 125 MB; the JVM's own malloc moves by a few.
        assertThat(usedNativeBytes() - memory).isLessThan(30L << 20);
        awaitDescriptors(descriptors + 2 * AT_ONCE);
    }

    @Test
    void loopsThatAreClosedInMidFlightLeaveNothingBehind() throws IOException {
        String url = server.on("/", "HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n" + "x".repeat(100_000));
        abandon(url, 10);
        long memory = usedNativeBytes();
        long descriptors = openDescriptors();
        abandon(url, 200);
        assertThat(usedNativeBytes() - memory).isLessThan(30L << 20);
        awaitDescriptors(descriptors + 50);
    }

    private void abandon(String url, int loops) {
        for (int i = 0; i < loops; i++) {
            try (TransferLoop shortLived = new TransferLoop(4)) {
                for (int j = 0; j < 4; j++) {
                    shortLived.start(get(url, "X-Number: " + j));
                }
                shortLived.cycle(1, TransferResult::close);
                shortLived.cycle(1, TransferResult::close);
            }
        }
    }

    private void run(int count) {
        List<NativeBytes> bodies = new ArrayList<>();
        int started = 0;
        while (started < count || loop.inFlight() > 0) {
            while (started < count && loop.inFlight() < AT_ONCE) {
                loop.start(mixed(started++, bodies));
            }
            loop.cycle(1000, result -> {
                if (result.status() == 200 && result.curlCode() == 0) {
                    result.takeBody().close();
                }
                result.close();
            });
        }
        bodies.forEach(NativeBytes::close);
    }

    private Transfer mixed(int number, List<NativeBytes> bodies) {
        return switch (number % 8) {
            case 0 -> get(server.url("/ok"));
            case 1 -> get(server.url("/chunks"), "X-Number: " + number);
            case 2 -> get(server.url("/half"));
            case 3 -> get(server.url("/nothing"));
            case 4 -> withLimit(server.url("/ok"), 1000);
            case 5 -> get("http://", "X: y");
            case 6 -> get(server.url("/ok"), "bad\r\n");
            default -> {
                NativeBytes body = NativeBytes.copyOf(new byte[10_000]);
                bodies.add(body);
                yield transfer("POST", server.url("/post"), body);
            }
        };
    }

    /** The server's ends of the connections are ours too, and close a moment later. */
    private static void awaitDescriptors(long most) throws IOException {
        long end = System.nanoTime() + 5_000_000_000L;
        while (openDescriptors() > most && System.nanoTime() < end) {
            Thread.onSpinWait();
        }
        assertThat(openDescriptors()).isLessThanOrEqualTo(most);
    }

    private static long usedNativeBytes() {
        Mallinfo2 info = mallinfo2();
        return info.uordblks + info.hblkhd;
    }

    private static long openDescriptors() throws IOException {
        try (Stream<Path> descriptors = Files.list(Path.of("/proc/self/fd"))) {
            return descriptors.count();
        }
    }
}
