#!/bin/sh
# Tests the description of a running server with programs that use it. It must be valid OpenAPI and
# pass the linters Spectral and Redocly. A TypeScript client and a Python client are generated from
# it. Both must type-check in a walk through the life of a case, and complete it. Part of
# scripts/test-api.sh, which starts the server.
#
#   ENGAGE_URL=… ENGAGE_TOKEN=… scripts/test-description.sh OPENAPI.json
#
# OPENAPI.json is the server's description. Generated files are put beside it.
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
# Node.js looks here for packages and for the kind of modules.
ln -s "$npm" node_modules
cp "$clients/package.json" .
export REDOCLY_TELEMETRY=off REDOCLY_SUPPRESS_UPDATE_NOTICE=true

# run WHAT COMMAND...: runs a command, and prints its output only if it fails.
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
    run "Spectral reports problems in the description" \
        node_modules/.bin/spectral lint --ruleset spectral.yaml --fail-severity warn "$document" &&
        run "Redocly reports problems in the description" \
            node_modules/.bin/redocly lint --config redocly.yaml "$document"
}

walk_in_typescript() {
    run "openapi-typescript does not accept the description" \
        node_modules/.bin/openapi-typescript "$document" --output api.d.ts &&
        run "the walk in TypeScript does not type-check" node_modules/.bin/tsc --project . &&
        run "the walk in TypeScript fails" node built/walk.js
}

walk_in_python() {
    run "openapi-python-client does not accept the description" \
        "$python/openapi-python-client" generate --path "$document" --meta none \
        --output-path engage_client --config openapi-python-client.yaml --fail-on-warning &&
        run "the walk in Python does not type-check" "$python/mypy" --strict walk.py &&
        run "the walk in Python fails" "$python/python" walk.py
}

# In parallel, since each of them mostly uses a single core.
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
echo "test-api: the description passes the linters, and the generated clients work" >&2
