package org.pgnet.server.web;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LocalPathTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "/",
                "/requests",
                "/requests?q=host:a.example&state=dead",
                "/requests/42",
                "/a//b",
                "/%2f%2fevil.example"
            })
    void isOfThisSite(String path) {
        assertThat(LocalPath.orFront(path)).isEqualTo(path);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "//evil.example",
                "///evil.example",
                "/\\evil.example",
                "\\\\evil.example",
                "https://evil.example",
                "javascript:alert(1)",
                "evil.example",
                "/\t/evil.example",
                "/\n/evil.example",
                "/\r\nSet-Cookie: a=b",
                " /",
                "/\u0000",
                "/\u2028",
                "/a\\b"
            })
    void isTheFrontPageOtherwise(String path) {
        assertThat(LocalPath.orFront(path)).isEqualTo("/");
    }
}
