#!/bin/sh
# Checks the spelling of code and documents (typos.toml) with typos. Uses the installed one, or
# installs one below the target directory. That one is a Python wheel and takes seconds. If there is
# no wheel for this processor, it is built, which takes minutes.
set -eu

version=1.52.0
folder=$(dirname "$0")/typos
tools=${CARGO_TARGET_DIR:-target}/typos
PATH=$PATH:$tools/bin

if ! command -v typos > /dev/null 2>&1; then
    echo "Installing typos in $tools." >&2
    rm -rf "$tools"
    if ! { python3 -m venv "$tools" && "$tools/bin/pip" install --quiet --disable-pip-version-check \
        --require-hashes --requirement "$folder/requirements.txt"; } 2> /dev/null; then
        rm -rf "$tools"
        cargo install --quiet --locked --root "$tools" --version "$version" typos-cli
    fi
fi

exec typos --format brief
