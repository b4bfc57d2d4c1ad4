#!/bin/sh
# Makes sure that there is what scripts/test-api.sh runs: a validator of OpenAPI documents and
# Schemathesis, in a Python environment of their own below the target directory. Installs the
# distribution's Python where it may, else says what to do.
set -eu

folder=$(dirname "$0")/api-tester
wanted=$folder/requirements.txt
environment=${CARGO_TARGET_DIR:-target}/api-tester

# What was installed last; put there when the installation is complete.
if cmp -s "$wanted" "$environment/requirements.txt"; then
    exit 0
fi

has_programs() {
    command -v curl > /dev/null 2>&1 || return 1
    # Without ensurepip an environment gets no pip.
    python3 -c 'import sys, ensurepip, venv; sys.exit(sys.version_info < (3, 10))' 2> /dev/null
}

if ! has_programs && [ "$(id -u)" = 0 ] && command -v apt-get > /dev/null 2>&1; then
    echo "Installing Python and curl for the tests." >&2
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
        python3 python3-venv curl ca-certificates || true
fi

if ! has_programs; then
    echo "The tests of the API need curl and Python 3.10 or later with venv: install them (Debian:" >&2
    echo "apt-get install curl python3-venv), or leave them out: cargo test --workspace --all-features has all others." >&2
    exit 1
fi

echo "Installing the API's testers in $environment." >&2
rm -rf "$environment"
python3 -m venv "$environment"
"$environment/bin/pip" install --quiet --disable-pip-version-check --requirement "$wanted"
cp "$wanted" "$environment/requirements.txt"
