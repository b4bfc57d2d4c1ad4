#!/bin/sh
# Holds the description of a running server against what programs make of it: it is valid OpenAPI,
# Spectral and Redocly find nothing to complain of, and a client in TypeScript and one in Python, which
# are generated of it, type-check against a walk through the life of a case, and walk it. Part of
# scripts/test-api.sh, which starts the server.
#
#   ENGAGE_URL=… ENGAGE_TOKEN=… scripts/test-description.sh OPENAPI.json
#
# OPENAPI.json is what the server describes itself with; what is generated is put beside it.
set -eu

root=$(cd "$(dirname "$0")/.." && pwd)
target=$(cd "${CARGO_TARGET_DIR:-$root/target}" && pwd)
python=$target/api-tester/bin
npm=$target/api-tester-npm/node_modules
clients=$root/scripts/api-tester/clients
document=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
place=$(dirname "$document")/clients

mkdir "$place"
cd "$place"
cp "$clients"/*.yaml "$clients/walk.ts" "$clients/walk.py" "$clients/tsconfig.json" .
# Where programs of Node.js look for packages, and for what kind of modules there are.
ln -s "$npm" node_modules
cp "$clients/package.json" .
export REDOCLY_TELEMETRY=off REDOCLY_SUPPRESS_UPDATE_NOTICE=true

# run WHAT COMMAND...: says what a command found only if it fails.
run() {
    what=$1
    shift
    "$@" > "$what.found" 2>&1 < /dev/null || {
        cat "$what.found" >&2
        echo "test-api: $what" >&2
        return 1
    }
}

validate() {
    run "the description is not valid OpenAPI" "$python/openapi-spec-validator" "$document"
}

lint() {
    run "Spectral complains of the description" \
        node_modules/.bin/spectral lint --ruleset spectral.yaml --fail-severity warn "$document" &&
        run "Redocly complains of the description" \
            node_modules/.bin/redocly lint --config redocly.yaml "$document"
}

walk_in_typescript() {
    run "openapi-typescript does not take the description" \
        node_modules/.bin/openapi-typescript "$document" --output api.d.ts &&
        run "the walk in TypeScript does not type-check" node_modules/.bin/tsc --project . &&
        run "the walk in TypeScript fails" node built/walk.js
}

walk_in_python() {
    run "openapi-python-client does not take the description" \
        "$python/openapi-python-client" generate --path "$document" --meta none \
        --output-path engage_client --config openapi-python-client.yaml --fail-on-warning &&
        run "the walk in Python does not type-check" "$python/mypy" --strict walk.py &&
        run "the walk in Python fails" "$python/python" walk.py
}

# Side by side: most of it waits for a single core.
failed=
validate &
validating=$!
lint &
linting=$!
walk_in_typescript &
in_typescript=$!
walk_in_python &
in_python=$!
for one in $validating $linting $in_typescript $in_python; do
    wait "$one" || failed=yes
done
[ -z "$failed" ] || exit 1
echo "test-api: the description lints, and clients made of it work" >&2
