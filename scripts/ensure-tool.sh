#!/bin/sh
# Installs a tool below the target directory unless the machine has it. It comes as a Python wheel,
# which takes seconds. If there is no wheel for this processor, it is built, which takes minutes.
#
#   scripts/ensure-tool.sh COMMAND CRATE VERSION [wheel-only]
#
# scripts/COMMAND/requirements.txt pins the wheel. With wheel-only, the tool is never built.
set -eu

command=$1 crate=$2 version=$3
tools=${CARGO_TARGET_DIR:-target}/$command
PATH=$PATH:$tools/bin

if ! command -v "$command" > /dev/null 2>&1; then
    echo "Installing $command in $tools." >&2
    rm -rf "$tools"
    if ! { python3 -m venv "$tools" && "$tools/bin/pip" install --quiet --disable-pip-version-check \
        --require-hashes --requirement "$(dirname "$0")/$command/requirements.txt"; } 2> /dev/null; then
        rm -rf "$tools"
        [ "${4:-}" != wheel-only ] || exit 1
        cargo install --quiet --locked --root "$tools" --version "$version" "$crate"
    fi
fi
