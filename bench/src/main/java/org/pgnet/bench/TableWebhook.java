package org.pgnet.bench;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** An UPDATE of many rows of a table with one webhook, beside triggers that people write. Nothing is sent meanwhile. */
final class TableWebhook implements Scenario {
    private static final String UPDATE = "UPDATE orders SET status = 'paid', total = total + 1";

    private static final List<String> TABLE = List.of(
            "CREATE TABLE orders (id int PRIMARY KEY, customer text, status text, total numeric, placed timestamptz, paid boolean)",
            "INSERT INTO orders SELECT g, 'customer ' || g, 'new', g * 1.25, now(), mod(g, 2) = 0 FROM generate_series(1, %d) g",
            "VACUUM ANALYZE orders");

    /**
     * With the rows of the statement: the same JSON, and the same columns of the queue, as the webhook, without a signature. In
     * one INSERT, and as json, which is faster than calls of net.request and than jsonb.
     */
    private static final String HAND_WRITTEN = """
            CREATE OR REPLACE FUNCTION hand_written() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                INSERT INTO net.http_request_queue (method, url, headers, body, timeout_milliseconds, policy)
                SELECT 'POST', '%s', '{"Content-Type": "application/json"}', convert_to(json_build_object(
                        'type', 'public.orders.update', 'timestamp', now(),
                        'data', json_build_object('record', n, 'old_record', o))::text, 'UTF8'),
                    15000, 'standard'
                FROM new_rows n JOIN old_rows o USING (id);
                RETURN NULL;
            END $$""";

    /** For each row, as the database webhooks of Supabase are. */
    private static final String ROW_TRIGGER = """
            CREATE OR REPLACE FUNCTION for_each_row() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                PERFORM net.http_post('%s', jsonb_build_object('old_record', OLD, 'record', NEW, 'type', TG_OP,
                    'table', TG_TABLE_NAME, 'schema', TG_TABLE_SCHEMA), '{}', '{"Content-Type": "application/json"}', 15000);
                RETURN NEW;
            END $$""";

    private final List<Double> webhook = new ArrayList<>();
    private final List<Double> handWritten = new ArrayList<>();
    private final List<Double> rowTrigger = new ArrayList<>();
    private final List<Double> untouched = new ArrayList<>();

    @Override
    public String name() {
        return "webhook";
    }

    @Override
    public List<Row> run(Bench bench) throws SQLException {
        int rows = bench.count(100_000, 1_000);
        String url = bench.nginx().url("/");
        try (Database database = Database.start("pg_net.batch_size = 0")) {
            database.execute(HAND_WRITTEN.formatted(url), ROW_TRIGGER.formatted(url));
            for (int round = 0; round < bench.rounds(); round++) {
                untouched.add(update(database, rows, List.of()));
                webhook.add(update(
                        database, rows, List.of("SELECT net.create_webhook('orders', 'orders', '" + url + "')")));
                handWritten.add(update(
                        database,
                        rows,
                        List.of("CREATE TRIGGER hook AFTER UPDATE ON orders"
                                + " REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows"
                                + " FOR EACH STATEMENT EXECUTE FUNCTION hand_written()")));
                rowTrigger.add(
                        update(
                                database,
                                rows,
                                List.of(
                                        "CREATE TRIGGER hook AFTER UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION for_each_row()")));
            }
        }
        String what = "webhook: UPDATE of %,d rows of a table with one".formatted(rows) + ", signed (without any: "
                + Figures.seconds(Figures.median(untouched)) + ")";
        String figure = Figures.seconds(Figures.median(webhook));
        return List.of(
                Row.ofRatio(
                        what,
                        figure,
                        "hand-written statement trigger: " + Figures.seconds(Figures.median(handWritten)),
                        Figures.medianRatio(webhook, handWritten),
                        Bound.atMost(1.3),
                        ""),
                Row.ofRatio(
                        "the same",
                        figure,
                        "row trigger as Supabase's: " + Figures.seconds(Figures.median(rowTrigger)),
                        Figures.medianRatio(webhook, rowTrigger),
                        Bound.atMost(0.33),
                        ""));
    }

    /** Seconds of an UPDATE of all rows of a new table on which these statements have put something. */
    private static double update(Database database, int rows, List<String> statements) throws SQLException {
        database.execute(
                "DROP TABLE IF EXISTS orders", TABLE.get(0), TABLE.get(1).formatted(rows), TABLE.get(2));
        database.execute(statements.toArray(String[]::new));
        database.clean();
        return database.timed(UPDATE);
    }
}
