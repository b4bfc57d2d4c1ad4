#!/bin/sh
# Builds the program as it is shipped: linked statically, with the book, without what belongs to the
# folders of this machine. Prints its path. With TARGET, it is built for another target.
set -eu

cd "$(dirname "$0")/.."
CARGO=${CARGO:-cargo}
target_folder=${CARGO_TARGET_DIR:-$PWD/target}
target=${TARGET:-$(uname -m)-unknown-linux-gnu}
cargo_home=${CARGO_HOME:-$HOME/.cargo}

BOOK_DIR=$(scripts/book.sh)
export BOOK_DIR
# A static program cannot look up the C function for random numbers, and would open /dev/urandom,
# which an empty root folder does not have. So it asks the kernel.
RUSTFLAGS="-C target-feature=+crt-static --cfg getrandom_backend=\"linux_getrandom\" \
--remap-path-prefix=$PWD=/engage --remap-path-prefix=$target_folder=/target \
--remap-path-prefix=$cargo_home=/cargo"
case $target in
# The packed form of relocations takes a megabyte less. musl cannot read it; glibc can since 2.36.
*-gnu) RUSTFLAGS="$RUSTFLAGS -C link-arg=-Wl,-z,pack-relative-relocs" ;;
esac
export RUSTFLAGS
export CFLAGS="-ffile-prefix-map=$target_folder=/target -ffile-prefix-map=$cargo_home=/cargo"
# Without a target, the flags would apply to build scripts and procedural macros as well, and those
# cannot be linked statically.
"$CARGO" build --locked --profile dist --package engage-server --target "$target" >&2
program=$target_folder/$target/dist/engage

if readelf --program-headers --dynamic "$program" | grep -E 'INTERP|NEEDED' >&2; then
    echo "The program needs a loader or a library, so it is not static." >&2
    exit 1
fi
echo "$program"
