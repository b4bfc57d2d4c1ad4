#!/bin/sh
# Checks the spelling of code and documents (typos.toml) with typos, which is installed if need be
# (scripts/ensure-tool.sh).
set -eu

"$(dirname "$0")/ensure-tool.sh" typos typos-cli 1.52.0
PATH=$PATH:${CARGO_TARGET_DIR:-target}/typos/bin

exec typos --format brief
