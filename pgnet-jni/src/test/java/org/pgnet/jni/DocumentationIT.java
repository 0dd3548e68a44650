package org.pgnet.jni;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.pgnet.testkit.PgNetTest;
import org.pgnet.testkit.cluster.PgCluster;
import org.pgnet.testkit.http.HttpServerFixture;

/** What users paste from pg_net's documentation works as it is written there. */
@PgNetTest(extension = false)
class DocumentationIT {
    @Test
    void documentedStatementsWorkAsWritten(PgCluster cluster, HttpServerFixture server) {
        cluster.psql("create schema if not exists net;");
        cluster.psql("create extension pg_net with schema net;");
        assertThat(cluster.psql("select net.http_get('" + server.url("/get") + "') as request_id;"))
                .isEqualTo("1");
        assertThat(cluster.psql("select net.http_post(url := '" + server.url("/post") + "',"
                        + " body := '{\"hello\": \"world\"}'::jsonb) as request_id;"))
                .isEqualTo("2");

        assertThat(cluster.psql("select * from net.http_collect_response(1, async := false);"))
                .startsWith("SUCCESS|ok|(200,")
                .contains("/get");
        assertThat(cluster.psql("select (response).body::json from net.http_collect_response(request_id := 1);"))
                .isEqualTo("{\"method\": \"GET\", \"target\": \"/get\"}");
        assertThat(cluster.psql("select (response).body from net.http_collect_response(2, async := false);"))
                .isEqualTo("{\"hello\": \"world\"}");

        cluster.psql("drop extension if exists pg_net; drop schema net;");
        assertThat(cluster.psql("select count(*) from pg_namespace where nspname = 'net'"))
                .isEqualTo("0");
    }
}
