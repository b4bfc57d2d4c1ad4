"""A preprocessor of mdBook for links that work in the repository but not in the book.

A link to a file that is not in the book becomes its text and the path of the file. A link to a
README.md follows the page, which mdBook renames.
"""

import json
import posixpath
import re
import sys

FENCED = re.compile(r"(^```.*?^```)", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\[([^\]]+)\]\((?![a-z]+:)([^)#\s]+)(#[^)]*)?\)")


def resolved(text, page):
    """The text of a page with only those links that stay in the book."""

    def replaced(link):
        path = posixpath.normpath(posixpath.join(posixpath.dirname(page), link[2]))
        if path == "SUMMARY.md":
            return link[1]
        if not path.startswith("../"):
            target = re.sub(r"\bREADME\.md$", "index.md", link[2])
            return f"[{link[1]}]({target}{link[3] or ''})"
        path = path.removeprefix("../")
        return link[1] if path in link[1] else f"{link[1]} (`{path}`)"

    parts = FENCED.split(text)
    parts[::2] = [LINK.sub(replaced, prose) for prose in parts[::2]]
    return "".join(parts)


def visit(items):
    for item in items:
        chapter = item.get("Chapter") if isinstance(item, dict) else None
        if chapter:
            chapter["content"] = resolved(chapter["content"], chapter["source_path"] or "")
            visit(chapter["sub_items"])


if sys.argv[1:2] == ["supports"]:
    sys.exit(0)
_context, book = json.load(sys.stdin)
visit(book.get("items") or book.get("sections"))
json.dump(book, sys.stdout)
