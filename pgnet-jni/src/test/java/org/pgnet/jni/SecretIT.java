package org.pgnet.jni;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pgnet.testkit.Given;
import org.pgnet.testkit.PgNetTest;
import org.pgnet.testkit.Sharing;
import org.pgnet.testkit.cluster.PgCluster;
import org.pgnet.testkit.cluster.PgInstallation;
import org.pgnet.testkit.http.HttpServerFixture;
import org.pgnet.testkit.http.RawServer;
import org.pgnet.testkit.http.ReceivedRequest;
import org.pgnet.testkit.http.Reply;
import org.pgnet.testkit.http.TlsIdentity;
import org.pgnet.testkit.machine.Command;
import org.pgnet.testkit.machine.Eventually;
import org.pgnet.testkit.session.Session;

/** Secrets are put in when a request is sent, for those who may use them and where they may be sent. */
@PgNetTest(
        sql = {
            "CREATE ROLE alice LOGIN",
            "CREATE ROLE app LOGIN",
            "CREATE ROLE mallory LOGIN",
            "CREATE ROLE team",
            "CREATE ROLE reader LOGIN IN ROLE pg_read_all_data",
            "INSERT INTO net.policies (name, delays, max_attempts, retry_on)"
                    + " VALUES ('again', '{300 ms}', 8, '{network,401,503}')"
        },
        cluster = Sharing.WITH_NONE)
class SecretIT {
    private static final String VALUE = "s3cret/+ &%";
    private static final String ENCODED = "s3cret%2F%2B%20%26%25";
    private static final String HERE = "{http://127.0.0.1}";

    @Given
    private static PgCluster cluster;

    @Given
    private static HttpServerFixture server;

    @Given
    private static HttpServerFixture other;

    @Given
    private static Session superuser;

    @Given(role = "alice")
    private Session alice;

    @Given(role = "app")
    private Session app;

    @BeforeEach
    void empty() throws SQLException {
        superuser.execute("TRUNCATE net._secrets CASCADE", "TRUNCATE net.hosts", "DELETE FROM net.dead_letters");
    }

    @Test
    void valueIsPutIntoHeadersPathQueryParamsAndForm() throws SQLException {
        set(alice, "key", VALUE);

        alice.answer(
                "SELECT net.request(?, secrets => '{key}', headers => '{\"Authorization\": \"Bearer {{key}}\"}',"
                        + " params => '{\"p\": \"<{{key}}>\", \"q\": \"{{other}}\"}', form => '{\"k\": \"{{key}}\", \"x\": \"{{\"}')",
                server.url("/in/{{key}}/x?id=all&k={{key}}"));

        ReceivedRequest received = only("all");
        assertThat(received.header("authorization")).contains("Bearer " + VALUE);
        assertThat(received.target())
                .isEqualTo(
                        "/in/" + ENCODED + "/x?id=all&k=" + ENCODED + "&p=%3C" + ENCODED + "%3E&q=%7B%7Bother%7D%7D");
        assertThat(received.text()).isEqualTo("k=" + ENCODED + "&x=%7B%7B");
    }

    @Test
    void bodiesOfOtherKindsAndPlainCallsAreSentAsTheyAre() throws SQLException {
        set(alice, "key", VALUE);

        alice.answer(
                "SELECT net.request(?, secrets => '{key}', body => '{\"a\": \"{{key}}\"}')",
                server.url("/post?id=json"));
        alice.fetch(server.url("/get?id=plain&k={{key}}"), "{\"A\": \"{{key}}\"}");
        alice.answer("SELECT net.request(?, headers => '{\"A\": \"{{key}}\"}')", server.url("/get?id=unnamed"));

        assertThat(only("json").text()).isEqualTo("{\"a\": \"{{key}}\"}");
        assertThat(only("plain").header("a")).contains("{{key}}");
        assertThat(only("plain").target()).contains("k={{key}}");
        assertThat(only("unnamed").header("a")).contains("{{key}}");
    }

