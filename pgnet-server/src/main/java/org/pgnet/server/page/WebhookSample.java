package org.pgnet.server.page;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.pgnet.server.database.Row;

/** The body of an event of a webhook, made of a row of its table. */
final class WebhookSample {
    private static final String NOT_GRANTED = "42501";
    private static final String PARTS = """
            select n.nspname as schema, c.relname as table,
                (select json_object_agg(a.attname, format_type(a.atttypid, a.atttypmod) order by a.attnum)::text
                    from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped) as columns
            from pg_class c join pg_namespace n on n.oid = c.relnamespace
            where c.oid = to_regclass(?)
            """;
    /** Its table's name comes out of the database, quoted. */
    private static final String ROW = "select left(row_to_json(t)::text, 65536) as record from %s t limit 1";

    private WebhookSample() {}

    /** Of an empty table, or one that the role may not read, the types stand for the values. */
    static Optional<String> of(Look look, WebhooksPage.Webhook webhook) throws SQLException {
        Optional<Row> parts = look.oldRows(PARTS, webhook.table()).stream().findFirst();
        if (parts.isEmpty()) {
            return Optional.empty();
        }
        String record = record(look, webhook.table()).orElse(parts.get().textOrEmpty("columns"));
        String body = webhook.format().equals("supabase")
                ? supabase(webhook, parts.get(), record)
                : standard(webhook, parts.get(), record);
        return Body.pretty(body);
    }

    private static Optional<String> record(Look look, String table) throws SQLException {
        try {
            return look.oldRows(ROW.formatted(table)).stream().findFirst().flatMap(row -> row.text("record"));
        } catch (SQLException e) {
            if (NOT_GRANTED.equals(e.getSQLState())) {
                return Optional.empty();
            }
            throw e;
        }
    }

    private static String standard(WebhooksPage.Webhook webhook, Row parts, String record) {
        return json(json -> {
            json.writeStringField(
                    "type", parts.textOrEmpty("schema") + "." + parts.textOrEmpty("table") + "." + event(webhook));
            json.writeStringField(
                    "timestamp", webhook.created().orElse(Instant.EPOCH).toString());
            json.writeObjectFieldStart("data");
            rows(json, event(webhook), record);
            json.writeEndObject();
        });
    }

    private static String supabase(WebhooksPage.Webhook webhook, Row parts, String record) {
        return json(json -> {
            json.writeStringField("type", event(webhook).toUpperCase(Locale.ROOT));
            json.writeStringField("table", parts.textOrEmpty("table"));
            json.writeStringField("schema", parts.textOrEmpty("schema"));
            rows(json, event(webhook), record);
        });
    }

    private static void rows(JsonGenerator json, String event, String record) throws IOException {
        json.writeFieldName("record");
        json.writeRawValue(List.of("insert", "update").contains(event) ? record : "null");
        json.writeFieldName("old_record");
        json.writeRawValue(List.of("update", "delete").contains(event) ? record : "null");
    }

    private static String event(WebhooksPage.Webhook webhook) {
        return webhook.events().replaceFirst(",.*", "");
    }

    @FunctionalInterface
    private interface Members {
        void write(JsonGenerator json) throws IOException;
    }

    private static String json(Members members) {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = new JsonFactory().createGenerator(text)) {
            json.writeStartObject();
            members.write(json);
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return text.toString();
    }
}
