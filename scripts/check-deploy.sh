#!/bin/sh
# Checks the files for operators in deploy, and the workflows in .github, without running any of
# them: schemas, linters, and the tests of the alerts. What this machine lacks is skipped, with a
# line that says so. tests/deploy.rs compares the files with the program.
set -eu
cd "$(dirname "$0")/.."

scripts/ensure-deploy-checker.sh
tools=${CARGO_TARGET_DIR:-target}/deploy-checker/bin
PATH=$PATH:$tools
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT

# run WHAT COMMAND...: runs a command, and prints its output only if it fails.
run() {
    what=$1
    shift
    if ! "$@" > "$place/output" 2>&1; then
        echo "$what:" >&2
        cat "$place/output" >&2
        exit 1
    fi
}

skip() {
    echo "Skipped: $1, since there is no $2." >&2
}

run "The Dockerfile" hadolint deploy/docker/Dockerfile
run "The Compose file" check-jsonschema --builtin-schema vendor.compose-spec deploy/docker/compose.yaml
run "The workflows" check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml
run "The settings of Dependabot" check-jsonschema --builtin-schema vendor.dependabot .github/dependabot.yml

# `verify` needs the program to exist, and only prints what it does not understand. The threshold is ten
# times the figure that `security` ends with.
if command -v systemd-analyze > /dev/null 2>&1; then
    # A socket needs its service beside it.
    for unit in deploy/systemd/*.service deploy/systemd/*.socket; do
        sed 's#/usr/local/bin/engage#/bin/true#' "$unit" > "$place/$(basename "$unit")"
    done
    for unit in deploy/systemd/*.service deploy/systemd/*.socket; do
        run "$unit" systemd-analyze verify "$place/$(basename "$unit")"
        if [ -s "$place/output" ]; then
            cat "$place/output" >&2
            exit 1
        fi
    done
    for unit in deploy/systemd/*.service; do
        run "$unit" systemd-analyze security --offline=yes --threshold=15 "$unit"
    done
else
    skip "deploy/systemd" systemd-analyze
fi

if command -v promtool > /dev/null 2>&1; then
    run "The alerts" promtool check rules deploy/prometheus/alerts.yaml
    run "The tests of the alerts" promtool test rules deploy/prometheus/alerts.test.yaml
    run "The settings of Prometheus" promtool check config --syntax-only deploy/prometheus/prometheus.yaml
else
    skip "the tests of the alerts" promtool
fi

# Git ignores the files of secrets that the overlay reads.
cp -R deploy/kubernetes "$place"
for secrets in secrets metrics; do
    sed 's/=$/=x/' "deploy/kubernetes/overlays/example/$secrets.example.env" \
        > "$place/kubernetes/overlays/example/$secrets.env"
done
if command -v kubectl > /dev/null 2>&1; then
    render="kubectl kustomize"
elif command -v kustomize > /dev/null 2>&1; then
    render="kustomize build"
else
    render=
    skip "the schemas of deploy/kubernetes" "kubectl or kustomize"
fi
if [ -n "$render" ]; then
    run "The overlay" sh -c "$render '$place/kubernetes/overlays/example' > '$place/rendered.yaml'"
    run "deploy" "$tools/python" scripts/deploy-checker/check.py "$place/rendered.yaml"
else
    run "deploy" "$tools/python" scripts/deploy-checker/check.py
fi
