-- What pg_net is for, step by step. Run by docs/demo/start; psql's variable `server` is the address of an HTTP server.
\set QUIET on
\pset footer off
\pset null (null)
\set ON_ERROR_STOP on

\echo
\echo '== 1. Install the extension'
CREATE EXTENSION pg_net;

\echo
\echo '== 2. A GET. The call returns at once, with a number for the request; it is sent when the transaction commits.'
SELECT net.http_get(:'server' || '/hello', params := '{"name": "world"}') AS request_id \gset
\echo 'request_id' :request_id
SELECT status, message, (response).status_code, (response).body
  FROM net.http_collect_response(:request_id, async := false);

\echo
\echo '== 3. A POST from a trigger: each order is reported, and no order waits for the network.'
CREATE TABLE orders (
  id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  item text,
  quantity int,
  request_id bigint
);
CREATE FUNCTION report_order() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.request_id := net.http_post(url := TG_ARGV[0] || '/orders', body := to_jsonb(NEW) - 'request_id');
  RETURN NEW;
END
$$;
CREATE TRIGGER report_order BEFORE INSERT ON orders FOR EACH ROW EXECUTE FUNCTION report_order(:'server');
INSERT INTO orders (item, quantity) VALUES ('espresso', 2), ('croissant', 1);
SELECT orders.id, item, status, (response).status_code, (response).body
  FROM orders, net.http_collect_response(request_id, async := false);

\echo
\echo '== 4. A request that takes too long: an answer as well, of status ERROR.'
SELECT net.http_get(:'server' || '/slow', timeout_milliseconds := 300) AS request_id \gset
\echo 'request_id' :request_id
SELECT * FROM net.http_collect_response(:request_id, async := false);

\echo
\echo '== 5. A burst: 1,000 requests in one statement.'
SELECT clock_timestamp() AS started \gset
CREATE TABLE burst AS
  SELECT net.http_get(:'server' || '/burst', params := jsonb_build_object('n', n)) AS request_id
    FROM generate_series(1, 1000) n;
SELECT status, (response).status_code, count(*)
  FROM burst, net.http_collect_response(request_id, async := false)
  GROUP BY 1, 2;
SELECT count(*) AS responses,
       round(extract(epoch FROM max(created) - :'started') * 1000) AS "milliseconds, the statement included",
       round(count(*) / extract(epoch FROM max(created) - :'started')) AS "requests per second"
  FROM net._http_response
  WHERE id IN (SELECT request_id FROM burst);
