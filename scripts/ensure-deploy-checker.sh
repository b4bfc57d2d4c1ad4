#!/bin/sh
# Installs the tools of scripts/check-deploy.sh in target/deploy-checker: a Python environment, and
# promtool from the distribution's package unless the machine has it.
set -eu

folder=$(dirname "$0")/deploy-checker
environment=${CARGO_TARGET_DIR:-target}/deploy-checker
PATH=$PATH:$environment/bin

if ! cmp -s "$folder/requirements.txt" "$environment/requirements.txt"; then
    echo "Installing the checkers of deploy in $environment." >&2
    rm -rf "$environment"
    python3 -m venv "$environment"
    "$environment/bin/pip" install --quiet --disable-pip-version-check --no-input --only-binary :all: \
        --requirement "$folder/requirements.txt" < /dev/null
    cp "$folder/requirements.txt" "$environment/requirements.txt"
fi

# The package itself would start a server.
download_promtool() {
    download=$(mktemp -d)
    (cd "$download" && apt-get download -qq prometheus) 2> /dev/null &&
        dpkg-deb --fsys-tarfile "$download"/prometheus_*.deb |
        tar --extract --directory "$download" ./usr/bin/promtool &&
        mv "$download/usr/bin/promtool" "$environment/bin"
    found=$?
    rm -r "$download"
    return "$found"
}

if ! command -v promtool > /dev/null 2>&1 && command -v apt-get > /dev/null 2>&1; then
    download_promtool || { apt-get update -qq < /dev/null && download_promtool; } || true
fi
