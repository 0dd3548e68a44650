package org.pgnet.curl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import com.sun.jna.Native;
import com.sun.jna.Pointer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SecretBytesTest {
    private static final String VALUE = "sk_live_0123456789";

    @Test
    void whatIsPutIsThere() {
        try (SecretBytes bytes = new SecretBytes();
                SecretBytes other = SecretBytes.of("é")) {
            bytes.put("a");
            bytes.put((byte) 'b');
            bytes.put(other);

            assertThat(bytes.length()).isEqualTo(4);
            assertThat(text(bytes)).isEqualTo("abé");
            assertThat(new Pointer(bytes.cString()).getString(0, "UTF-8")).isEqualTo("abé");
            assertThat(bytes.asBody().toByteArray()).isEqualTo("abé".getBytes(StandardCharsets.UTF_8));
        }
    }

    @Test
    void growthKeepsThem() {
        try (SecretBytes bytes = SecretBytes.of(VALUE)) {
            String more = "x".repeat(10_000);
            bytes.put(more);

            assertThat(text(bytes)).isEqualTo(VALUE + more);
        }
    }

    @Test
    void takenMemoryIsCopied() {
        byte[] value = VALUE.getBytes(StandardCharsets.UTF_8);
        long address = Native.malloc(value.length);
        new Pointer(address).write(0, value, 0, value.length);

        try (SecretBytes bytes = SecretBytes.take(address, value.length)) {
            assertThat(text(bytes)).isEqualTo(VALUE);
        }
    }

    @Test
    void truncatedBytesAreOverwritten() {
        try (SecretBytes bytes = SecretBytes.of(VALUE)) {
            bytes.truncate(3);

            assertThat(text(bytes)).isEqualTo("sk_");
            assertThat(bytes.at(4)).isZero();
        }
    }

    @Test
    void channelIsReadUpToALimit() throws IOException {
        try (SecretBytes bytes = new SecretBytes()) {
            assertThat(bytes.readAll(Channels.newChannel(new ByteArrayInputStream(new byte[1_000])), 1_000))
                    .isTrue();
            assertThat(bytes.length()).isEqualTo(1_000);
        }
        try (SecretBytes bytes = new SecretBytes()) {
            assertThat(bytes.readAll(Channels.newChannel(new ByteArrayInputStream(new byte[1_001])), 1_000))
                    .isFalse();
        }
    }

    @Test
    void closedBytesAreOfNoUse() {
        SecretBytes bytes = SecretBytes.of(VALUE);
        bytes.close();
        bytes.close();

        assertThatIllegalStateException().isThrownBy(bytes::length);
        assertThatIllegalStateException().isThrownBy(() -> bytes.put((byte) 1));
    }

    /** The memory is still the list's, so it may be looked at. */
    @Test
    void linesThatLibcurlHasReadAreOverwritten() {
        try (SecretParts parts = new SecretParts(
                        Optional.empty(),
                        List.of(new SecretParts.Line("Authorization", SecretBytes.of("Authorization: " + VALUE))));
                HeaderList list = new HeaderList(List.of("A: b"), parts.headerLines())) {
            Pointer second = new Pointer(list.address()).getPointer(Native.POINTER_SIZE);
            assertThat(second.getPointer(0).getString(0)).isEqualTo("Authorization: " + VALUE);

            list.overwrite();

            assertThat(second.getPointer(0).getByteArray(0, 15 + VALUE.length()))
                    .containsOnly(0);
        }
    }

    @Test
    void namesOfSecretLinesCountLikeThoseOfOthers() {
        try (SecretParts parts = new SecretParts(
                Optional.empty(), List.of(new SecretParts.Line("content-type", SecretBytes.of("content-type: x/y"))))) {
            assertThat(RequestHeaders.of(List.of(), parts.headerLines(), true).lines())
                    .containsExactly("Expect:");
        }
    }

    private static String text(SecretBytes bytes) {
        return new String(bytes.toByteArray(), StandardCharsets.UTF_8);
    }
}
