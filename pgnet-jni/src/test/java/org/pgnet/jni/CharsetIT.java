package org.pgnet.jni;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.pgnet.testkit.Given;
import org.pgnet.testkit.PgNetTest;
import org.pgnet.testkit.Sharing;
import org.pgnet.testkit.cluster.PgCluster;
import org.pgnet.testkit.http.HttpServerFixture;
import org.pgnet.testkit.http.Reply;
import org.pgnet.testkit.session.ResponseRow;
import org.pgnet.testkit.session.Session;

/** Text is decoded from the response's charset into the database's encoding; what is no text is kept as bytes. */
@PgNetTest(
        sql = {
            "CREATE DATABASE in_latin1 TEMPLATE template0 LOCALE 'C' ENCODING 'LATIN1'",
            "CREATE DATABASE in_ascii TEMPLATE template0 LOCALE 'C' ENCODING 'SQL_ASCII'"
        },
        databases = {"in_latin1", "in_ascii"},
        cluster = Sharing.WITH_NONE)
class CharsetIT {
    @Given
    private static HttpServerFixture server;

    @Given
    private static PgCluster cluster;

    @Given
    private static Session utf8;

    @BeforeAll
    static void createExtensions() throws SQLException {
        for (String database : new String[] {"in_latin1", "in_ascii"}) {
            try (Session session = cluster.session(database, "postgres")) {
                session.execute("CREATE EXTENSION pg_net");
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "utf-8,          c3a9e282acf09f9880, é€😀",
        "'',             c3a9,               é",
        "'\"UTF-8\"',    c3a9,               é",
        "us-ascii,       6162,               ab",
        "ISO-8859-1,     e9dfa4,             éß¤",
        "ISO-8859-15,    e9a4,               é€",
        "windows-1252,   8093e9,             €“é",
        "windows-1255,   f9ece5ed,           שלום",
        "windows-1258,   56696574,           Viet",
        "UTF-16,         feff00e920ac,       é€",
        "UTF-16,         fffee900ac20,       é€",
        "utf-16le,       e9003dd800de,       é😀",
        "Shift_JIS,      93fa967b,           日本",
        "EUC-JP,         c6fccbdc,           日本",
        "iso-2022-jp,    1b2442467c4b5c1b2842, 日本",
        "GB18030,        c8d5b1be,           日本",
        "KOI8-R,         cdc9d2,             мир"
    })
    void textIsDecoded(String charset, String hex, String text) throws SQLException {
        serve(charset, hex);

        ResponseRow row = utf8.fetch(server.url("/text"));

        assertThat(row.content()).contains(text);
        assertThat(row.bodyHex()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"utf8mb4", "None", "utf-8,gbk", "undefined", "//", "utf-8//IGNORE", "x-user-defined"})
    void labelThatNamesNoCharsetCountsAsNone(String charset) throws SQLException {
        serve(charset, "c3a9e282ac");

        assertThat(utf8.fetch(server.url("/text")).content()).contains("é€");
    }

    @ParameterizedTest
    @CsvSource({
        "application/json,          ISO-8859-1,   22c3a922,               é",
        "application/problem+json,  windows-1252, 22e282ac22,             €",
        "text/json,                 Shift_JIS,    22e697a522,             日",
        "application/json,          ISO-8859-1,   22e922,                 é",
        "application/json,          UTF-16LE,     2200e9002200,           é",
        "application/json,          iso-2022-jp,  221b2442467c1b284222,   日",
        "text/plain,                ISO-8859-1,   22c3a922,               Ã©"
    })
    void jsonInUtf8IsThatWhateverItsLabel(String type, String charset, String hex, String letter) throws SQLException {
        serve("Content-Type: " + type + "; charset=" + charset, HexFormat.of().parseHex(hex));

        assertThat(utf8.fetch(server.url("/text")).content()).contains('"' + letter + '"');
    }

    @ParameterizedTest
    @CsvSource({
        "no-such-charset,   61ff62",
        "utf-8,             61ff62",
        "utf-8,             c080",
        "utf-8,             eda080",
        "utf-8,             c3",
        "utf-8,             610062",
        "utf-8//IGNORE,     61ff62",
        "us-ascii//TRANSLIT//IGNORE, 61ff62",
        "iso-8859-1,        610062",
        "utf-16,            feff00610000",
        "utf-16,            feff0061d800",
        "utf-16le,          610062",
        "Shift_JIS,         6193",
        "windows-1252,      6181"
    })
    void whatIsNoTextIsKeptByteForByte(String charset, String hex) throws SQLException {
        serve(charset, hex);

        ResponseRow row = utf8.fetch(server.url("/text"));

        assertThat(row.status()).isEqualTo(200);
        assertThat(row.content()).isEmpty();
        assertThat(row.bodyHex()).contains(hex);
        assertThat(row.error()).isEmpty();
    }

    @Test
    void everyByteIsKept() throws SQLException {
        byte[] all = new byte[256];
        for (int i = 0; i < all.length; i++) {
            all[i] = (byte) i;
        }
        serve("utf-8", HexFormat.of().formatHex(all));

        assertThat(utf8.fetch(server.url("/text")).bodyHex())
                .contains(HexFormat.of().formatHex(all));
    }

    @Test
    void databaseInLatin1HoldsWhatItCan() throws SQLException {
        try (Session latin1 = cluster.session("in_latin1", "postgres")) {
            assertThat(answer(latin1, "utf-8", "c3a9").content()).contains("é");
            assertThat(answer(latin1, "iso-8859-1", "e9").content()).contains("é");
            assertThat(latin1.text("SELECT encode(convert_to(content, 'LATIN1'), 'hex') FROM net._http_response"
                            + " ORDER BY id DESC LIMIT 1"))
                    .isEqualTo("e9");
            assertBytes(answer(latin1, "utf-8", "e282ac"), "e282ac");
            assertBytes(answer(latin1, "windows-1252", "80"), "80");
            assertBytes(answer(latin1, "utf-8", "ff"), "ff");
            serve(
                    "Content-Type: application/json; charset=iso-8859-1",
                    HexFormat.of().parseHex("22e282ac22"));
            assertBytes(latin1.fetch(server.url("/text")), "22e282ac22");
        }
    }

    @Test
    void headersThatLatin1LacksDoNotCostTheResponse() throws SQLException {
        // The fixture writes header lines a byte for each character: this is the euro sign in UTF-8.
        server.handle(
                "/text",
                request -> Optional.of(new Reply(200, List.of("X-Price: 5 \u00e2\u0082\u00ac"), new byte[] {'a'})));
        try (Session latin1 = cluster.session("in_latin1", "postgres")) {
            ResponseRow row = latin1.fetch(server.url("/text"));

            assertThat(row.content()).contains("a");
            assertThat(row.headers().orElseThrow()).contains("\"X-Price\": \"5 ???\"");
        }
        assertThat(utf8.fetch(server.url("/text")).headers().orElseThrow()).contains("\"X-Price\": \"5 €\"");
    }

    @Test
    void databaseInSqlAsciiHoldsUtf8() throws SQLException {
        try (Session ascii = cluster.session("in_ascii", "postgres")) {
            assertThat(answer(ascii, "utf-8", "c3a9").content()).contains("é");
            assertThat(answer(ascii, "iso-8859-1", "e9").content()).contains("é");
            assertBytes(answer(ascii, "utf-8", "61ff"), "61ff");
            assertBytes(answer(ascii, "utf-8", "6100"), "6100");
        }
    }

    private static void assertBytes(ResponseRow row, String hex) {
        assertThat(row.content()).isEmpty();
        assertThat(row.bodyHex()).contains(hex);
    }

    private static ResponseRow answer(Session caller, String charset, String hex) throws SQLException {
        serve(charset, hex);
        return caller.fetch(server.url("/text"));
    }

    private static void serve(String charset, String hex) {
        serve(
                "Content-Type: text/plain" + (charset.isEmpty() ? "" : "; charset=" + charset),
                HexFormat.of().parseHex(hex));
    }

    private static void serve(String headerLine, byte[] body) {
        server.handle("/text", request -> Optional.of(new Reply(200, List.of(headerLine), body)));
    }
}
