#!/bin/bash
# Makes a cluster in PGDATA when there is none, runs what is in /docker-entrypoint-initdb.d, and becomes the server.
# Honours POSTGRES_USER, POSTGRES_PASSWORD, POSTGRES_DB, POSTGRES_INITDB_ARGS (each also as NAME_FILE) and
# POSTGRES_HOST_AUTH_METHOD, as the official image does.
set -euo pipefail
shopt -s nullglob

# The value of a variable, of the file that NAME_FILE names, or a default.
setting() {
    local file_name=$1_FILE
    if [ -n "${!file_name:-}" ]; then
        cat "${!file_name}"
    else
        echo "${!1:-$2}"
    fi
}

if [ "${1:0:1}" = - ]; then
    set -- postgres "$@"
fi
if [ "$1" != postgres ]; then
    exec "$@"
fi
if [ "$(id -u)" = 0 ]; then
    mkdir -p "$PGDATA"
    chmod 700 "$PGDATA"
    find "$PGDATA" /var/run/postgresql \! -user postgres -exec chown postgres: {} +
    exec setpriv --reuid=postgres --regid=postgres --init-groups "$0" "$@"
fi
if [ -s "$PGDATA/PG_VERSION" ]; then
    exec "$@"
fi

user=$(setting POSTGRES_USER postgres)
database=$(setting POSTGRES_DB "$user")
password=$(setting POSTGRES_PASSWORD "")
initdb_arguments=$(setting POSTGRES_INITDB_ARGS "")
host_method=${POSTGRES_HOST_AUTH_METHOD:-scram-sha-256}
if [ -z "$password" ] && [ "$host_method" != trust ]; then
    echo "POSTGRES_PASSWORD is not set, and without one nobody could connect over TCP." >&2
    exit 1
fi

# shellcheck disable=SC2086 # options, separated by blanks
initdb --username="$user" --pwfile=<(echo "$password") $initdb_arguments
echo "host all all all $host_method" >>"$PGDATA/pg_hba.conf"

# A server that only this script reaches, with the settings of the one to come.
pg_ctl -D "$PGDATA" -o "$(printf '%q ' "${@:2}" -c listen_addresses=)" -w start
run_sql() {
    PGHOST='' PGPASSWORD=$password psql -v ON_ERROR_STOP=1 --no-psqlrc --no-password --username="$user" "$@"
}
if [ "$database" != postgres ]; then
    run_sql --dbname=postgres -v name="$database" <<<'create database :"name";'
fi
# Scripts that are sourced may use these.
export POSTGRES_USER=$user POSTGRES_DB=$database POSTGRES_PASSWORD=$password
for script in /docker-entrypoint-initdb.d/*; do
    echo "$0: $script"
    case $script in
        *.sh) if [ -x "$script" ]; then "$script"; else . "$script"; fi ;;
        *.sql) run_sql --dbname="$database" --file="$script" ;;
        *.sql.gz) gunzip -c "$script" | run_sql --dbname="$database" ;;
    esac
done
PGUSER=$user pg_ctl -D "$PGDATA" -m fast -w stop

unset POSTGRES_PASSWORD
exec "$@"
