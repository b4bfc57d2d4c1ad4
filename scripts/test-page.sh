#!/bin/sh
# Tests the customers' page at /support in Chromium, as a customer would use it, in each mode of
# customers.access, and the book at /book. Needs the built server with the book (make test-page builds
# it), Chromium and its driver (Debian: apt-get install chromium chromium-driver) and Python. Leaves
# nothing behind.
set -eu

root=$(cd "$(dirname "$0")/.." && pwd)
engage=${CARGO_TARGET_DIR:-$root/target}/debug/engage
for program in chromium chromedriver python3 "$engage"; do
    command -v "$program" > /dev/null || {
        echo "test-page: $program was not found" >&2
        exit 1
    }
done

place=
server=
finish() {
    if [ -n "$server" ]; then
        kill "$server" 2> /dev/null || true
        wait "$server" 2> /dev/null || true
        server=
    fi
    if [ -n "$place" ]; then
        rm -rf "$place"
    fi
}
trap finish EXIT
trap 'exit 1' HUP INT TERM

export PYTHONDONTWRITEBYTECODE=1
for name in $(env | sed -n 's/^\(ENGAGE_[A-Z_]*\)=.*/\1/p') DATABASE_URL; do
    unset "$name"
done
for mode in case-number email token; do
    place=$(mktemp -d)
    cd "$place"
    : > log
    ENGAGE_SERVER__BIND=127.0.0.1:0 ENGAGE_CUSTOMERS__ACCESS=$mode "$engage" serve \
        > /dev/null 2> log &
    server=$!
    url=
    while [ -z "$url" ]; do
        kill -0 "$server" 2> /dev/null || { cat log >&2; exit 1; }
        url=$(sed -n 's/.*listening on \(http:\/\/[0-9.:]*[0-9]\).*/\1/p' log | head -n 1)
        [ -n "$url" ] || sleep 0.1
    done
    NO_PROXY='*' python3 "$root/scripts/page-tester/walk.py" "$url" "$place" "$mode"
    # The book is the same in each mode.
    [ "$mode" != token ] || NO_PROXY='*' python3 "$root/scripts/page-tester/book.py" "$url"
    finish
done
