#!/bin/sh
# Checks licences, banned crates and sources of all dependencies (deny.toml) with cargo-deny, which
# is installed if need be (scripts/ensure-tool.sh).
#
#   scripts/deny.sh [CHECK…]          bans licenses sources; `advisories` needs GitHub
set -eu

"$(dirname "$0")/ensure-tool.sh" cargo-deny cargo-deny 0.20.2
PATH=$PATH:${CARGO_TARGET_DIR:-target}/cargo-deny/bin

[ $# -gt 0 ] || set -- bans licenses sources
exec cargo-deny --locked check --hide-inclusion-graph "$@"
