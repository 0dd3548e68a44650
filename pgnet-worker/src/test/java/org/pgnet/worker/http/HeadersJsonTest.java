package org.pgnet.worker.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;

class HeadersJsonTest {
    private final ResponseReader reader = new ResponseReader();

    @Test
    void namesKeepTheirCaseAndValuesLoseTheirBlanks() {
        assertThat(json("HTTP/1.1 200 OK\r\nContent-Type:  text/plain \t\r\nx-Y:z\r\nE:\r\n"))
                .isEqualTo("{\"Content-Type\":\"text/plain\",\"x-Y\":\"z\",\"E\":\"\"}");
    }

    @Test
    void repeatedHeaderIsAnArrayInItsFirstPlace() {
        assertThat(json("HTTP/1.1 200 OK\r\nSet-Cookie: a\r\nVia: v\r\nset-cookie: b\r\nSET-COOKIE: c\r\n"))
                .isEqualTo("{\"Set-Cookie\":[\"a\",\"b\",\"c\"],\"Via\":\"v\"}");
    }

    @Test
    void foldedLineGoesOnWithTheValueBefore() {
        assertThat(json("HTTP/1.1 200 OK\r\nA: one\r\n\t two\r\nB: x\r\nC:\r\n  late\r\n"))
                .isEqualTo("{\"A\":\"one    two\",\"B\":\"x\",\"C\":\"late\"}");
    }

    @Test
    void linesThatAreNoHeadersAreLeftOut() {
        assertThat(json("HTTP/1.1 200 OK\r\n folded\r\nnonsense\r\n: v\r\nA: b\r\n\r\n"))
                .isEqualTo("{\"A\":\"b\"}");
        assertThat(json("HTTP/1.1 200 OK\r\n")).isEqualTo("{}");
        assertThat(json("")).isEqualTo("{}");
    }

    @Test
    void bareLineFeedsEndLinesToo() {
        assertThat(json("HTTP/1.1 200 OK\nA: b\nC: d")).isEqualTo("{\"A\":\"b\",\"C\":\"d\"}");
    }

    @Test
    void quotesBackslashesAndControlsAreEscaped() {
        assertThat(json("HTTP/1.1 200 OK\r\nA: \"b\\c\"\u0001\u001f\u007f\r\n"))
                .isEqualTo("{\"A\":\"\\\"b\\\\c\\\"\\u0001\\u001f\u007f\"}");
    }

    @Test
    void nullCharacterBecomesAReplacement() {
        assertThat(json("HTTP/1.1 200 OK\r\nA: b\0c\r\n")).isEqualTo("{\"A\":\"b\uFFFDc\"}");
    }

    @Test
    void utf8IsKeptAndOtherBytesAreLatin1() {
        assertThat(json("HTTP/1.1 200 OK\r\nA: é二😀\r\n")).isEqualTo("{\"A\":\"é二😀\"}");
        byte[] latin1 = "HTTP/1.1 200 OK\r\nA: caf\u00e9 \u00ff\"\r\n".getBytes(StandardCharsets.ISO_8859_1);
        assertThat(json(latin1)).isEqualTo("{\"A\":\"caf\u00e9 \u00ff\\\"\"}");
        byte[] surrogate = {'x', '\n', 'A', ':', (byte) 0xED, (byte) 0xA0, (byte) 0x80};
        assertThat(json(surrogate)).isEqualTo("{\"A\":\"\u00ed\u00a0\u0080\"}");
    }

    @Test
    void lastContentTypeThatIsNotEmptyCounts() {
        json("HTTP/1.1 200 OK\r\ncontent-type: a/b\r\nContent-TYPE: c/d; charset=x\r\nContent-Type:\r\n");
        assertThat(reader.contentType()).contains("c/d; charset=x");
        json("HTTP/1.1 200 OK\r\nA: b\r\n");
        assertThat(reader.contentType()).isEmpty();
    }

    @Test
    void firstLocationCounts() {
        json("HTTP/1.1 302 Found\r\nLocation:\r\nlocation: /a\r\nLocation: /b\r\n");
        assertThat(reader.location()).contains("/a");
    }

    @Test
    void thousandsOfLinesAreGroupedToo() {
        StringBuilder block = new StringBuilder("HTTP/1.1 200 OK\r\n");
        for (int i = 0; i < 20_000; i++) {
            block.append(i % 2 == 0 ? "a" : "B")
                    .append(i % 10_000)
                    .append(": ")
                    .append(i)
                    .append("\r\n");
        }
        String json = json(block.toString());
        assertThat(json)
                .startsWith("{\"a0\":[\"0\",\"10000\"],\"B1\":[\"1\",\"10001\"],")
                .endsWith("\"19999\"]}");
    }

    @Test
    void whateverTheBytesItIsJsonInUtf8() {
        Random random = new Random(815);
        for (int round = 0; round < 5_000; round++) {
            byte[] block = new byte[random.nextInt(120)];
            random.nextBytes(block);
            for (int i = 0; i < block.length; i++) {
                switch (random.nextInt(8)) {
                    case 0 -> block[i] = '\n';
                    case 1 -> block[i] = ':';
                    case 2 -> block[i] = 'a';
                    case 3 -> block[i] = ' ';
                    default -> {}
                }
            }
            reader.read(block);
            byte[] json = reader.headersJson();
            assertThatCode(() -> readThrough(json)).doesNotThrowAnyException();
            assertThat(new String(json, StandardCharsets.UTF_8)).doesNotContain("\\u0000", "\0");
            reader.contentType();
            reader.location();
        }
    }

    private static void readThrough(byte[] json) throws IOException {
        StandardCharsets.UTF_8.newDecoder().decode(java.nio.ByteBuffer.wrap(json));
        try (JsonParser parser = new JsonFactory().createParser(json)) {
            while (parser.nextToken() != null) {
                parser.getText();
            }
        }
    }

    private String json(String block) {
        return json(block.getBytes(StandardCharsets.UTF_8));
    }

    private String json(byte[] block) {
        reader.read(block);
        return new String(reader.headersJson(), StandardCharsets.UTF_8);
    }
}