    @Test
    void tablesHoldTheNameAlone() throws SQLException {
        set(alice, "key", VALUE);

        long id = alice.send(
                "SELECT net.request(?, secrets => '{key}', policy => 'again', form => '{\"k\": \"{{key}}\"}',"
                        + " headers => '{\"A\": \"{{key}}\"}')",
                server.url("/status/500?id=dead&k={{key}}"));
        alice.collect(id);

        assertThat(only("dead").header("a")).contains(VALUE);
        assertThat(superuser.text(
                        "SELECT concat_ws(' ', url, headers, convert_from(body, 'UTF8'), secrets) FROM net.dead_letters"
                                + " WHERE id = ?",
                        id))
                .contains("k={{key}} ", "\"A\": \"{{key}}\"", " k={{key}} ", "{key}")
                .doesNotContain("s3cret");
        assertThat(superuser.text("SELECT url FROM net.responses WHERE id = ?", id))
                .contains("k={{key}}");
    }

    @Test
    void onlyTheOwnerAndNamedRolesMayUseIt() throws SQLException {
        set(alice, "key", VALUE);
        assertThatThrownBy(() -> call(app, "refused"))
                .hasMessageContaining("role \"app\" may not use secret \"key\"")
                .hasMessageNotContaining("s3cret")
                .extracting("SQLState")
                .isEqualTo("42501");

        alice.execute("SELECT net.set_secret('key', '" + VALUE + "', hosts => '" + HERE + "', roles => '{app}')");
        assertThat(app.collect(call(app, "allowed"))).startsWith("SUCCESS");
        assertThat(only("allowed").header("a")).contains(VALUE);
    }

    @Test
    void roleThatDoesNotExistAnyMoreIsNoMember() throws SQLException {
        superuser.execute("CREATE ROLE passing", "GRANT passing TO app");
        alice.execute("SELECT net.set_secret('key', '" + VALUE + "', hosts => '" + HERE + "', roles => '{passing}')");
        assertThat(app.collect(call(app, "before"))).startsWith("SUCCESS");

        superuser.execute("DROP ROLE passing");

        assertThatThrownBy(() -> call(app, "after")).hasMessageContaining("may not use secret");
        assertThat(alice.collect(call(alice, "owner"))).startsWith("SUCCESS");
        assertThat(alice.text("SELECT roles FROM net.secrets")).isEqualTo("{passing}");
    }

    @Test
    void roleIsCheckedAgainWhenTheRequestIsSent() throws SQLException {
        superuser.execute("GRANT team TO app");
        alice.execute("SELECT net.set_secret('key', 'v', hosts => '" + HERE + "', roles => '{team}')");
        assertThat(app.collect(call(app, "member"))).startsWith("SUCCESS");
        long id = app.number("SELECT net.request('" + server.url("/get?id=left&k={{key}}")
                + "', secrets => '{key}', delay => '500 ms')");
        superuser.execute("REVOKE team FROM app");

        assertThat(app.collect(id)).isEqualTo("ERROR|the role may not use secret \"key\"");
        assertThat(server.received("left")).isEmpty();
        assertThatThrownBy(() -> call(app, "again")).hasMessageContaining("may not use secret");
    }

    @Test
    void secretGoesToItsHostsAlone() throws SQLException {
        alice.execute("SELECT net.set_secret('key', 'v', hosts => '{127.0.0.1,api.example.com}')");

        assertThatThrownBy(() -> call(alice, "plain"))
                .hasMessageContaining("secret \"key\" may not be sent to this host by http")
                .extracting("SQLState")
                .isEqualTo("42501");
        assertThatThrownBy(() ->
                        alice.execute("SELECT net.request('https://api.example.com.evil.test/', secrets => '{key}')"))
                .hasMessageContaining("may not be sent to this host by https");
        alice.execute("BEGIN", "SELECT net.request('https://API.example.com.:8443/', secrets => '{key}')", "ROLLBACK");
    }

