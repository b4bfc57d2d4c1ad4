#!/bin/sh
# Starts the program of `make dist`, or the one given, in an empty root folder without privileges,
# and follows one case through it. Needs root (for chroot) and curl.
set -eu

cd "$(dirname "$0")/.."
program=${1:-$(ls "${CARGO_TARGET_DIR:-target}"/distribution/*/engage)}
root=$(mktemp -d)
port=${PORT:-38417}
url=http://127.0.0.1:$port

stop() {
    [ -z "${server:-}" ] || kill "$server" 2> /dev/null || true
    wait
    rm -rf "$root"
}
trap stop EXIT
trap 'exit 1' INT TERM

fail() {
    echo "$1" >&2
    sed 's/^/    /' "$root.log" >&2
    exit 1
}

# become_engage ARGUMENTS: replaces the shell by the program in the empty root folder, with no variable
# of this shell.
become_engage() {
    exec env -i PATH="$PATH" ENGAGE_SERVER__BIND="127.0.0.1:$port" ENGAGE_LOG__FORMAT=json \
        chroot --userspec=65534:65534 "$root" /engage "$@"
}

engage() {
    (become_engage "$@")
}

cp "$program" "$root/engage"
chown 65534:65534 "$root"

engage --version
engage check-config > /dev/null
engage staff add --id jane --name 'Jane Smith' --email jane@example.com --role ADMIN
token=$(engage staff token jane | grep -o 'eng_[A-Za-z0-9_-]*')
become_engage serve > "$root.log" 2>&1 &
server=$!

tries=0
until curl --silent --fail --output /dev/null "$url/health/ready"; do
    kill -0 "$server" 2> /dev/null || fail "The server did not start."
    tries=$((tries + 1))
    [ "$tries" -le 100 ] || fail "The server is not ready."
    sleep 0.1
done
engage health > /dev/null || fail "engage health says that the server is not ready."

number=$(curl --silent --fail "$url/api/support/case" --header 'Content-Type: application/json' \
    --data '{"name": "John Doe", "email": "john@example.com", "subject": "No access", "message": "403"}' |
    sed -n 's/.*"caseNumber":"\([^"]*\)".*/\1/p')
[ -n "$number" ] || fail "The server opened no case."
curl --silent --fail "$url/api/internal/support/case/$number" --header "Authorization: Bearer $token" |
    grep -q '"No access"' || fail "The server does not show the case $number."
curl --silent --fail "$url/api/support/case/status" --header 'Content-Type: application/json' \
    --data "{\"caseNumber\": \"$number\"}" | grep -q '"OPEN"' || fail "The case has no status."

kill "$server"
wait "$server" || fail "The server did not stop cleanly."
server=
rm -f "$root.log"
echo "The program serves from an empty root folder."
