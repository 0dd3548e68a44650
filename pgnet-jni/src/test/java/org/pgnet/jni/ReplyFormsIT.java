package org.pgnet.jni;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pgnet.testkit.Given;
import org.pgnet.testkit.PgNetTest;
import org.pgnet.testkit.cluster.PgCluster;
import org.pgnet.testkit.http.RawServer;
import org.pgnet.testkit.session.ResponseRow;
import org.pgnet.testkit.session.Session;

/** Each form that HTTP gives a response becomes the row that a reader expects. */
@PgNetTest
class ReplyFormsIT {
    @Given
    private static RawServer server;

    @Given
    private static PgCluster cluster;

    @Given
    private static Session caller;

    @ParameterizedTest
    @ValueSource(ints = {400, 401, 404, 407, 418, 429, 500, 503, 599, 999})
    void statusOfAnErrorIsASuccessfulExchange(int status) throws SQLException {
        server.reply("/error", "HTTP/1.1 " + status + " Whatever\r\nContent-Length: 3\r\n\r\nwhy");

        long id = caller.send("SELECT net.http_get(?)", server.url("/error"));

        assertThat(caller.text(
                        "SELECT concat_ws('|', status, message, (response).status_code, (response).body)"
                                + " FROM net.http_collect_response(?, false)",
                        id))
                .isEqualTo("SUCCESS|ok|" + status + "|why");
        assertThat(caller.answerTo(id).error()).isEmpty();
    }

    @Test
    void answerToAHeadHasHeadersAndNoBody() throws SQLException {
        server.reply("/head", "HTTP/1.1 200 OK\r\nContent-Type: text/css\r\nContent-Length: 700000000\r\n\r\n");

        ResponseRow row = caller.request("head", server.url("/head"));

        assertThat(row.headers()).contains("{\"Content-Type\": \"text/css\", \"Content-Length\": \"700000000\"}");
        assertThat(row.contentType()).contains("text/css");
        assertEmpty(row, 200);
    }

    @Test
    void responsesWithoutABodyHaveNone() throws SQLException {
        server.reply("/204", "HTTP/1.1 204 No Content\r\n\r\n");
        server.reply("/304", "HTTP/1.1 304 Not Modified\r\nContent-Length: 99\r\nETag: \"a\"\r\n\r\n");
        server.reply("/empty", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nContent-Type: text/plain\r\n\r\n");

        assertEmpty(caller.fetch(server.url("/204")), 204);
        assertEmpty(caller.fetch(server.url("/304")), 304);
        assertEmpty(caller.fetch(server.url("/empty")), 200);
    }

    @Test
    void interimResponsesAreNotTheAnswer() throws SQLException {
        server.reply(
                "/interim",
                "HTTP/1.1 100 Continue\r\nX-Interim: 1\r\n\r\n"
                        + "HTTP/1.1 103 Early Hints\r\nLink: </style.css>\r\nContent-Length: 7\r\n\r\n"
                        + "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-Final: 1\r\n\r\nfinal");

        ResponseRow row = caller.fetch(server.url("/interim"));

        assertThat(row.status()).isEqualTo(200);
        assertThat(row.content()).contains("final");
        assertThat(row.headers()).contains("{\"X-Final\": \"1\", \"Content-Length\": \"5\"}");
    }

    @Test
    void chunksAreJoinedAndTrailersAreNoHeaders() throws SQLException {
        server.reply(
                "/chunks",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n"
                        + "4;ext=\"1\"\r\nWiki\r\n6\r\npedia \r\nE\r\nin \r\n\r\nchunks.\r\n0\r\nX-Sum: 12\r\n\r\n");

        ResponseRow row = caller.fetch(server.url("/chunks"));

        assertThat(row.content()).contains("Wikipedia in \r\n\r\nchunks.");
        assertThat(row.headers()).contains("{\"Trailer\": \"X-Sum\", \"Transfer-Encoding\": \"chunked\"}");
    }

    @Test
    void bodyWithoutALengthEndsWithTheConnection() throws SQLException {
        server.reply("/old", "HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\nto the end");

        assertThat(caller.fetch(server.url("/old")).content()).contains("to the end");
    }

    @Test
    void responseNeedsNeitherReasonNorHeaders() throws SQLException {
        server.reply("/bare", "HTTP/1.1 200\r\n\r\nbare");

        ResponseRow row = caller.fetch(server.url("/bare"));

        assertThat(row.content()).contains("bare");
        assertThat(row.headers()).contains("{}");
        assertThat(row.contentType()).isEmpty();
    }

    private static void assertEmpty(ResponseRow row, int status) {
        assertThat(row.status()).isEqualTo(status);
        assertThat(row.content()).isEmpty();
        assertThat(row.bodyHex()).isEmpty();
        assertThat(row.error()).isEqualTo(Optional.empty());
    }
}
