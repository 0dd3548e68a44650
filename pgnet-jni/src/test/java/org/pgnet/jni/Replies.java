package org.pgnet.jni;

import java.nio.charset.StandardCharsets;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Tuple;

/** Replies for a fuzzer: good ones, damaged here and there. */
final class Replies {
    private static final String OK = "HTTP/1.1 200 OK\r\n";
    private static final String[] GOOD = {
        OK + "Content-Length: 5\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nhello",
        OK + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX-T: 1\r\n\r\n",
        OK + "Content-Type: application/json\r\nSet-Cookie: a=b\r\nSet-Cookie: c=d\r\n\r\n{\"a\": [1]}",
        "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" + OK + "Content-Length: 0\r\n\r\n",
        "HTTP/1.0 404 Not Found\r\n\r\nnothing",
        "HTTP/1.1 204 No Content\r\n\r\n",
        "HTTP/1.1 304 Not Modified\r\nETag: \"x\"\r\n\r\n",
        "HTTP/1.1 401 No\r\nWWW-Authenticate: Basic realm=\"x\"\r\nContent-Length: 2\r\n\r\nno",
        "HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n",
    };
    private static final String[] PIECES = {
        "\r\n",
        "\n",
        "\r",
        "\0",
        ":",
        " ",
        "\t",
        "HTTP/1.1 ",
        "HTTP/2 200\r\n",
        "HTTP/1.1 101 Switching\r\n\r\n",
        "-1",
        "99999999999999999999",
        "Content-Length: 3\r\n",
        "Content-Length: -1\r\n",
        "Transfer-Encoding: chunked\r\n",
        "Transfer-Encoding: gzip, chunked\r\n",
        "Content-Encoding: gzip\r\n",
        "Location: http://[::1]:1/\r\n",
        "Location: //\r\n",
        "Connection: close\r\n",
        "ffffffff\r\n",
        "0\r\n\r\n",
        "\u00ff\u00fe",
        "\u00ed\u00a0\u0080",
        "=?",
        "Content-Type: text/plain; charset=utf-16\r\n",
        "Set-Cookie: \u00e9\r\n",
        "Upgrade: h2c\r\n",
        "Refresh: 0\r\n",
    };

    private Replies() {}

    /** From bytes without sense to replies with a few bytes or lines put in, taken out or doubled. */
    static Arbitrary<byte[]> mutated() {
        Arbitrary<byte[]> damaged = Combinators.combine(
                        Arbitraries.of(GOOD), Arbitraries.integers().between(0, 6), Arbitraries.longs())
                .as((good, times, seed) -> bytes(damage(good, times, new Random(seed))));
        Arbitrary<byte[]> any = Arbitraries.bytes().array(byte[].class).ofMaxSize(300);
        return Arbitraries.frequencyOf(Tuple.of(9, damaged), Tuple.of(1, any));
    }

    private static String damage(String good, int times, Random random) {
        StringBuilder reply = new StringBuilder(good);
        for (int i = 0; i < times; i++) {
            int at = random.nextInt(reply.length() + 1);
            int end = Math.min(reply.length(), at + random.nextInt(20));
            switch (random.nextInt(5)) {
                case 0 -> reply.insert(at, PIECES[random.nextInt(PIECES.length)]);
                case 1 -> reply.insert(lineAfter(reply, at), PIECES[random.nextInt(PIECES.length)]);
                case 2 -> reply.delete(at, end);
                case 3 -> reply.insert(at, reply.substring(at, end).repeat(1 + random.nextInt(50)));
                default -> reply.replace(at, end, String.valueOf((char) random.nextInt(256)));
            }
        }
        return reply.toString();
    }

    private static int lineAfter(StringBuilder reply, int at) {
        int end = reply.indexOf("\n", at);
        return end < 0 ? reply.length() : end + 1;
    }

    private static byte[] bytes(String octets) {
        return octets.getBytes(StandardCharsets.ISO_8859_1);
    }
}
