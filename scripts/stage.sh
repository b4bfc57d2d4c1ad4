#!/bin/sh
# Runs one stage of the checks. If the file that CI_STAGES names exists, adds a line with the
# name of the stage and its duration in seconds, for scripts/budget.sh.
#
#   scripts/stage.sh NAME COMMAND…
set -eu

name=$1
shift
begin=$(date +%s)
"$@"
if [ -n "${CI_STAGES:-}" ] && [ -f "$CI_STAGES" ]; then
    echo "$name $(($(date +%s) - begin))" >> "$CI_STAGES"
fi
