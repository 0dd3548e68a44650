package org.pgnet.curl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import com.sun.jna.Native;
import com.sun.jna.Pointer;
import org.junit.jupiter.api.Test;

class NativeBytesTest {

    @Test
    void aCopyHoldsTheSameBytes() {
        byte[] bytes = {1, 0, -1};
        try (NativeBytes copy = NativeBytes.copyOf(bytes)) {
            assertThat(copy.length()).isEqualTo(3);
            assertThat(copy.isEmpty()).isFalse();
            assertThat(copy.toByteArray()).isEqualTo(bytes);
            assertThat(new Pointer(copy.address()).getByte(2)).isEqualTo((byte) -1);
        }
    }

    @Test
    void adoptedMemoryIsReadInPlace() {
        long address = Native.malloc(2);
        new Pointer(address).write(0, new byte[] {7, 8}, 0, 2);
        try (NativeBytes adopted = new NativeBytes(address, 2)) {
            assertThat(adopted.address()).isEqualTo(address);
            assertThat(adopted.toByteArray()).containsExactly(7, 8);
        }
    }

    @Test
    void closeIsIdempotentAndEndsAllUse() {
        NativeBytes bytes = NativeBytes.copyOf(new byte[10]);
        bytes.close();
        bytes.close();
        assertThatIllegalStateException().isThrownBy(bytes::address);
        assertThatIllegalStateException().isThrownBy(bytes::toByteArray);
    }

    @Test
    void emptyStaysUsableForAll() {
        NativeBytes.empty().close();
        assertThat(NativeBytes.empty().toByteArray()).isEmpty();
        assertThat(NativeBytes.empty().address()).isZero();
        assertThat(NativeBytes.copyOf(new byte[0]).isEmpty()).isTrue();
    }

    @Test
    void aLengthWithoutMemoryIsRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> new NativeBytes(0, 1));
        assertThatIllegalArgumentException().isThrownBy(() -> new NativeBytes(1, -1));
    }
}
