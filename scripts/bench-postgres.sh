#!/bin/sh
# Measures the server on PostgreSQL. Uses the server in ENGAGE_DATABASE__URL, whose user may create
# databases, or a private cluster in a temporary folder with durable commits. The arguments are the
# numbers of cases to list from, `dispatch` to measure delivery, or `people` to measure the
# lists of the cases of a contact and of an organization.
set -eu

bench() {
    case "${1:-}" in
        dispatch | people) target/release/engage-bench "$1" ;;
        *) target/release/engage-bench postgres "$@" ;;
    esac
}

if [ -n "${ENGAGE_DATABASE__URL:-}" ]; then
    bench "$@"
    exit
fi

binaries=$(dirname "$(ls /usr/lib/postgresql/*/bin/initdb 2>/dev/null | sort -V | tail -n 1 || true)")
[ -x "$binaries/initdb" ] || binaries=$(dirname "$(command -v initdb)")
folder=$(mktemp -d /tmp/engage-bench-XXXXXX)

# PostgreSQL refuses to run as root.
as_nobody() {
    if [ "$(id -u)" = 0 ]; then
        (cd / && setpriv --reuid=65534 --regid=65534 --clear-groups "$@")
    else
        (cd / && "$@")
    fi
}
if [ "$(id -u)" = 0 ]; then
    chown 65534:65534 "$folder"
fi

stop() {
    as_nobody "$binaries/pg_ctl" --silent --mode=immediate --pgdata="$folder/data" stop || true
    rm -rf "$folder"
}
trap stop EXIT
trap 'exit 1' INT TERM

as_nobody "$binaries/initdb" --username=engage --auth=trust --encoding=UTF8 --no-locale \
    --pgdata="$folder/data" > /dev/null
# Settings that suit a million cases. All others have their defaults.
cat >> "$folder/data/postgresql.conf" <<CONFIGURATION
listen_addresses = ''
unix_socket_directories = '$folder'
shared_buffers = 1GB
maintenance_work_mem = 512MB
max_wal_size = 4GB
effective_io_concurrency = 200
session_preload_libraries = 'auto_explain'
CONFIGURATION
as_nobody "$binaries/pg_ctl" --silent --wait --pgdata="$folder/data" --log="$folder/log" start

socket=$(printf '%s' "$folder" | sed 's:/:%2F:g')
export ENGAGE_DATABASE__URL="postgres://engage@$socket/postgres"
bench "$@"
case "${1:-}" in dispatch | people) exit 0 ;; esac

echo
echo "plans of the lists, each for its slowest order:"
awk '
    /LOG:  duration: / { keep = 0; next }
    /Query Text: SELECT .===/ { sub(/.*Query Text: SELECT ./, ""); sub(/.$/, ""); print; next }
    /^\tQuery Text: SELECT c\./ { keep = 1; next }
    /^\tQuery Text: / { keep = 0; next }
    keep && /^\t/ { print; next }
    { keep = 0 }
' "$folder/log" | cut -c 1-200
