package org.pgnet.jni;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.pgnet.testkit.http.RawServer;
import org.pgnet.testkit.http.TlsIdentity;

/** Servers that do what no server should, and the requests that make them. */
final class Poisons implements AutoCloseable {
    private static final String OK = "HTTP/1.1 200 OK\r\n";
    private static final String CHUNKED = OK + "Transfer-Encoding: chunked\r\n\r\n";
    private static final long TWO_GIGABYTES = 2L << 30;
    private static final String TOO_LARGE = "error: Response body is larger than the limit of \\d+ bytes";
    private static final String TOO_MANY_LINES = "error: Response headers are more than the limit.*";
    private static final String TIMEOUT = "error: Timeout of \\d+ ms reached.*";
    /** Of any kind, but at once. */
    private static final String FAILURE = "error: (?!Timeout).+";

    private static final String NOT_TRUSTED = "error: SSL peer certificate or SSH remote key was not OK.*";

    private final RawServer plain = RawServer.start();
    private final TlsIdentity expiredIdentity = TlsIdentity.expired();
    private final RawServer expired = RawServer.start(expiredIdentity);
    private final RawServer selfSigned = RawServer.start(TlsIdentity.ofThisMachine());
    private final List<Poison> all = new ArrayList<>();

    Poisons(Random random) {
        addTooMuch();
        addTooSlow();
        addTooShort();
        addWhatIsNoHttp(random);
        addTls();
        addText();
    }

    /** Those that end within seconds. */
    List<Poison> all() {
        return List.copyOf(all);
    }

    /** Certificates to trust, so that nothing but their age makes them bad. */
    String trusted() {
        return expiredIdentity.pem();
    }

    private void addTooMuch() {
        String length = OK + "Content-Length: " + TWO_GIGABYTES + "\r\n\r\n";
        all.add(reply("2 GB by Content-Length", TOO_LARGE, out -> repeat(out, length, "x".repeat(1 << 16))));
        String chunk = "10000\r\n" + "x".repeat(0x10000) + "\r\n";
        all.add(reply("2 GB by endless chunks", TOO_LARGE, out -> repeat(out, CHUNKED, chunk)));
        all.add(reply(
                "2 GB until the connection closes", TOO_LARGE, out -> repeat(out, OK + "\r\n", "x".repeat(1 << 16))));
        all.add(reply("2 GB by a gzip bomb", TOO_LARGE, Poisons::bomb).withHeaders("{\"Accept-Encoding\": \"gzip\"}"));
        all.add(reply("endless headers", FAILURE, out -> repeat(out, OK, "X-More: and more\r\n")));
        all.add(reply("one endless header", FAILURE, out -> repeat(out, OK + "X-Long: ", "longer")));
        all.add(reply("endless status line", FAILURE, out -> repeat(out, "HTTP/1.1 200 ", "OK ")));
        all.add(reply("endless interim replies", FAILURE, out -> repeat(out, "", "HTTP/1.1 103 Wait\r\nA: b\r\n\r\n")));
        all.add(reply(
                "endless trailers", TOO_MANY_LINES, out -> repeat(out, CHUNKED + "0\r\n", "X-More: and more\r\n")));
        all.add(reply("endless chunk extension", TIMEOUT, out -> repeat(out, CHUNKED + "1;x=", "longer"))
                .withTimeout(2_000));
        all.add(reply(
                "redirects in a circle",
                "error: Number of redirects hit maximum amount",
                out -> say(
                        out,
                        "HTTP/1.1 302 Found\r\nLocation: /redirects-in-a-circle-again\r\nContent-Length: 0\r\n\r\n")));
        plain.reply(
                "/redirects-in-a-circle-again",
                out -> say(out, "HTTP/1.1 307 Again\r\nLocation: /redirects-in-a-circle\r\nContent-Length: 0\r\n\r\n"));
    }

    private void addTooSlow() {
        all.add(reply("a byte of the header a second", TIMEOUT, out -> drip(out, OK + "X-Slow: " + "a".repeat(100)))
                .withTimeout(3_000));
        all.add(reply("a byte of the body a second", TIMEOUT, out -> {
                    say(out, OK + "Content-Length: 100\r\n\r\n");
                    drip(out, "a".repeat(100));
                })
                .withTimeout(3_000));
        all.add(Poison.of("no server is asked, since its name hangs", "http://hang-and-time-out.test/", TIMEOUT)
                .withTimeout(1_500));
        all.add(Poison.of("name that does not resolve", "http://unknown.test/", "error: Couldn't resolve host name"));
    }

    private void addTooShort() {
        all.add(reply("closed at once", "error: Server returned nothing.*", out -> {}));
        all.add(reply(
                "closed in the headers", "error: Transferred a partial file", out -> say(out, OK + "X-Cut: in the")));
        String partial = "error: Transferred a partial file";
        all.add(reply("closed in the body", partial, out -> say(out, OK + "Content-Length: 10\r\n\r\nabc")));
        all.add(reply("closed in a chunk", partial, out -> say(out, CHUNKED + "a\r\nabc")));
        all.add(reply("closed in a gzip", FAILURE, out -> {
                    say(out, OK + "Content-Encoding: gzip\r\nContent-Length: 1000\r\n\r\n\u001f\u008b");
                })
                .withHeaders("{\"Accept-Encoding\": \"gzip\"}"));
    }

