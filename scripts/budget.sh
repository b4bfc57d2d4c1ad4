#!/bin/sh
# Prints the duration of each stage beside its budget (tests/budget.toml). Fails if a stage took
# longer, has no budget or did not run.
#
#   scripts/budget.sh STAGES          the file that scripts/stage.sh wrote
set -eu

budget=$(dirname "$0")/../tests/budget.toml
awk '
    FNR == NR {
        if ($1 ~ /^[a-z-]+$/ && $2 == "=") { line[$1] = $3; order[++count] = $1 }
        next
    }
    { taken[$1] += $2 }
    function report(name, seconds, most, note) {
        printf "%-14s %6s s of %5s s%s\n", name, seconds, most, note
    }
    END {
        for (i = 1; i <= count; i++) {
            name = order[i]
            if (name == "total") continue
            if (!(name in taken)) { report(name, "-", line[name], "  did not run"); failed = 1; continue }
            over = taken[name] > line[name]
            report(name, taken[name], line[name], over ? "  over its budget" : "")
            failed = failed || over
            total += taken[name]
        }
        for (name in taken) if (!(name in line)) { report(name, taken[name], "-", "  has no budget"); failed = 1; total += taken[name] }
        over = total > line["total"]
        report("total", total, line["total"], over ? "  over its budget" : "")
        exit failed || over
    }
' "$budget" "$1"
