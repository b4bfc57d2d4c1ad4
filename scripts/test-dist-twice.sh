#!/bin/sh
# Builds the release here and in another folder, and fails if a byte differs. The program is then
# tested in an empty root folder. Needs root, a clean work tree and half an hour on two cores.
set -eu

cd "$(dirname "$0")/.."
dist=${CARGO_TARGET_DIR:-$PWD/target}/distribution
copy=$(mktemp -d)
trap 'git worktree remove --force "$copy/engage"; rm -rf "$copy"' EXIT
trap 'exit 1' INT TERM

if [ -n "$(git status --porcelain)" ]; then
    echo "The work tree has changes that the other folder would not have. Commit them first." >&2
    exit 1
fi
git worktree add --quiet --detach "$copy/engage" HEAD

scripts/dist.sh
(cd "$copy/engage" && CARGO_TARGET_DIR=$copy/target scripts/dist.sh)
diff "$dist/SHA256SUMS" "$copy/target/distribution/SHA256SUMS"
scripts/test-dist.sh