    private void addWhatIsNoHttp(Random random) {
        for (int i = 0; i < 10; i++) {
            byte[] garbage = new byte[random.nextInt(5_000) + 1];
            random.nextBytes(garbage);
            all.add(reply("garbage " + i, FAILURE, out -> out.write(garbage)));
        }
    }

    private void addTls() {
        String sslError = "error: SSL connect error.*";
        plain.reply("", "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
        all.add(Poison.of("TLS to a plain port", plain.url("/").replace("http:", "https:"), sslError));
        all.add(Poison.of("plain to a TLS port", selfSigned.url("/").replace("https:", "http:"), FAILURE));
        all.add(Poison.of("expired certificate", expired.url("/"), NOT_TRUSTED));
        all.add(Poison.of("self-signed certificate", selfSigned.url("/"), NOT_TRUSTED));
    }

    private void addText() {
        String text = OK + "Content-Type: text/plain; charset=utf-8\r\n";
        all.add(reply("invalid UTF-8 in a body", "200 .* \\\\x61ff62", out -> say(out, text + "\r\na\u00ffb")));
        all.add(reply("surrogate in a body", "200 .* \\\\xeda080", out -> say(out, text + "\r\n\u00ed\u00a0\u0080")));
        all.add(reply("NUL in a body", "200 .* \\\\x610062", out -> say(out, text + "\r\na\0b")));
        all.add(reply("NUL in a header", "error: Weird server reply", out -> say(out, OK + "X-Nul: a\0b\r\n\r\n")));
        all.add(reply("invalid UTF-8 in a header", "200 .*", out -> say(out, OK + "X-Bad: \u00ff\u00c3\r\n\r\n")));
        all.add(reply("surrogate in a header", "200 .*", out -> say(out, OK + "X-Bad: \u00ed\u00a0\u0080\r\n\r\n")));
        all.add(reply("JSON in a header", "200 .*", out -> say(out, OK + "X-Bad: \"\\ud800\", \\u0000 {\r\n\r\n")));
        all.add(reply("header's name in Greek", "200 .*", out -> say(out, OK + "\u00ce\u00b1\u00ce\u00b2: x\r\n\r\n")));
        String here = plain.url("/nothing");
        String nothing = "error: Server returned nothing.*";
        all.add(Poison.of("lone surrogate sent", here, "SQLSTATE 22P02").withHeaders("{\"X-Bad\": \"\\ud800\"}"));
        all.add(Poison.of("NUL sent", here, "SQLSTATE 22P05").withHeaders("{\"X-Bad\": \"a\\u0000b\"}"));
        all.add(Poison.of("Greek name sent", here, "SQLSTATE 22023").withHeaders("{\"αβ\": \"x\"}"));
        all.add(Poison.of("surrogate pair sent", here, nothing).withHeaders("{\"X-Odd\": \"\\ud83d\\ude00\"}"));
        all.add(Poison.of("line end sent", here, "SQLSTATE 22023").withHeaders("{\"X-Bad\": \"a\\r\\nb: c\"}"));
    }

    /** The request that gets this reply; its path is its name. */
    private Poison reply(String name, String outcome, RawServer.Script script) {
        String path = "/" + name.replace(' ', '-');
        plain.reply(path, script);
        return Poison.of(name, plain.url(path), outcome);
    }

    private static void say(OutputStream out, String bytes) throws IOException {
        out.write(bytes.getBytes(StandardCharsets.ISO_8859_1));
        out.flush();
    }

    private static void repeat(OutputStream out, String first, String again) throws IOException {
        say(out, first);
        byte[] block = again.repeat(Math.max(1, (1 << 16) / again.length())).getBytes(StandardCharsets.ISO_8859_1);
        for (long sent = 0; sent < TWO_GIGABYTES && !Thread.interrupted(); sent += block.length) {
            out.write(block);
        }
    }

    private static void drip(OutputStream out, String bytes) throws IOException, InterruptedException {
        for (char each : bytes.toCharArray()) {
            say(out, String.valueOf(each));
            Thread.sleep(1_000);
        }
    }

    private static void bomb(OutputStream out) throws IOException {
        say(out, OK + "Content-Encoding: gzip\r\n\r\n");
        byte[] zeros = new byte[1 << 20];
        try (OutputStream compressed = new GZIPOutputStream(out)) {
            for (long sent = 0; sent < TWO_GIGABYTES; sent += zeros.length) {
                compressed.write(zeros);
            }
        }
    }

    @Override
    public void close() {
        plain.close();
        expired.close();
        selfSigned.close();
    }
}
