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

has_python() {
    # Without ensurepip an environment gets no pip.
    python3 -c 'import sys, ensurepip, venv; sys.exit(sys.version_info < (3, 10))' 2> /dev/null
}

if ! has_python && [ "$(id -u)" = 0 ] && command -v apt-get > /dev/null 2>&1; then
    echo "Installing Python for the tests." >&2
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
        python3 python3-venv || true
fi

if ! has_python; then
    echo "The tests of the API need Python 3.10 or later with venv: install it (Debian: apt-get" >&2
    echo "install python3-venv), or leave them out: cargo test --workspace --all-features has all others." >&2
    exit 1
fi

echo "Installing the API's testers in $environment." >&2
rm -rf "$environment"
python3 -m venv "$environment"
"$environment/bin/pip" install --quiet --disable-pip-version-check --requirement "$wanted"
cp "$wanted" "$environment/requirements.txt"
