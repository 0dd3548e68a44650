-- Something to look at in pgnet ui: a trickle of requests, a slow host, and one that does not answer. Run by docs/demo/start;
-- psql's variables are the addresses of an HTTP server and of a port where nothing listens.
\set ON_ERROR_STOP on

CREATE SCHEMA demo;
CREATE TABLE demo.addresses AS SELECT :'server'::text AS server, :'down'::text AS down;

INSERT INTO net.policies (name, delays, max_attempts, comment)
  VALUES ('soon', '{3 s,6 s}', 3, 'Three attempts within ten seconds.');
-- Whatever is asked of the slow path waits for its turn.
INSERT INTO net.hosts (pattern, max_in_flight, comment) VALUES ('localhost', 2, 'slow: two at once');

-- Called every two seconds: some requests that work, now and then one that is slow, and one that cannot.
CREATE PROCEDURE demo.tick() LANGUAGE plpgsql AS $$
DECLARE
  server text := (SELECT a.server FROM demo.addresses a);
  down text := (SELECT a.down FROM demo.addresses a);
BEGIN
  PERFORM net.request(server || '/orders/' || n, jsonb_build_object('order', n, 'total', round((random() * 100)::numeric, 2)))
    FROM generate_series(1, 1 + (random() * 6)::int) n;
  IF random() < 0.3 THEN
    PERFORM net.request(replace(server, '127.0.0.1', 'localhost') || '/slow', timeout => '20 s');
  END IF;
  IF random() < 0.2 THEN
    PERFORM net.request(down || '/payouts', jsonb_build_object('payout', (random() * 1000)::int), policy => 'soon');
  END IF;
END $$;

SELECT net.request(:'server' || '/reminders/1', '{"reminder": 1}', delay => '2 hours') IS NOT NULL AS scheduled \gset
SELECT net.request(:'down' || '/billing/' || n, jsonb_build_object('bill', n), policy => 'standard', order_key => 'customer 7') IS NOT NULL AS queued
  FROM generate_series(1, 3) n \g /dev/null
