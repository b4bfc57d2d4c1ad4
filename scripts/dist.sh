#!/bin/sh
# Builds the release in target/dist: one program that is linked statically, its archive with the files
# that operators need, a list of its components (SBOM, CycloneDX) and checksums. The same commit with
# the same toolchain gives the same bytes, in whatever folder it is built.
set -eu

cd "$(dirname "$0")/.."
CARGO=${CARGO:-cargo}
target_folder=${CARGO_TARGET_DIR:-$PWD/target}
target=${TARGET:-$(uname -m)-unknown-linux-gnu}
# Keeps the program from growing unnoticed. The goal is 30 MiB.
max_bytes=$((34 * 1024 * 1024))

version=$(sed -n 's/^version = "\(.*\)"$/\1/p' Cargo.toml | head -n 1)
name=engage-$version-$target
dist=$target_folder/dist
tools=$target_folder/dist-tools
PATH=$PATH:$tools/bin

SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}
export SOURCE_DATE_EPOCH
cargo_home=${CARGO_HOME:-$HOME/.cargo}
# Without a target, the flags would apply to build scripts and procedural macros as well, and those
# cannot be linked statically.
# A static program cannot look up the C function for random numbers, and would open /dev/urandom,
# which an empty root folder does not have.
export RUSTFLAGS="-C target-feature=+crt-static --cfg getrandom_backend=\"linux_getrandom\" --remap-path-prefix=$PWD=/engage \
--remap-path-prefix=$target_folder=/target --remap-path-prefix=$cargo_home=/cargo"
export CFLAGS="-ffile-prefix-map=$target_folder=/target -ffile-prefix-map=$cargo_home=/cargo"

# install COMMAND VERSION: builds a tool of the release, which has no package elsewhere.
install() {
    command -v "$1" > /dev/null 2>&1 ||
        RUSTFLAGS='' CFLAGS='' "$CARGO" install --quiet --locked --root "$tools" --version "$2" "$1"
}

BOOK_DIR=$(scripts/book.sh)
export BOOK_DIR
"$CARGO" build --locked --profile dist --package engage-server --target "$target"
rm -rf "$dist"
mkdir -p "$dist/$name"
built=$target_folder/$target/dist/engage

objcopy --only-keep-debug "$built" "$dist/$name.debug"
strip --strip-all --output-file "$dist/$name/engage" "$built"
program=$dist/$name/engage

if readelf --program-headers --dynamic "$program" | grep -E 'INTERP|NEEDED'; then
    echo "The program needs a loader or a library, so it is not static." >&2
    exit 1
fi

install cargo-bloat 0.12.1
echo "Bytes of code by crate:"
"$CARGO" bloat --locked --profile dist --package engage-server --bin engage --target "$target" --crates -n 25
bytes=$(wc -c < "$program")
echo "The program has $bytes bytes; the limit is $max_bytes."
[ "$bytes" -le "$max_bytes" ] || exit 1

install cargo-cyclonedx 0.5.9
"$CARGO" cyclonedx --quiet --manifest-path crates/server/Cargo.toml --target "$target" \
    --format json --no-build-deps --override-filename "$name.cdx"
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
