package org.pgnet.server.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.pgnet.server.database.Connector;
import org.pgnet.server.database.ServerAddress;
import org.pgnet.server.site.Site;

/** What is refused before any page sees it; by plain sockets, since clients correct what they send. No database is there. */
class WebServerTest {
    private WebServer server;

    @BeforeEach
    void start() throws IOException {
        Connector connector =
                new Connector(ServerAddress.of(Optional.of("postgresql://127.0.0.1:1/nothing"), Map.of()));
        ListenOptions options = new ListenOptions(loopback(), 0, Set.of(), Optional.empty(), false);
        server = new WebServer(options, logins -> new Site(connector, logins, Optional.empty()));
        server.start();
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void anotherHostIsRefused() throws IOException {
        assertThat(ask("GET /login HTTP/1.1", "Host: evil.example")).startsWith("HTTP/1.1 421");
        assertThat(ask("GET /login HTTP/1.1", "Host: 127.0.0.1.evil.example:80"))
                .startsWith("HTTP/1.1 421");
        assertThat(ask("GET /login HTTP/1.1", "Host: localhost:" + port())).startsWith("HTTP/1.1 200");
    }

    @Test
    void noHostIsRefused() throws IOException {
        assertThat(ask("GET /login HTTP/1.0")).doesNotStartWith("HTTP/1.1 200");
    }

    @Test
    void otherMethodsAreRefused() throws IOException {
        for (String method : new String[] {"PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"}) {
            assertThat(ask(method + " / HTTP/1.1", "Host: localhost"))
                    .as(method)
                    .startsWith("HTTP/1.1 405");
        }
    }

    @Test
    void withoutASessionEveryPageIsTheFormToLogIn() throws IOException {
        for (String path : new String[] {
            "/", "/requests", "/requests/1", "/hosts", "/dead", "/workers", "/setup", "/change?do=restart"
        }) {
            assertThat(ask("GET " + path + " HTTP/1.1", "Host: localhost"))
                    .as(path)
                    .startsWith("HTTP/1.1 303")
                    .contains("Location: /login?next=/");
        }
        assertThat(ask("GET /live?page=/ HTTP/1.1", "Host: localhost")).startsWith("HTTP/1.1 403");
    }

    @Test
    void aSessionThatWasMadeUpIsNone() throws IOException {
        String cookie = "Cookie: pgnet-session-" + port() + "=" + "x".repeat(43);
        assertThat(ask("GET / HTTP/1.1", "Host: localhost", cookie)).startsWith("HTTP/1.1 303");
    }

    @Test
    void theFormSendsNobodyElsewhere() throws IOException {
        String page = ask("GET /login?next=//evil.example/ HTTP/1.1", "Host: localhost");
        assertThat(page).startsWith("HTTP/1.1 200").doesNotContain("evil.example");
        assertThat(page).contains("name=\"next\" value=\"/\"");
    }

    @Test
    void everyAnswerHasASecurityPolicy() throws IOException {
        for (String path : new String[] {"/login", "/", "/nothing", "/static/nothing"}) {
            assertThat(ask("GET " + path + " HTTP/1.1", "Host: localhost").toLowerCase(Locale.ROOT))
                    .contains("content-security-policy: default-src 'none'; script-src 'self'; style-src 'self'")
                    .contains(
                            "x-content-type-options: nosniff", "referrer-policy: same-origin", "frame-ancestors 'none'")
                    .doesNotContain("unsafe-inline", "unsafe-eval");
        }
    }

    @Test
    void theCookieIsForNoScriptAndNoOtherSite() throws IOException {
        assertThat(ask("GET /login HTTP/1.1", "Host: localhost"))
                .containsPattern("(?i)set-cookie: pgnet-login-\\d+=[\\w-]{43}; Path=/; HttpOnly; SameSite=Strict");
    }

    @Test
    void aFormWithoutItsTokenIsRefused() throws IOException {
        String cookie = cookie();
        assertThat(post(cookie, "role=a&password=b")).startsWith("HTTP/1.1 403");
        assertThat(post(cookie, "csrf=&role=a&password=b")).startsWith("HTTP/1.1 403");
        assertThat(post(cookie, "csrf=" + "x".repeat(43) + "&role=a&password=b"))
                .startsWith("HTTP/1.1 403");
        assertThat(post("", "csrf=&role=a&password=b")).startsWith("HTTP/1.1 403");
        String token = cookie.substring(cookie.indexOf('=') + 1);
        assertThat(post(cookie, "csrf=" + token + "&role=a&password=b"))
                .startsWith("HTTP/1.1 503")
                .contains("The database does not answer.");
    }

    @Test
    void aFormOfAnotherSiteIsRefused() throws IOException {
        String cookie = cookie();
        String form = "csrf=" + cookie.substring(cookie.indexOf('=') + 1) + "&role=a&password=b";
        assertThat(post(cookie, form, "Origin: https://evil.example")).startsWith("HTTP/1.1 403");
        assertThat(post(cookie, form, "Origin: null")).startsWith("HTTP/1.1 403");
        assertThat(post(cookie, form, "Sec-Fetch-Site: cross-site")).startsWith("HTTP/1.1 403");
        assertThat(post(cookie, form, "Sec-Fetch-Site: same-site")).startsWith("HTTP/1.1 403");
        assertThat(post(cookie, form, "Origin: http://localhost")).startsWith("HTTP/1.1 503");
    }

    @Test
    void passwordsAreTriedAFewTimesOnly() throws IOException {
        String cookie = cookie();
        String form = "csrf=" + cookie.substring(cookie.indexOf('=') + 1) + "&role=app&password=";
        for (int i = 0; i < 5; i++) {
            assertThat(post(cookie, form + i)).startsWith("HTTP/1.1 503");
        }
        assertThat(post(cookie, form + 5)).startsWith("HTTP/1.1 429").contains("Too many tries");
    }

    @Test
    void whatIsTypedComesBackEscaped() throws IOException {
        String cookie = cookie();
        String typed = "%22%3E%3Cscript%3Ealert(1)%3C/script%3E%27";
        String page =
                post(cookie, "csrf=" + cookie.substring(cookie.indexOf('=') + 1) + "&role=" + typed + "&password=");
        assertThat(page).contains("&lt;script>").doesNotContain("<script>alert", "value=\"\">");
    }

    @Test
    void namesWithNulAreNotTried() throws IOException {
        String cookie = cookie();
        String token = cookie.substring(cookie.indexOf('=') + 1);
        assertThat(post(cookie, "csrf=" + token + "&role=a%00b&password=c")).startsWith("HTTP/1.1 400");
    }

    @Test
    void anEndlessFormIsRefused() throws IOException {
        assertThat(post(cookie(), "role=" + "a".repeat(300_000))).startsWith("HTTP/1.1 400");
    }

    @Test
    void anAddressThatCannotBeReadIsRefused() throws IOException {
        assertThat(ask("GET /login?next=%zz HTTP/1.1", "Host: localhost")).startsWith("HTTP/1.1 400");
    }

    @Test
    void aLongAddressEndsInAnAnswer() throws IOException {
        assertThat(ask("GET /login?next=/" + "a".repeat(100_000) + " HTTP/1.1", "Host: localhost"))
                .startsWith("HTTP/1.1 ");
        assertThat(ask("GET /login HTTP/1.1", "Host: localhost")).startsWith("HTTP/1.1 200");
    }

    @Test
    void filesComeOutOfTheJarAndOnlyThese() throws IOException {
        assertThat(ask("GET /static/pgnet.css HTTP/1.1", "Host: localhost")).startsWith("HTTP/1.1 200");
        for (String path :
                new String[] {"../../etc/passwd", "..%2f..%2fetc/passwd", "%00", "pgnet.css/", "000000000000/none.js"
                }) {
            assertThat(ask("GET /static/" + path + " HTTP/1.1", "Host: localhost"))
                    .as(path)
                    .doesNotStartWith("HTTP/1.1 200");
        }
    }

    @Test
    void listensBeyondLoopbackOnlyEncryptedOrWhenToldSo() throws IOException {
        InetAddress everywhere = InetAddress.getByName("0.0.0.0");
        assertThatThrownBy(() -> new ListenOptions(everywhere, 0, Set.of(), Optional.empty(), false))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("--tls-certificate");
        assertThat(new ListenOptions(everywhere, 0, Set.of(), Optional.empty(), true).insecure())
                .isTrue();
    }

    private String cookie() throws IOException {
        String page = ask("GET /login HTTP/1.1", "Host: localhost");
        return page.replaceFirst("(?is).*set-cookie: ([^;]*);.*", "$1");
    }

    private String post(String cookie, String form, String... headers) throws IOException {
        String[] all = new String[headers.length + 3];
        all[0] = "Host: localhost";
        all[1] = "Cookie: " + cookie;
        all[2] = "Content-Length: " + form.length();
        System.arraycopy(headers, 0, all, 3, headers.length);
        return exchange("POST /login HTTP/1.1", form, all);
    }

    private String ask(String line, String... headers) throws IOException {
        return exchange(line, "", headers);
    }

    private String exchange(String line, String body, String... headers) throws IOException {
        try (Socket socket = new Socket(loopback(), port())) {
            socket.setSoTimeout(20_000);
            String request = line + "\r\n" + String.join("\r\n", headers) + (headers.length == 0 ? "" : "\r\n")
                    + "Connection: close\r\n\r\n" + body;
            socket.getOutputStream().write(request.getBytes(StandardCharsets.UTF_8));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private int port() {
        return server.address().getPort();
    }

    private static InetAddress loopback() throws IOException {
        return InetAddress.getByName("127.0.0.1");
    }
}
