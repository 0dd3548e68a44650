package org.pgnet.curl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CurlUrlTest {

    @ParameterizedTest
    @CsvSource({
        "http://example.com, http://example.com:80",
        "HTTPS://EXAMPLE.com/a?b#c, https://example.com:443",
        "http://user:secret@example.com:8080/, http://example.com:8080",
        "https://example.com:443/x, https://example.com:443",
        "http://[::1]:81/, http://[::1]:81",
        "http://0x7f.1/, http://127.0.0.1:80",
        "http://ex%41mple.com/, http://example.com:80",
        "http://b\u00fccher.example/, http://xn--bcher-kva.example:80",
    })
    void originIsNormalised(String url, String origin) {
        assertThat(CurlUrl.origin(url)).isEqualTo(origin);
    }

    @ParameterizedTest
    @CsvSource({
        "http://a.example/x/y?q, z, http://a.example/x/z",
        "http://a.example/x/y?q, /z, http://a.example/z",
        "http://a.example/x/y?q, ?r, http://a.example/x/y?r",
        "http://a.example/x/y, //b.example/z, http://b.example/z",
        "http://a.example/x/y, https://b.example/z, https://b.example/z",
        "http://a.example/x/y/, ../../../z, http://a.example/z",
        "http://a.example/, a b, http://a.example/a%20b",
    })
    void referencesAreResolved(String base, String reference, String resolved) {
        assertThat(CurlUrl.resolve(base, reference)).isEqualTo(resolved);
    }

    @Test
    void charactersOfAReferenceThatAreNotAsciiArePercentEncoded() {
        // In capitals since libcurl 8; RFC 3986, 2.1: both are the same.
        assertThat(CurlUrl.resolve("http://a.example/", "\u00fc")).isEqualToIgnoringCase("http://a.example/%C3%BC");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "no-scheme", "/path", "http://", "http://a b/", "http://a:b/", "http://a/\0", "x y://z"})
    void whatDoesNotParseIsRefusedWithCodeAndText(String url) {
        assertThatThrownBy(() -> CurlUrl.origin(url))
                .isInstanceOfSatisfying(
                        CurlException.class, e -> assertThat(e.code()).isPositive())
                .message()
                .isNotBlank();
    }

    @Test
    void theTextIsLibcurls() {
        assertThatThrownBy(() -> CurlUrl.origin("http://a:b/"))
                .isInstanceOf(CurlException.class)
                .hasMessageContaining("ort number");
    }

    @Test
    void anUnknownSchemeIsRefused() {
        assertThatThrownBy(() -> CurlUrl.resolve("http://a.example/", "javascript://x"))
                .isInstanceOf(CurlException.class);
    }
}
