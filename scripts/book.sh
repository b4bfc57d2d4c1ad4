#!/bin/sh
# Builds the book (docs/) in target/book with mdBook, which is installed if need be
# (scripts/ensure-tool.sh). The pages load nothing from other servers: they draw their diagrams with
# a copy of Mermaid, which comes from npm. Without npm the diagrams stay text.
set -eu

cd "$(dirname "$0")/.."
target=${CARGO_TARGET_DIR:-$PWD/target}
mermaid=mermaid-js-tiny-12.0.0.tgz
sum=94f4bea4d69ae2766d6d29cd3321c9ed6be8c640852c57ef89d4f9999ada9783

scripts/ensure-tool.sh mdbook mdbook 0.5.4
PATH=$PATH:$target/mdbook/bin

is_complete() {
    echo "$sum  $target/$mermaid" | sha256sum --check --status 2> /dev/null
}

if ! is_complete; then
    mkdir -p "$target"
    npm pack --silent --pack-destination "$target" @mermaid-js/tiny@12.0.0 > /dev/null 2>&1 || true
fi

mdbook build --dest-dir "$target/book"

if is_complete; then
    tar -xzf "$target/$mermaid" -C "$target/book" --strip-components=2 package/dist/mermaid.tiny.js
else
    echo "Mermaid is not available from npm, so the diagrams of the book are text." >&2
fi
