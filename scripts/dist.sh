#!/bin/sh
# Builds the release in target/distribution: one program that is linked statically, its archive with
# the files that operators need, a list of its components (SBOM, CycloneDX) and checksums. The same
# commit with the same toolchain gives the same bytes, in whatever folder it is built.
set -eu

cd "$(dirname "$0")/.."
CARGO=${CARGO:-cargo}
target_folder=${CARGO_TARGET_DIR:-$PWD/target}
target=${TARGET:-$(uname -m)-unknown-linux-gnu}
# Keeps the program from growing unnoticed.
max_bytes=$((30 * 1024 * 1024))

version=$(sed -n 's/^version = "\(.*\)"$/\1/p' Cargo.toml | head -n 1)
name=engage-$version-$target
# Not target/dist, which belongs to the profile of that name.
dist=$target_folder/distribution
tools=$target_folder/distribution-tools
PATH=$PATH:$tools/bin

SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}
export SOURCE_DATE_EPOCH

built=$(scripts/build-static.sh)
rm -rf "$dist"
mkdir -p "$dist/$name"
objcopy --only-keep-debug "$built" "$dist/$name.debug"
program=$dist/$name/engage
strip --strip-all --output-file "$program" "$built"

bytes=$(wc -c < "$program")
echo "The program has $bytes bytes; the limit is $max_bytes."
[ "$bytes" -le "$max_bytes" ] || exit 1

command -v cargo-cyclonedx > /dev/null 2>&1 ||
    "$CARGO" install --quiet --locked --root "$tools" --version 0.5.9 cargo-cyclonedx
"$CARGO" cyclonedx --quiet --manifest-path crates/server/Cargo.toml --target "$target" \
    --format json --no-build-deps --override-filename "$name.cdx"
# It names the packages by the folder of this build.
sed -i "s|file://$PWD/|file:///engage/|g" "crates/server/$name.cdx.json"
find crates migrations -name "$name.cdx.json" ! -path 'crates/server/*' -exec rm {} +
mv "crates/server/$name.cdx.json" "$dist"

cp -R README.md CHANGELOG.md LICENSE-APACHE LICENSE-MIT deploy/systemd "$dist/$name"
mkdir "$dist/$name/completions"
"$program" man "$dist/$name/man" > /dev/null
for shell in bash fish zsh; do
    "$program" completions "$shell" > "$dist/$name/completions/engage.$shell"
done
tar --create --sort name --mtime "@$SOURCE_DATE_EPOCH" --owner 0 --group 0 --numeric-owner \
    --mode 'go+rX,u+rw,go-w' --directory "$dist" "$name" | gzip --no-name --best > "$dist/$name.tar.gz"

(cd "$dist" && sha256sum "$name.tar.gz" "$name.cdx.json" "$name.debug" > SHA256SUMS && cat SHA256SUMS)
