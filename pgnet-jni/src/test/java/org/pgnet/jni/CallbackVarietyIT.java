package org.pgnet.jni;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.SQLException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.pgnet.testkit.Given;
import org.pgnet.testkit.PgNetTest;
import org.pgnet.testkit.http.HttpServerFixture;
import org.pgnet.testkit.session.Session;

/** Functions of {@code on_response} with any name, of any kind, for any role and context, and with any error. */
@PgNetTest(sql = {"CREATE ROLE \"Odd \"\"Role\"\"'s\" LOGIN", "CREATE ROLE plain LOGIN"})
class CallbackVarietyIT {
    private static final String ARGUMENTS = "(bigint, net._http_response, jsonb)";
    private static final String SAW =
            " LANGUAGE sql AS $$ INSERT INTO public.saw VALUES ($1, concat_ws('|', current_user,"
                    + " $2.status_code, $3)) $$";

    @Given
    private static HttpServerFixture server;

    @Given
    private static Session session;

    @Given(role = "Odd \"Role\"'s")
    private static Session odd;

    @Given(role = "plain")
    private static Session plain;

    @BeforeEach
    void start() throws SQLException {
        session.execute(
                "TRUNCATE net.http_request_queue, net._http_response, net._callbacks, net.dead_letters",
                "CREATE TABLE IF NOT EXISTS public.saw (id bigint, what text)",
                "TRUNCATE public.saw",
                "GRANT ALL ON public.saw TO PUBLIC",
                "GRANT CREATE ON SCHEMA public TO PUBLIC",
                "GRANT CREATE ON DATABASE postgres TO PUBLIC");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "public.f",
                "\"Odd \"\"Schema\"\"\".\"f(x)\"",
                "\"a.b\".\"c.d\"",
                "\"select\".\"table\"",
                "\"; drop table public.saw; --\".\"%s $1 '\"",
                "\"gr\u00fc\u00dfe\".\"\u95a2\u6570\"",
                "PUBLIC.UpperCase"
            })
    void functionHasAnyName(String name) throws SQLException {
        String schema = name.replaceAll("\\.(\"(?:[^\"]|\"\")*\"|\\w+)$", "");
        odd.execute(
                "CREATE SCHEMA IF NOT EXISTS " + schema,
                "CREATE OR REPLACE FUNCTION " + name + ARGUMENTS + " RETURNS void" + SAW);

        long id = request(odd, name, "{}");

        assertThat(saw(id)).isEqualTo("Odd \"Role\"'s|200|{}");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "null",
                "false",
                "1e300",
                "\"text\"",
                "[]",
                "[1, [2]]",
                "{\"a\": null, \"\u00e4\": \"\ud83d\ude00\", \"quote\": \"it's \\\"so\\\"\"}"
            })
    void contextIsAnyJson(String context) throws SQLException {
        plain.execute("CREATE OR REPLACE FUNCTION public.of_plain" + ARGUMENTS + " RETURNS void LANGUAGE sql AS $$"
                + " INSERT INTO public.saw VALUES ($1, concat_ws('|', $3 IS NULL, jsonb_typeof($3), $3)) $$");

        long id = request(plain, "public.of_plain", context);

        assertThat(saw(id))
                .isEqualTo(plain.text(
                        "SELECT concat_ws('|', 'f', jsonb_typeof(c), c) FROM (VALUES (?::jsonb)) v (c)", context));
    }

    @Test
    void contextMayBeLarge() throws SQLException {
        plain.execute("CREATE OR REPLACE FUNCTION public.of_large" + ARGUMENTS + " RETURNS void LANGUAGE sql AS"
                + " $$ INSERT INTO public.saw VALUES ($1, length($3->>'x')::text) $$");

        long id = plain.number("SELECT net.request('" + server.url("/get") + "', on_response => 'public.of_large',"
                + " context => jsonb_build_object('x', repeat('y', 3000000)))");

        assertThat(saw(id)).isEqualTo("3000000");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "RETURNS integer LANGUAGE sql AS $$ INSERT INTO public.saw VALUES ($1, 'integer'); SELECT 1 $$",
                "RETURNS text LANGUAGE plpgsql AS $$ BEGIN INSERT INTO public.saw VALUES ($1, 'text'); RETURN NULL; END $$",
                "RETURNS record LANGUAGE sql AS $$ INSERT INTO public.saw VALUES ($1, 'record'); SELECT 1, 2 $$",
                "RETURNS void STABLE LANGUAGE plpgsql AS $$ BEGIN PERFORM public.note($1, 'stable'); END $$",
                "RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS"
                        + " $$ BEGIN INSERT INTO public.saw VALUES ($1, 'definer'); END $$",
                "RETURNS void LANGUAGE plpgsql AS $$ BEGIN BEGIN PERFORM 1 / 0; EXCEPTION WHEN OTHERS THEN"
                        + " INSERT INTO public.saw VALUES ($1, 'caught'); END; END $$"
            })
    void functionIsOfAnyKind(String definition) throws SQLException {
        plain.execute(
                "CREATE OR REPLACE FUNCTION public.note(bigint, text) RETURNS void VOLATILE LANGUAGE sql AS"
                        + " $$ INSERT INTO public.saw VALUES ($1, $2) $$",
                "DROP FUNCTION IF EXISTS public.kind" + ARGUMENTS,
                "CREATE FUNCTION public.kind" + ARGUMENTS + " " + definition);

        assertThat(definition).contains(saw(request(plain, "public.kind", null)));
    }

    /** One with other arguments beside it is not taken for it. */
    @Test
    void argumentsTellFunctionsOfOneNameApart() throws SQLException {
        plain.execute(
                "CREATE FUNCTION public.one_of(bigint, net._http_response, json) RETURNS void LANGUAGE sql AS"
                        + " $$ INSERT INTO public.saw VALUES ($1, 'json') $$",
                "CREATE FUNCTION public.one_of(bigint, net._http_response, jsonb, integer DEFAULT 0) RETURNS void"
                        + " LANGUAGE sql AS $$ INSERT INTO public.saw VALUES ($1, 'four') $$");
        assertThatThrownBy(() -> request(plain, "public.one_of", null))
                .extracting("SQLState")
                .isEqualTo("42883");

        plain.execute("CREATE FUNCTION public.one_of" + ARGUMENTS + " RETURNS void LANGUAGE sql AS"
                + " $$ INSERT INTO public.saw VALUES ($1, 'jsonb') $$");
        assertThat(saw(request(plain, "public.one_of", null))).isEqualTo("jsonb");
    }

    /** Those among them that would be an outage, a cancel or an end for the extension itself are the function's, too. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "P0001", "P0004", "22012", "23505", "40001", "40P01", "53100", "53200", "54001", "55P03", "57014",
                "57P01", "57P03", "58030", "08006", "0A000", "25P02", "42501", "XX000", "XX001", "ZZZZZ"
            })
    void errorOfAnyKindIsTriedAgain(String sqlState) throws SQLException {
        plain.execute("CREATE OR REPLACE FUNCTION public.raises" + ARGUMENTS + " RETURNS void LANGUAGE plpgsql AS"
                + " $$ BEGIN INSERT INTO public.saw VALUES ($1, 'undone');"
                + " RAISE EXCEPTION 'it''s \"%\" \\x', 'odd' USING ERRCODE = '" + sqlState + "'; END $$");

        long id = request(plain, "public.raises", null);

        session.await(
                "SELECT count(*) FROM net._callbacks WHERE attempts >= 1 AND error_msg = '" + sqlState
                        + ": it''s \"odd\" \\x' AND due > clock_timestamp() - interval '1 s' AND request_id = " + id,
                1);
        assertThat(session.number("SELECT count(*) FROM public.saw")).isZero();
        session.execute("SELECT net.cancel(" + id + ")");
    }

    private static long request(Session who, String function, String context) throws SQLException {
        return who.number(
                "SELECT net.request(?, on_response => ?, context => ?::jsonb)", server.url("/get"), function, context);
    }

    private static String saw(long id) throws SQLException {
        session.await("SELECT count(*) FROM public.saw WHERE id = " + id, 1);
        return session.text("SELECT what FROM public.saw WHERE id = ?", id);
    }
}
