#!/bin/sh
# Builds the book (docs/) in target/book with mdBook, which is installed if need be
# (scripts/ensure-tool.sh). The folder changes only if the book does, so that cargo does not build the
# program again, which embeds it. The pages load nothing from other servers.
set -eu

cd "$(dirname "$0")/.."
target=${CARGO_TARGET_DIR:-$PWD/target}
export PYTHONDONTWRITEBYTECODE=1

scripts/ensure-tool.sh mdbook mdbook 0.5.4
PATH=$PATH:$target/mdbook/bin

rm -rf "$target/book.new"
mdbook build --dest-dir "$target/book.new"
python3 scripts/book/finish.py "$target/book.new"
if diff --recursive --brief "$target/book" "$target/book.new" > /dev/null 2>&1; then
    rm -rf "$target/book.new"
else
    rm -rf "$target/book"
    mv "$target/book.new" "$target/book"
fi
