package org.pgnet.curl;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HostPatternsTest {

    @ParameterizedTest
    @CsvSource({
        "*, http://anything.example/, true",
        "*, http://[::1]/, true",
        "'', http://a.example/, false",
        "a.example, http://a.example/, true",
        "a.example, http://A.EXAMPLE:8080/, true",
        "a.example, http://a.example./, true",
        "a.example., http://a.example/, true",
        "A.Example, http://a.example/, true",
        "a.example, http://b.a.example/, false",
        "a.example, http://xa.example/, false",
        "a.example, http://a.example.b.example/, false",
        "*.a.example, http://b.a.example/, true",
        "*.a.example, http://c.b.a.example./, true",
        "*.a.example, http://a.example/, false",
        "*.a.example, http://xa.example/, false",
        "*.a.example, http://.a.example/, false",
        "'b.example , *.a.example', http://x.a.example/, true",
        // Whoever reads the URL with other eyes than libcurl.
        "a.example, http://a.example@b.example/, false",
        "a.example, http://a.example:80@b.example/, false",
        "a.example, http://b.example@a.example/, true",
        "a.example, http://b.example/?@a.example, false",
        "a.example, http://b.example#@a.example/, false",
        "a.example, http://b.example/@a.example, false",
        "a.example, http://%61.example/, true",
        // Addresses are compared as such, in whichever form the URL has them.
        "127.0.0.1, http://127.0.0.1/, true",
        "127.0.0.1, http://2130706433/, true",
        "127.0.0.1, http://0x7f.1/, true",
        "127.0.0.1, http://0177.0.0.1/, true",
        "127.0.0.1, http://127.0.0.1./, true",
        "127.0.0.1, http://127.0.0.2/, false",
        "127.0.0.1, http://[::ffff:127.0.0.1]/, false",
        "*.1, http://127.0.0.1/, false",
        "::1, http://[::1]/, true",
        "[::1], http://[0:0:0:0:0:0:0:1]:80/, true",
        "0:0::1, http://[::1]/, true",
        "::1, http://[::2]/, false",
        "fe80::1, http://[fe80::1%25eth0]/, true",
        "::ffff:7f00:1, http://[::FFFF:127.0.0.1]/, true",
        // Names in other scripts are compared in Punycode.
        "xn--bcher-kva.example, http://b\u00fccher.example/, true",
        "*.example, http://b\u00fccher.example/, true",
        "bucher.example, http://b\u00fccher.example/, false",
    })
    void patternAllowsHost(String patterns, String url, boolean allowed) {
        assertThat(new HostPatterns(patterns).allow(CurlUrl.host(url))).isEqualTo(allowed);
    }
}
