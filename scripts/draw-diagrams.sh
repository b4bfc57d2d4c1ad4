#!/bin/sh
# Draws the diagrams in docs/ (blocks of Mermaid) as docs/diagrams/*.svg, which the book shows. Run it
# after a diagram was changed. Needs Chromium and its driver (Debian: apt-get install chromium
# chromium-driver), Python, and Mermaid from npm.
set -eu

cd "$(dirname "$0")/.."
target=${CARGO_TARGET_DIR:-$PWD/target}
mermaid=mermaid-js-tiny-12.0.0.tgz
sum=94f4bea4d69ae2766d6d29cd3321c9ed6be8c640852c57ef89d4f9999ada9783

mkdir -p "$target"
npm pack --silent --pack-destination "$target" @mermaid-js/tiny@12.0.0 > /dev/null
echo "$sum  $target/$mermaid" | sha256sum --check --quiet
tar -xzf "$target/$mermaid" -C "$target" --strip-components=2 package/dist/mermaid.tiny.js
PYTHONDONTWRITEBYTECODE=1 python3 scripts/book/draw.py "$target/mermaid.tiny.js"
