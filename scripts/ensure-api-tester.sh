#!/bin/sh
# Installs the tools of scripts/test-api.sh below the target directory. A Python environment gets a
# validator of OpenAPI documents, Schemathesis, and the generator and type checker of a Python
# client. An npm folder gets two linters of OpenAPI documents, and the generator and type checker of
# a TypeScript client. Installs the distribution's Python and Node.js if it may, and otherwise
# prints instructions.
set -eu

folder=$(dirname "$0")/api-tester
environment=${CARGO_TARGET_DIR:-target}/api-tester
modules=${CARGO_TARGET_DIR:-target}/api-tester-npm

# The copies of the lock files are written once the installation is complete.
is_installed() {
    cmp -s "$folder/requirements.txt" "$environment/requirements.txt" &&
        cmp -s "$folder/clients/package-lock.json" "$modules/installed.json"
}

if is_installed; then
    exit 0
fi

has_python() {
    command -v curl > /dev/null 2>&1 || return 1
    # Without ensurepip an environment gets no pip.
    python3 -c 'import sys, ensurepip, venv; sys.exit(sys.version_info < (3, 10))' 2> /dev/null
}

# The versions that Redocly supports.
has_node() {
    command -v npm > /dev/null 2>&1 || return 1
    node -e 'const [major, minor] = process.versions.node.split(".").map(Number);
        const isNew = major > 22 || (major === 22 && minor >= 12) || (major === 20 && minor >= 19);
        process.exit(isNew ? 0 : 1);' 2> /dev/null
}

may_install() {
    [ "$(id -u)" = 0 ] && command -v apt-get > /dev/null 2>&1
}

install() {
    echo "Installing $* for the tests." >&2
    apt-get update -qq < /dev/null
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" \
        ca-certificates < /dev/null || true
}

if ! has_python && may_install; then
    install python3 python3-venv curl
fi
if ! has_node && may_install; then
    install nodejs npm
fi

if ! has_python || ! has_node; then
    echo "The tests of the API need curl, Python 3.10 or later with venv, and Node.js 20.19 or 22.12 or later with npm:" >&2
    echo "install them (Debian: apt-get install curl python3-venv nodejs npm), or skip these tests:" >&2
    echo "cargo test --workspace --all-features runs all others." >&2
    exit 1
fi

if ! cmp -s "$folder/requirements.txt" "$environment/requirements.txt"; then
    echo "Installing the API testers in $environment." >&2
    rm -rf "$environment"
    python3 -m venv "$environment"
    "$environment/bin/pip" install --quiet --disable-pip-version-check --no-input \
        --requirement "$folder/requirements.txt" < /dev/null
    cp "$folder/requirements.txt" "$environment/requirements.txt"
fi

if ! cmp -s "$folder/clients/package-lock.json" "$modules/installed.json"; then
    echo "Installing linters and generators in $modules." >&2
    rm -rf "$modules"
    mkdir -p "$modules"
    cp "$folder/clients/package.json" "$folder/clients/package-lock.json" "$modules"
    # Each package is verified against the hash in the lock file, and no install scripts run.
    npm ci --prefix "$modules" --ignore-scripts --no-audit --no-fund --loglevel=error < /dev/null
    cp "$folder/clients/package-lock.json" "$modules/installed.json"
fi
