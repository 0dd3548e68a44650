package org.pgnet.curl;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WireUrlTest {
    @ParameterizedTest
    @CsvSource({
        "http://h/?q=日本, http://h/?q=%E6%97%A5%E6%9C%AC",
        "http://h?q=é, http://h?q=%C3%A9",
        "http://h/é#é, http://h/%C3%A9#%C3%A9",
        "http://h#é, http://h#%C3%A9",
        "HTTPS://h:1/😀, HTTPS://h:1/%F0%9F%98%80",
        "http:/h/é, http:/h/%C3%A9",
        "http:///h/é, http:///h/%C3%A9",
        // What is encoded already, and what is not legal but ASCII, stay as they are.
        "http://h/%e9?a=%é, http://h/%e9?a=%%C3%A9",
        "http://h/[a]|{b}, http://h/[a]|{b}",
        // Host, user and password are libcurl's.
        "http://é:ü@bücher.example/é, http://é:ü@bücher.example/%C3%A9",
        "http://bücher.example, http://bücher.example",
        "http://h/a?b=c, http://h/a?b=c",
    })
    void charactersBehindTheHostArePercentEncoded(String url, String sent) {
        assertThat(WireUrl.of(url)).isEqualTo(sent);
    }
}
