-- net.cancel(request_id): true if the request will leave no response.
begin;
select net.http_get('http://127.0.0.1/') as id \gset
select net.cancel(:id);
select count(*) from net.http_request_queue;
select net.cancel(:id) as again;
rollback;

-- In flight.
select net.http_get(current_setting('test.server') || '/hang') as id \gset
select net.cancel(:id);
select * from net.http_collect_response(:id, async := false);

-- Too late, or not known.
select net.http_get(current_setting('test.server') || '/get') as id \gset
select status from net.http_collect_response(:id, async := false);
select net.cancel(:id), net.cancel(-1), net.cancel(null);

-- Only a role that may see a request may cancel it.
create role stranger;
begin;
select net.http_get('http://127.0.0.1/') as id \gset
set local role stranger;
select net.cancel(:id);
reset role;
select net.cancel(:id);
rollback;
drop role stranger;
