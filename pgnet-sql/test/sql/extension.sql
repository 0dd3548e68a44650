-- CREATE EXTENSION makes schema net, and DROP EXTENSION drops it.
drop extension pg_net;
select to_regnamespace('net');
create extension pg_net;
drop extension pg_net;

-- A schema that was there is used, and stays.
create schema net;
create extension pg_net;
drop extension pg_net;
select to_regnamespace('net');
drop schema net;

-- WITH SCHEMA is accepted, and changes nothing.
create schema extensions;
create extension pg_net with schema extensions;
select 'net.http_get'::regproc;
drop extension pg_net;
drop schema extensions;

-- A schema of another role is not.
create role somebody;
create schema net authorization somebody;
create extension pg_net;
\echo :SQLSTATE
drop schema net;
drop role somebody;

-- A publication of all tables would carry the requests.
set client_min_messages = error;
create publication everything for all tables;
reset client_min_messages;
create extension pg_net;
drop publication everything;
