#!/bin/sh
# Builds and tests the packages in examples/ as other projects would: against the packaged crates, not
# against their folders. They share the target directory, so only Engage's crates are built again.
set -eu

CARGO=${CARGO:-cargo}
root=$(cd "$(dirname "$0")/.." && pwd)
cd "$root"
target=${CARGO_TARGET_DIR:-$root/target}
copy=$target/examples

scripts/package.sh
rm -rf "$copy"
mkdir -p "$copy/crates"
cp -R examples/. "$copy"
# The versions of the workspace, so that what it has built is used.
cp Cargo.lock "$copy"
for package in "$target"/package/engage*.crate; do
    tar -xzf "$package" -C "$copy/crates"
done

# A path would lead to the folder of a crate instead of its package.
sed -i 's/, path = "[^"]*"//' "$copy"/*/Cargo.toml
sed -i 's/^exclude = .*/exclude = ["crates"]/' "$copy/Cargo.toml"
{
    echo
    echo "[patch.crates-io]"
    for folder in "$copy"/crates/*; do
        name=$(basename "$folder" | sed 's/-[0-9][0-9.]*$//')
        echo "$name = { path = \"crates/$(basename "$folder")\" }"
    done
} >> "$copy/Cargo.toml"

cd "$copy"
CARGO_TARGET_DIR=$target "$CARGO" test --workspace
