#!/bin/sh
# Packages every crate that is published, without compiling it, and fails if cargo warns, or if a
# package lacks a file of its folder, a licence or a README. Needs no network.
set -eu

CARGO=${CARGO:-cargo}
packages=${CARGO_TARGET_DIR:-target}/package
failed=0

fail() {
    echo "$1" >&2
    failed=1
}

# value KEY MANIFEST: returns the first value of a key.
value() {
    sed -n "s/^$1 = \"\(.*\)\"\$/\1/p" "$2" | head -n 1
}

version=$(value version Cargo.toml)
published=""
private=""
for manifest in $(find crates migrations -name Cargo.toml | sort); do
    if grep -q '^publish = false$' "$manifest"; then
        private="$private --exclude $(value name "$manifest")"
    else
        published="$published $manifest"
    fi
done

rm -f "$packages"/*.crate
# shellcheck disable=SC2086 # Several options.
if ! output=$("$CARGO" package --workspace $private --no-verify --locked --allow-dirty \
    --exclude-lockfile 2>&1); then
    echo "$output" >&2
    exit 1
fi
# The tests of the whole program are in the folder of the workspace, and not packaged.
warnings=$(echo "$output" | grep '^warning' | grep -v '`whole_program`' || true)
[ -z "$warnings" ] || fail "$warnings"

for manifest in $published; do
    folder=$(dirname "$manifest")
    package=$(value name "$manifest")-$version
    if ! packaged=$(tar -tzf "$packages/$package.crate"); then
        fail "$package was not packaged"
        continue
    fi
    for file in LICENSE-MIT LICENSE-APACHE README.md; do
        [ -e "$folder/$file" ] || fail "$folder has no $file"
    done
    for file in $(cd "$folder" && find . -type f -o -type l | cut -c 3-); do
        echo "$packaged" | grep -qxF "$package/$file" || fail "$package lacks $file"
    done
done

exit $failed
