#!/bin/sh
# Tests the server against its own description. First, programs must be able to work with the
# description (scripts/test-description.sh). Then Schemathesis generates requests of all kinds from
# it and must get no 5xx, no undescribed status or content type, and no body or header outside its
# schema. Needs the built server (cargo build) and scripts/ensure-api-tester.sh. Uses a temporary
# database and leaves nothing behind.
#
#   scripts/test-api.sh [EXAMPLES]    number of random requests for each operation, in addition to
#                                     those for its fields and limits (default: 10)
set -eu

examples=${1:-10}
root=$(cd "$(dirname "$0")/.." && pwd)
target=$(cd "${CARGO_TARGET_DIR:-$root/target}" && pwd)
engage=$target/debug/engage
tools=$target/api-tester/bin
settings=$root/scripts/api-tester

# Generated webhook endpoints would receive requests, so the test runs without a network except for
# the loopback device, if the machine allows it.
if [ -z "${API_TESTER_ALONE:-}" ] && unshare --net --map-root-user true 2> /dev/null; then
    API_TESTER_ALONE=yes exec unshare --net --map-root-user "$0" "$examples"
fi
if [ -n "${API_TESTER_ALONE:-}" ]; then
    python3 "$settings/loopback.py"
fi

place=$(mktemp -d)
server=
finish() {
    if [ -n "$server" ]; then
        kill "$server" 2> /dev/null || true
        wait "$server" 2> /dev/null || true
    fi
    rm -rf "$place"
}
trap finish EXIT
trap 'exit 1' HUP INT TERM

fail() {
    echo "test-api: $1" >&2
    tail -n 20 "$place/log" >&2
    exit 1
}

# The caller's environment must not reach the server.
cd "$place"
for name in $(env | sed -n 's/^\(ENGAGE_[A-Z_]*\)=.*/\1/p') DATABASE_URL; do
    unset "$name"
done
: > engage.toml
: > log
export ENGAGE_SERVER__BIND=127.0.0.1:0 ENGAGE_RATE_LIMIT__ENABLED=false ENGAGE_CASE_NUMBER__PREFIX=CW
# Reports of an SMS service are only refused by their signature if such a service is configured. It
# is never called.
export ENGAGE_SMS__URL=http://127.0.0.1:9 ENGAGE_SMS__ACCOUNT_SID=AC0 ENGAGE_SMS__AUTH_TOKEN=token
export ENGAGE_SMS__FROM=+15550100000 ENGAGE_SERVER__PUBLIC_URL=http://desk.example
export ENGAGE_WEBHOOKS__ALLOW_PRIVATE_NETWORKS=true

add() {
    "$engage" staff add --id "$1" --name "Member $1" --email "$1@staff.example" --role "$2" \
        --department "Technical Support" > /dev/null
}
# The tester is one of several administrators, so that it can try requests that are refused for the
# last one.
tester=tester-$(od -An -N8 -tx1 /dev/urandom | tr -d ' \n')
add "$tester" ADMIN
add staff-123 ADMIN
add staff-456 AGENT
add staff-789 SUPERVISOR
add leaver AGENT
token=$("$engage" staff token "$tester")

"$engage" serve > /dev/null 2> log &
server=$!
url=
while [ -z "$url" ]; do
    kill -0 "$server" 2> /dev/null || fail "the server did not start"
    url=$(sed -n 's/.*listening on \(http:\/\/[0-9.:]*[0-9]\).*/\1/p' log | head -n 1)
    [ -n "$url" ] || sleep 0.1
done

# Creates data to read and to change: cases with updates, and a webhook endpoint.
ask() {
    curl --silent --show-error --fail-with-body --noproxy '*' --request "$1" "$url$2" \
        --header "Authorization: Bearer $token" --header "Content-Type: application/json" \
        ${3:+--data "$3"}
}
# None is CRITICAL: an example escalates any of them to HIGH, and no urgency may be lowered.
cases=
for urgency in LOW MEDIUM HIGH LOW MEDIUM HIGH LOW MEDIUM HIGH LOW MEDIUM HIGH; do
    created=$(ask POST /api/support/case "{\"name\": \"John Doe\", \"email\": \"john@example.com\",
        \"urgency\": \"$urgency\", \"subject\": \"No access\", \"message\": \"Since today.\"}")
    number=$(echo "$created" | sed 's/.*"caseNumber":"\([^"]*\)".*/\1/')
    cases="$cases $number"
    case_path=/api/internal/support/case/$number
    ask POST "$case_path/update" '{"message": "We look into it."}' > /dev/null
    ask PUT "$case_path/assign" '{"staffId": "staff-456"}' > /dev/null
done
ask POST /api/internal/webhooks '{"url": "http://127.0.0.1:9/hooks"}' > /dev/null

ask GET /openapi.json > openapi.json
ENGAGE_URL=$url ENGAGE_TOKEN=$token NO_PROXY='*' "$root/scripts/test-description.sh" openapi.json ||
    fail "programs cannot use the description"

# hold NAME MAX_EXAMPLES [OPTION...]
hold() {
    echo "test-api: $1" >&2
    name=$1
    most=$2
    shift 2
    API_TESTER_ID=$tester API_TESTER_CASES=$cases PYTHONPATH=$settings PYTHONDONTWRITEBYTECODE=1 \
        NO_PROXY='*' "$tools/schemathesis" --config-file "$settings/schemathesis.toml" \
        run "$url/openapi.json" --no-color --max-examples "$most" "$@" > found 2>&1 || {
        cat found >&2
        # A server that ended has a reason, which its exit status shows.
        if ! kill -0 "$server" 2> /dev/null; then
            status=0
            wait "$server" || status=$?
            fail "the server ended with status $status"
        fi
        fail "the responses $name do not match the description"
    }
    tail -n 1 found >&2
}

hold "to an administrator" "$examples" --header "Authorization: Bearer $token"
# If the token had been revoked, every later request would have been refused unnoticed.
ask GET /api/internal/me > /dev/null || fail "the tester lost its token, so little was tested"
hold "to a client without a token" "$((examples / 3 + 1))"

kill -0 "$server" 2> /dev/null || fail "the server has ended"
if grep -i 'panic' log; then
    fail "a handler panicked"
fi
echo "test-api: all responses match the description" >&2
