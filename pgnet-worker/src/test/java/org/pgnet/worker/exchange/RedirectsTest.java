package org.pgnet.worker.exchange;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.pgnet.worker.http.RequestException;

class RedirectsTest {

    @ParameterizedTest
    @CsvSource({
        "301, GET, GET", "301, POST, GET", "301, DELETE, DELETE", "301, HEAD, HEAD",
        "302, GET, GET", "302, POST, GET", "302, PUT, PUT", "302, HEAD, HEAD",
        "303, GET, GET", "303, POST, GET", "303, DELETE, GET", "303, HEAD, HEAD",
        "307, POST, POST", "307, DELETE, DELETE", "308, POST, POST", "308, GET, GET"
    })
    void methodIsRewrittenAsLibcurlDoes(int status, String method, String next) {
        assertThat(Redirects.method(status, method)).isEqualTo(next);
    }

    @ParameterizedTest
    @ValueSource(ints = {200, 300, 304, 305, 306, 309, 404})
    void otherStatusesAreResponses(int status) {
        assertThat(Redirects.isRedirect(status)).isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "/x, http://h:81/x",
        "y?q=1, http://h:81/a/y?q=1",
        "?q=2, http://h:81/a/b?q=2",
        "//other/z, http://other/z",
        "https://s/, https://s/",
        "'/a b', http://h:81/a%20b",
        "/é, http://h:81/%C3%A9",
        "../up, http://h:81/up"
    })
    void locationIsResolvedAgainstTheUrl(String location, String target) throws Exception {
        assertThat(Redirects.target("http://h:81/a/b?c#d", location)).isEqualTo(target);
    }

    @ParameterizedTest
    @ValueSource(strings = {"ftp://h/x", "file:///etc/passwd", "gopher://h", "unheard-of://h/x", "FTP://h"})
    void otherSchemesAreUnsupported(String location) {
        assertThatThrownBy(() -> Redirects.target("http://h/", location))
                .isInstanceOf(RequestException.class)
                .hasMessage("Unsupported protocol");
    }

    @ParameterizedTest
    @ValueSource(strings = {"http://", "http://bad host/", "http://h:99999999/", "http://[::1/"})
    void brokenLocationIsAMalformedUrl(String location) {
        assertThatThrownBy(() -> Redirects.target("http://h/", location))
                .isInstanceOf(RequestException.class)
                .hasMessage("URL using bad/illegal format or missing URL");
    }

    @Test
    void secretsAndHostAreForTheirOriginAlone() {
        List<String> lines = new ArrayList<>(List.of(
                "authorization: a",
                "Cookie: c",
                "Proxy-Authorization: p",
                "X-Api-Key: k",
                "X-MyKeyring: k",
                "x-access-Token: t",
                "apikey: s",
                "Api_Key: s",
                "X-Hub-Signature-256: s",
                "X-Amz-Security-Token: t",
                "X-Session-Id: s",
                "X-Amz-Credential: c",
                "Ocp-Apim-Subscription-Key: k",
                "Host: h",
                "Accept: x",
                "Idempotency-Key: i",
                "X-Trace: 1",
                "Content-Type: t"));
        Redirects.dropOriginHeaders(lines);

        assertThat(lines).containsExactly("Accept: x", "Idempotency-Key: i", "X-Trace: 1", "Content-Type: t");
    }

    @Test
    void headersOfADroppedBodyAreDropped() {
        List<String> lines = new ArrayList<>(
                List.of("CONTENT-type: a", "Content-Length: 1", "Transfer-Encoding: chunked", "Accept: x"));
        Redirects.dropBodyHeaders(lines);

        assertThat(lines).containsExactly("Accept: x");
    }

    @Test
    void urlThatIsTooLongForACallIsTooLongForARedirect() throws RequestException {
        String base = "http://a/" + "x".repeat(60_000) + "/";

        assertThat(Redirects.target(base, "y".repeat(5_000))).hasSize(base.length() + 5_000);
        for (String location : List.of("y".repeat(6_000), "/" + "y".repeat(70_000), "/" + "\u00e9".repeat(12_000))) {
            assertThatThrownBy(() -> Redirects.target(base, location))
                    .isInstanceOf(RequestException.class)
                    .hasMessage("redirect to a URL of more than 65536 bytes");
        }
    }
}
