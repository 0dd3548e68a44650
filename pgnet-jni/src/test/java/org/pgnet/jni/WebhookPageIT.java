package org.pgnet.jni;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pgnet.testkit.Given;
import org.pgnet.testkit.PgNetTest;
import org.pgnet.testkit.http.ScriptedServer;
import org.pgnet.testkit.machine.Eventually;
import org.pgnet.testkit.machine.FreePort;
import org.pgnet.testkit.session.Session;

/** The receivers and statements of {@code docs/webhooks.md} do what it says, as they stand there. */
@PgNetTest(sql = "CREATE ROLE shop LOGIN")
class WebhookPageIT {
    private static String page;

    @TempDir
    private Path directory;

    @Given
    private static Session session;

    @Given(role = "shop")
    private Session shop;

    @BeforeAll
    static void readPage() throws IOException {
        page = Page.of("webhooks.md").text();
    }

    @BeforeEach
    void makeTable() throws SQLException {
        session.execute("GRANT CREATE ON SCHEMA public TO shop");
        shop.execute("CREATE TABLE public.orders (id int PRIMARY KEY, status text, total numeric)");
    }

    @AfterEach
    void drop() throws SQLException {
        session.execute(
                "DROP TABLE public.orders",
                "DELETE FROM net._webhooks",
                "DELETE FROM net._secrets",
                "DELETE FROM net.dead_letters",
                "DELETE FROM net._http_response");
    }

    @Test
    void receiverInNode() throws Exception {
        requireProgram("node");
        verify(List.of("node", write("receiver.mjs", "js")));
    }

    @Test
    void receiverInPython() throws Exception {
        requireProgram("python3");
        verify(List.of("python3", write("receiver.py", "python")));
    }

    @Test
    void receiverInJava() throws Exception {
        verify(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(), write("Receiver.java", "java")));
    }

    @Test
    void statementsOfThePage() throws Exception {
        try (ScriptedServer server = ScriptedServer.of("")) {
            for (String block : Page.of("webhooks.md").sql(server)) {
                for (String statement : block.split(";\\s*\n")) {
                    if (!statement.isBlank() && !statement.contains("install_supabase")) {
                        shop.query(statement
                                .strip()
                                .replaceFirst("^update (?s)(.*)", "with done as (update $1 returning 1) select 1"));
                    }
                }
            }
            assertThat(shop.text("SELECT condition || enabled FROM net.webhooks"))
                    .isEqualTo("new.total > 500true");
        }
    }

    /** A request of the right key is taken, of every kind of text, and one of another key is not. */
    private void verify(List<String> command) throws Exception {
        int port = FreePort.next();
        String url = "http://127.0.0.1:" + port + "/orders";
        String key = shop.text(
                "SELECT new_key FROM net.create_webhook('orders', 'public.orders', '" + url + "', policy => 'none')");
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("output").toFile());
        builder.environment().put("WEBHOOK_KEY", key);
        builder.environment().put("PORT", "" + port);
        Process receiver = builder.start();
        try {
            Eventually.until("the receiver listens", Duration.ofSeconds(30), () -> listens(port));
            shop.execute("INSERT INTO public.orders VALUES (1, E'\\u20ac \\U0001F600 \"quoted\" \\\\ \\n', 'NaN')");
            session.await("SELECT count(*) FROM net._http_response WHERE status_code = 204", 1);
            assertThat(Files.readString(directory.resolve("output"))).contains("public.orders.insert");

            shop.text("SELECT net.rotate_webhook_secret('orders', overlap => '0')");
            shop.execute("UPDATE public.orders SET status = 'x'");
            session.await("SELECT count(*) FROM net._http_response WHERE status_code = 400", 1);
            assertThat(Files.readString(directory.resolve("output"))).doesNotContain("public.orders.update");
        } finally {
            receiver.destroyForcibly().waitFor();
        }
    }

    /** The block of a language, as a file. */
    private String write(String name, String language) throws IOException {
        Matcher block = Pattern.compile("(?s)```" + language + "\n(.*?)```").matcher(page);
        assertThat(block.find()).isTrue();
        return Files.writeString(directory.resolve(name), block.group(1)).toString();
    }

    private static void requireProgram(String name) {
        boolean isThere = List.of(System.getenv("PATH").split(":")).stream()
                .anyMatch(each -> Files.isExecutable(Path.of(each, name)));
        assumeTrue(isThere, name + " is not installed");
    }

    private static boolean listens(int port) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress("127.0.0.1", port), 1_000);
            return true;
        } catch (IOException notYet) {
            return false;
        }
    }
}
