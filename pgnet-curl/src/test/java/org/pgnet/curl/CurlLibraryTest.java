package org.pgnet.curl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class CurlLibraryTest {

    @Test
    void theVersionIsThatOfTheLoadedLibrary() {
        CurlLibrary.initialise();
        String[] parts = CurlLibrary.version().split("[.-]");
        int number = Integer.parseInt(parts[0]) << 16 | Integer.parseInt(parts[1]) << 8 | Integer.parseInt(parts[2]);
        assertThat(CurlLibrary.isAtLeast(number)).isTrue();
        assertThat(CurlLibrary.isAtLeast(number + 1)).isFalse();
    }

    @Test
    void anOldLibraryIsRefusedByName() {
        assertThatThrownBy(() -> CurlLibrary.requireVersion(0x075600, "7.86.0"))
                .isInstanceOf(CurlException.class)
                .hasMessage("libcurl 7.87.0 or later is needed, libcurl.so.4 is 7.86.0");
        assertThatCode(() -> CurlLibrary.requireVersion(0x075700, "7.87.0")).doesNotThrowAnyException();
    }
}
