"""A preprocessor of mdBook that shows the diagrams as drawings, without a script on the page.

A diagram is a block of Mermaid with an `accTitle` and an `accDescr`, which GitHub draws itself. Its
drawing is docs/diagrams/TITLE.svg, made by scripts/draw-diagrams.sh. A drawing begins with the digest
of its source, so that an outdated one stops the build.
"""

import hashlib
import html
import json
import pathlib
import re
import sys

FENCE = re.compile(r"^```mermaid\n(.*?)^```$", re.MULTILINE | re.DOTALL)
FOLDER = pathlib.Path("docs/diagrams")


def attribute(source, name):
    """Returns the text of `accTitle` or `accDescr`."""
    found = re.search(rf"^\s*{name}: (.+)$", source, re.MULTILINE)
    return found[1] if found else sys.exit(f"a diagram has no {name}: {source}")


def drawing_of(source):
    """Returns the file with the drawing of a diagram."""
    title = attribute(source, "accTitle")
    return FOLDER / f"{re.sub(r'[^a-z0-9]+', '-', title.lower())}.svg"


def mark_of(source):
    """Returns the first line of the drawing of a diagram."""
    return f"<!-- {hashlib.sha256(source.encode()).hexdigest()} -->"


def drawn(text, page):
    """The text of a page with drawings in place of the diagrams."""

    def replaced(fence):
        drawing = drawing_of(fence[1])
        if not drawing.exists() or not drawing.read_text().startswith(mark_of(fence[1])):
            sys.exit(f"{drawing} is not the drawing of the diagram in docs/{page}: "
                     "run scripts/draw-diagrams.sh")
        to_root = "../" * page.count("/")
        description = html.escape(attribute(fence[1], "accDescr"))
        return (f'<div class="diagram"><img src="{to_root}diagrams/{drawing.name}" '
                f'alt="{description}"></div>')

    return FENCE.sub(replaced, text)


def visit(items):
    for item in items:
        chapter = item.get("Chapter") if isinstance(item, dict) else None
        if chapter:
            chapter["content"] = drawn(chapter["content"], chapter["source_path"] or "")
            visit(chapter["sub_items"])


if __name__ == "__main__":
    if sys.argv[1:2] == ["supports"]:
        sys.exit(0)
    _context, book = json.load(sys.stdin)
    visit(book.get("items") or book.get("sections"))
    json.dump(book, sys.stdout)
