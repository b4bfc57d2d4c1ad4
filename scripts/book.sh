#!/bin/sh
# Builds the book (docs/) in target/book with mdBook, which is installed if need be
# (scripts/ensure-tool.sh), and prints the folder. The folder changes only if the book does, so that
# cargo does not build the program again, which embeds it. The pages load nothing from other servers.
#
#   scripts/book.sh             builds mdBook itself if there is no wheel for this processor
#   scripts/book.sh optional    prints nothing in that case
set -eu

cd "$(dirname "$0")/.."
target=$(realpath --canonicalize-missing "${CARGO_TARGET_DIR:-target}")
export PYTHONDONTWRITEBYTECODE=1

if ! scripts/ensure-tool.sh mdbook mdbook 0.5.4 ${1:+wheel-only}; then
    echo "mdBook is not available, so the program is built without the book." >&2
    [ "${1:-}" = optional ]
    exit
fi
PATH=$PATH:$target/mdbook/bin

rm -rf "$target/book.new"
MDBOOK_LOG=warn mdbook build --dest-dir "$target/book.new" >&2
python3 scripts/book/finish.py "$target/book.new"
if diff --recursive --brief "$target/book" "$target/book.new" > /dev/null 2>&1; then
    rm -rf "$target/book.new"
else
    rm -rf "$target/book"
    mv "$target/book.new" "$target/book"
fi
echo "$target/book"
