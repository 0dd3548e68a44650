package org.pgnet.server.page;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class BodyTest {
    @Test
    void jsonGetsLinesAndKeepsItsNumbers() {
        Body body = Body.ofText("{\"a\":[1,2],\"big\":12345678901234567890.123456789012345678}", 60);
        assertThat(body.text()).contains("\n").contains("12345678901234567890.123456789012345678");
    }

    @Test
    void otherTextStaysAsItIs() {
        assertThat(Body.ofText("{not json", 9).text()).isEqualTo("{not json");
        assertThat(Body.ofText("plain", 5).cut()).isFalse();
        assertThat(Body.ofText("pl", 5).cut()).isTrue();
    }

    @Test
    void bytesAreHexadecimal() {
        assertThat(Body.of(Optional.of(new byte[] {0x00, (byte) 0xff, 0x10}), 3)
                        .orElseThrow()
                        .text())
                .isEqualTo("00 ff 10");
    }

    @Test
    void aTextThatWasCutWithinACharacterIsText() {
        byte[] whole = "aé😀".getBytes(StandardCharsets.UTF_8);
        for (int end = 1; end < whole.length; end++) {
            Body body = Body.of(Optional.of(Arrays.copyOf(whole, end)), whole.length)
                    .orElseThrow();
            assertThat("aé😀").as("%s bytes", end).startsWith(body.text());
            assertThat(body.cut()).isTrue();
        }
    }

    @Test
    void nothingIsNoBody() {
        assertThat(Body.of(Optional.empty(), 0)).isEmpty();
        assertThat(Body.of(Optional.of(new byte[0]), 0)).isEmpty();
    }

    @Test
    void deepJsonDoesNotOverflow() {
        String deep = "[".repeat(30_000) + "]".repeat(30_000);
        assertThat(Body.ofText(deep, deep.length()).text()).isNotEmpty();
    }
}