    @Test
    void secretIsSentByHttps(TlsIdentity identity) throws Exception {
        TlsIT.trust(cluster, identity.pem());
        alice.execute("SELECT net.set_secret('key', 't/x', hosts => '{127.0.0.1}')");
        try (RawServer tls = RawServer.start(identity)) {
            tls.reply("/t%2Fx", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");

            Eventually.until(
                    "the certificate is trusted and the secret is in the path",
                    Duration.ofSeconds(10),
                    () -> alice.answer("SELECT net.request(?, secrets => '{key}')", tls.url("/{{key}}"))
                                    .status()
                            == 200);
        }
    }

    @Test
    void hostsAreCheckedAgainWhenTheRequestIsSent() throws SQLException {
        set(alice, "key", "v");
        long id = alice.number("SELECT net.request('" + server.url("/get?id=rebound&k={{key}}")
                + "', secrets => '{key}', delay => '500 ms')");
        alice.execute("SELECT net.set_secret('key', 'v', hosts => '{api.example.com}')");

        assertThat(alice.collect(id)).isEqualTo("ERROR|secret \"key\" may not be sent to this host");
        assertThat(server.received("rebound")).isEmpty();
    }

    @Test
    void redirectTakesNoSecretToAnotherHost() throws SQLException {
        superuser.execute("SELECT net.set_secret('key', 'v', hosts => '{http://127.0.0.1:" + server.port() + "}')");
        redirect("/away", 302, other.url("/get?id=away&k={{key}}"));
        redirect("/form", 307, other.url("/post?id=form"));
        redirect("/same", 302, "/get?id=same&k={{key}}");

        superuser.answer(
                "SELECT net.request(?, secrets => '{key}', headers => '{\"X-Plain\": \"{{key}}\", \"X-Other\": \"o\"}')",
                server.url("/away?id=first&k={{key}}"));
        superuser.answer(
                "SELECT net.request(?, secrets => '{key}', headers => '{\"X-Plain\": \"{{key}}\"}')",
                server.url("/same"));
        long form = superuser.send(
                "SELECT net.request(?, secrets => '{key}', form => '{\"k\": \"{{key}}\"}')", server.url("/form"));

        assertThat(only("first").header("x-plain")).contains("v");
        assertThat(other.received("away").get(0).header("x-plain")).isEmpty();
        assertThat(other.received("away").get(0).header("x-other")).contains("o");
        // What the server says is no text of the caller's.
        assertThat(other.received("away").get(0).target()).endsWith("&k=%7B%7Bkey%7D%7D");
        assertThat(only("same").header("x-plain")).contains("v");
        assertThat(only("same").target()).endsWith("&k=%7B%7Bkey%7D%7D");
        assertThat(superuser.collect(form)).isEqualTo("ERROR|secret \"key\" may not be sent to this host");
        assertThat(other.received("form")).isEmpty();
    }

    @Test
    void missingSecretIsAnErrorThatIsRetriedLikeALostConnection() throws SQLException {
        assertThat(alice.collect(call(alice, "missing"))).isEqualTo("ERROR|secret \"key\" does not exist");

        long id = alice.number("SELECT net.request('" + server.url("/get?id=later&k={{key}}")
                + "', secrets => '{key}', policy => 'again')");
        superuser.await("SELECT count(*) FROM net.attempts WHERE error_msg = 'secret \"key\" does not exist'", 1);
        set(alice, "key", "v");

        assertThat(alice.collect(id)).startsWith("SUCCESS");
        assertThat(only("later").target()).endsWith("&k=v");
    }

    @Test
    void newValueHoldsAtTheNextAttempt() throws SQLException {
        set(alice, "key", "old");
        AtomicInteger attempts = new AtomicInteger();
        server.handle("/unauthorized", request -> {
            boolean isFirst = attempts.incrementAndGet() == 1;
            if (isFirst) {
                try (Session renewer = cluster.session("postgres", "alice")) {
                    set(renewer, "key", "new");
                } catch (SQLException e) {
                    throw new IllegalStateException(e);
                }
            }
            return Optional.of(Reply.text(isFirst ? 401 : 200, ""));
        });

        long id = alice.number("SELECT net.request('" + server.url("/unauthorized?id=renewed")
                + "', secrets => '{key}', headers => '{\"A\": \"{{key}}\"}', policy => 'again')");

        assertThat(alice.collect(id)).startsWith("SUCCESS|ok|200");
        assertThat(server.received("renewed"))
                .extracting(request -> request.header("a").orElseThrow())
                .containsExactly("old", "new");
    }

    @Test
    void fileHoldsTheValue() throws SQLException {
        Path directory = cluster.data().resolve("secrets");
        write(directory.resolve("api_key"), "from file\n");
        cluster.set("pg_net.secrets_directory = '" + directory + "'");
        cluster.reload();
        superuser.await("SELECT 1 FROM pg_settings WHERE name = 'pg_net.secrets_directory' AND setting <> ''", 1);
        superuser.execute("SELECT net.set_secret('key', file => 'api_key', hosts => '" + HERE + "', roles => '{app}')");

        assertThat(app.collect(call(app, "file"))).startsWith("SUCCESS");
        assertThat(app.query("SELECT net._secret_problem('key')")).isEmpty();
        assertThat(only("file").header("a")).contains("from file");

        // Not accepted: read anew at once.
        write(directory.resolve("api_key"), "newer");
        server.handle(
                "/choosy",
                request -> Optional.of(Reply.text(request.header("a").equals(Optional.of("newer")) ? 200 : 401, "")));
        long id = app.number("SELECT net.request('" + server.url("/choosy?id=choosy")
                + "', secrets => '{key}', headers => '{\"A\": \"{{key}}\"}', policy => 'again')");
        assertThat(app.collect(id)).startsWith("SUCCESS|ok|200");
        assertThat(server.received("choosy")).hasSizeBetween(1, 2);

        write(directory.resolve("api_key"), "two\nlines");
        superuser.execute("SELECT net.set_secret('key', file => 'api_key', hosts => '" + HERE + "', roles => '{app}')");
        String problem =
                "cannot be read: file \"api_key\" of pg_net.secrets_directory contains a line break or a null character";
        assertThat(app.collect(call(app, "broken"))).isEqualTo("ERROR|secret \"key\" " + problem);
        assertThat(app.query("SELECT net._secret_problem('key')")).contains(problem);
        assertThat(alice.query("SELECT net._secret_problem('key')")).isEmpty();
        assertThatThrownBy(() -> app.execute("SELECT net.set_secret('mine', file => 'api_key', hosts => '{*}')"))
                .hasMessageContaining("permission denied to name a file on the server")
                .extracting("SQLState")
                .isEqualTo("42501");
    }

    @Test
    void headerOfAHostIsForThoseWhoMayUseItsSecret() throws SQLException {
        superuser.execute(
                "SELECT net.set_secret('key', 'v', hosts => '" + HERE + "', roles => '{app}')",
                "INSERT INTO net.hosts (pattern, headers) VALUES"
                        + " ('127.0.0.1', '{\"X-Key\": \"{{key}}\", \"X-Text\": \"{{{{key}}\"}')");

        app.fetch(server.url("/get?id=of-app"));
        alice.fetch(server.url("/get?id=of-alice"));
        app.fetch(server.url("/get?id=own"), "{\"x-key\": \"own\"}");

        assertThat(only("of-app").header("x-key")).contains("v");
        assertThat(only("of-app").header("x-text")).contains("{{key}}");
        assertThat(only("of-alice").header("x-key")).isEmpty();
        assertThat(only("of-alice").header("x-text")).contains("{{key}}");
        assertThat(only("own").headers().get("x-key")).containsExactly("own");

        superuser.execute("SELECT net.drop_secret('key')");
        assertThat(app.collect(app.get(server.url("/get?id=gone")))).isEqualTo("ERROR|secret \"key\" does not exist");
        assertThatThrownBy(() -> superuser.execute("UPDATE net.hosts SET headers = '{\"A\": \"{{a b}}\"}'"))
                .hasMessageContaining("{{ in headers must begin the name of a secret");
    }

    @Test
    void valueIsNobodysToRead() throws SQLException {
        set(alice, "key", VALUE);
        try (Session reader = cluster.session("postgres", "reader");
                Session mallory = cluster.session("postgres", "mallory")) {
            assertThat(reader.column("SELECT value FROM net._secret_keys")).isEmpty();
            assertThat(reader.column("SELECT name FROM net.secrets")).isEmpty();
            for (String query : List.of(
                    "SELECT * FROM net._secret_keys",
                    "SELECT * FROM net._secrets",
                    "COPY net._secret_keys TO STDOUT",
                    "TABLE net._secret_keys",
                    "UPDATE net._secrets SET roles = '{mallory}'",
                    "INSERT INTO net._secret_keys (name, value) VALUES ('key', 'x')",
                    "CREATE TRIGGER t BEFORE INSERT ON net._secret_keys FOR EACH ROW EXECUTE FUNCTION net._secrets_changed()",
                    "SELECT net.set_secret('key', 'x', hosts => '{*}')",
                    "SELECT net._rotate_secret('key', 'x', now())",
                    "SELECT net.drop_secret('key')")) {
                assertThatThrownBy(() -> mallory.execute(query))
                        .as(query)
                        .extracting("SQLState")
                        .isEqualTo("42501");
            }
        }
        assertThat(superuser.column(
                        "SELECT attname FROM pg_stats WHERE tablename = '_secret_keys' AND attname = 'value'"))
                .isEmpty();
        assertThat(alice.text("SELECT concat_ws(' ', name, owner::regrole, source, hosts, roles) FROM net.secrets"))
                .isEqualTo("key alice value {http://127.0.0.1} {}");
    }

    /** A function of the caller's that comes first in his search_path must not see a value, nor be called as the owner. */
    @Test
    void searchPathOfTheCallerIsOfNoUse() throws SQLException {
        superuser.execute("CREATE SCHEMA traps AUTHORIZATION mallory", "GRANT CREATE ON SCHEMA public TO mallory");
        try (Session mallory = cluster.session("postgres", "mallory")) {
            mallory.execute(
                    "CREATE TABLE traps.seen (what text)",
                    "CREATE FUNCTION traps.pg_has_role(oid, oid, text) RETURNS boolean LANGUAGE plpgsql AS"
                            + " $$ BEGIN INSERT INTO traps.seen VALUES (current_user); RETURN true; END $$",
                    "CREATE FUNCTION traps.clock_timestamp() RETURNS timestamptz LANGUAGE plpgsql AS"
                            + " $$ BEGIN INSERT INTO traps.seen VALUES (current_user); RETURN now(); END $$",
                    "SET search_path = traps, pg_catalog",
                    "SELECT net.set_secret('mine', 'v', hosts => '{*}')",
                    "SELECT net._rotate_secret('mine', 'w', pg_catalog.now() + '1 hour')",
                    "SELECT net.drop_secret('mine')");

            assertThat(mallory.column("SELECT what FROM traps.seen")).isEmpty();
        } finally {
            superuser.execute("DROP SCHEMA traps CASCADE");
        }
    }

    @Test
    void argumentsAreCheckedAndNoErrorQuotesTheValue() throws SQLException {
        for (String call : List.of(
                "'a b', 'hush'",
                "'', 'hush'",
                "'1a', 'hush'",
                "'" + "a".repeat(64) + "', 'hush'",
                "'é', 'hush'",
                "'a', E'hush\\nx'",
                "'a', E'hush\\rx'",
                "'a', ''",
                "'a', repeat('hush', 20000)",
                "'a', 'whsec_hush'",
                "'a', 'whsec_' || encode('hush', 'base64')",
                "'a', 'hush', 'file'",
                "'a'")) {
            assertThatThrownBy(() -> superuser.execute("SELECT net.set_secret(" + call + ", hosts => '{*}')"))
                    .as(call)
                    .hasMessageNotContaining("hush")
                    .extracting("SQLState")
                    .isEqualTo("22023");
        }
        for (String hosts :
                List.of("NULL", "'{}'", "'{\"a b\"}'", "'{ftp://x}'", "'{NULL}'", "'{{a},{b}}'", "'{https://}'")) {
            assertThatThrownBy(() -> superuser.execute("SELECT net.set_secret('a', 'hush', hosts => " + hosts + ")"))
                    .as(hosts)
                    .hasMessageNotContaining("hush")
                    .extracting("SQLState")
                    .isEqualTo("22023");
        }
        for (String file : List.of("../x", "/etc/passwd", ".", "..", ".x", "a/b", "")) {
            assertThatThrownBy(() ->
                            superuser.execute("SELECT net.set_secret('a', file => '" + file + "', hosts => '{*}')"))
                    .as(file)
                    .extracting("SQLState")
                    .isEqualTo("22023");
        }
        assertThat(superuser.column("SELECT name FROM net.secrets")).isEmpty();
        for (String call : List.of(
                "secrets => '{\"a b\"}'",
                "secrets => '{NULL}'",
                "sign_with => 'a b'",
                "secrets => '{key}', url => 'https://user:{{key}}@127.0.0.1/'",
                "secrets => '{key}', url => 'https://{{key}}/'")) {
            String url = call.contains("url =>") ? "" : "url => 'https://127.0.0.1/', ";
            assertThatThrownBy(() -> superuser.execute("SELECT net.request(" + url + call + ")"))
                    .as(call)
                    .extracting("SQLState")
                    .isEqualTo("22023");
        }
    }

    /** The worker keeps the secrets of everybody in its memory, once somebody needs one. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "SELECT net.set_secret('s' || n, 'v', hosts => '{*}') FROM generate_series(1, 2001) n",
                "SELECT net.set_secret('s' || n, 'v', hosts => array_fill('a.test'::text, '{99}'))"
                        + " FROM generate_series(1, 41) n",
                "SELECT net.set_secret('s' || n, repeat('v', 65536), hosts => '{*}') FROM generate_series(1, 65) n",
                "SELECT net.set_secret('a', 'v', hosts => '{*}')"
                        + " UNION ALL SELECT net._rotate_secret('a', 'v', 'infinity') FROM generate_series(1, 10)"
            })
    void oneRoleHasNoMoreOfThemThanTheWorkerHasRoomFor(String statement) throws SQLException {
        assertThatThrownBy(() -> alice.execute(statement))
                .extracting("SQLState")
                .isEqualTo("54000");

        app.execute("SELECT net.set_secret('others', 'v', hosts => '{*}')");
    }

    @Test
    void oneSecretHasFewHostsAndRoles() {
        for (String lists :
                List.of("array_fill('a.test'::text, '{101}')", "'{*}', roles => array_fill('app'::regrole, '{101}')")) {
            assertThatThrownBy(() -> alice.execute("SELECT net.set_secret('a', 'v', hosts => " + lists + ")"))
                    .as(lists)
                    .extracting("SQLState")
                    .isEqualTo("22023");
        }
    }

    /** Each session counts what the others of its role have written, whenever its own transaction began. */
    @Test
    void sessionsOfOneRoleHaveNoMoreTogether() throws SQLException {
        try (Session second = cluster.session("postgres", "alice")) {
            second.execute("BEGIN ISOLATION LEVEL REPEATABLE READ", "SELECT 1");
            alice.execute("SELECT net.set_secret('s' || n, 'v', hosts => '{*}') FROM generate_series(1, 2000) n");
            assertThatThrownBy(() -> second.execute("SELECT net.set_secret('last', 'v', hosts => '{*}')"))
                    .extracting("SQLState")
                    .isEqualTo("54000");
        }
    }

    /** pg_stat_activity and the log show the statement after the function has run, or failed. */
    @Test
    void statementShowsNoValueFromWhenTheFunctionRuns() throws SQLException {
        alice.execute("SELECT net.set_secret('key', E'it''s \\\\ hidden', hosts => '{*}')");
        String shown = superuser.text("SELECT query FROM pg_stat_activity WHERE pid = ?", alice.pid());
        alice.execute("SELECT net.set_secret('key', 'it''s hidden', hosts => '{*}')");
        assertThat(superuser.column("SELECT query FROM pg_stat_activity WHERE usename = 'alice'"))
                .allSatisfy(query -> assertThat(query).doesNotContain("hidden"));
        assertThat(shown).doesNotContain("hidden");
        assertThatThrownBy(() -> alice.execute("SELECT net.set_secret('key', 'fails-hushed', hosts => '{}')"))
                .hasMessageContaining("hosts");
        assertThatThrownBy(() -> alice.execute(
                        "DO $$ BEGIN PERFORM net.set_secret('key', 'in-a-hushed-block', hosts => '{}'); END $$"))
                .hasMessageContaining("hosts");

        assertThat(cluster.log().text())
                .contains("SELECT net.set_secret('key', '*")
                .doesNotContain("hidden", "hushed");
    }

    @Test
    void oldKeyHoldsBesideTheNewOneUntilItsEnd() throws SQLException {
        set(alice, "key", "one");
        alice.execute("SELECT net._rotate_secret('key', 'two', now() + '1 hour')");
        assertThat(superuser.column(
                        "SELECT convert_from(value, 'UTF8') || (until IS NULL) FROM net._secret_keys ORDER BY added"))
                .containsExactly("onefalse", "twotrue");
        assertThat(alice.collect(call(alice, "rotated"))).startsWith("SUCCESS");
        assertThat(only("rotated").header("a")).contains("two");

        alice.execute("SELECT net._rotate_secret('key', 'three', NULL)");
        assertThat(superuser.column("SELECT convert_from(value, 'UTF8') FROM net._secret_keys ORDER BY added"))
                .containsExactly("one", "three");
        alice.execute("SELECT net.set_secret('key', 'four', hosts => '" + HERE + "')");
        assertThat(superuser.column("SELECT convert_from(value, 'UTF8') FROM net._secret_keys"))
                .containsExactly("four");
        assertThatThrownBy(() -> alice.execute("SELECT net._rotate_secret('nothing', 'x', NULL)"))
                .extracting("SQLState")
                .isEqualTo("42704");
        assertThat(alice.text("SELECT net._new_signing_key()")).matches("whsec_[A-Za-z0-9+/]{43}=");
    }

    @Test
    void rolledBackSecretIsNone() throws SQLException {
        alice.execute("BEGIN");
        set(alice, "key", "v");
        alice.execute("ROLLBACK");
        assertThat(alice.collect(call(alice, "back"))).isEqualTo("ERROR|secret \"key\" does not exist");

        alice.execute("BEGIN");
        set(alice, "key", "v");
        long id = call(alice, "together");
        alice.execute("COMMIT");
        assertThat(alice.collect(id)).startsWith("SUCCESS");
    }

    @Test
    void dumpHoldsNoSecret() throws SQLException {
        set(alice, "key", VALUE);
        superuser.execute("INSERT INTO net.hosts (pattern, headers) VALUES ('127.0.0.1', '{\"A\": \"{{key}}\"}')");

        String dump = Command.run(
                Path.of("."),
                Map.of(),
                List.of(
                        PgInstallation.shared().program("pg_dump"),
                        "--host=127.0.0.1",
                        "--port=" + cluster.port(),
                        "--username=postgres",
                        "postgres"));

        assertThat(dump).contains("{{key}}").doesNotContain("s3cret", "7333637265742f");
    }

    private static void set(Session session, String name, String value) throws SQLException {
        session.query("SELECT net.set_secret(?, ?, hosts => ?::text[])", name, value, HERE);
    }

    private static long call(Session session, String id) throws SQLException {
        return session.number("SELECT net.request('" + server.url("/get?id=" + id)
                + "', secrets => '{key}', headers => '{\"A\": \"{{key}}\"}', timeout => '10 s')");
    }

    private static ReceivedRequest only(String id) {
        assertThat(server.received(id)).as(id).hasSize(1);
        return server.received(id).get(0);
    }

    private static void redirect(String path, int status, String to) {
        server.handle(path, request -> Optional.of(new Reply(status, List.of("Location: " + to), new byte[0])));
    }

    /** As the server's user. */
    static void write(Path file, String content) {
        Command.runAsOwner(
                Path.of("/"),
                "sh",
                "-c",
                "mkdir -p \"$1\" && printf %s \"$3\" > \"$1/$2\"",
                "sh",
                file.getParent().toString(),
                file.getFileName().toString(),
                content);
    }
}
