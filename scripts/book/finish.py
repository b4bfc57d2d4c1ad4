"""Prepares a built book for a strict content security policy: finish.py FOLDER.

The server forbids inline scripts and styles, and frames. mdBook uses a few of each, which become
files, a class and a link. Fails if a page has anything else that the policy forbids.
"""

import hashlib
import pathlib
import re
import sys
from html.parser import HTMLParser

INLINE = re.compile(r"<script>(.*?)</script>", re.DOTALL)
FRAME = re.compile(r"<iframe [^>]*src=\"([^\"]*toc\.html)\"[^>]*></iframe>")
CLEAR = ('style="clear: both"', 'class="clear"')
STYLE_OF = re.compile(r"\.setAttribute\('style', ([^)]*)\)")

book = pathlib.Path(sys.argv[1])


class Policy(HTMLParser):
    """Collects what the policy forbids on a page."""

    def __init__(self):
        super().__init__()
        self.forbidden = []

    def handle_starttag(self, tag, attributes):
        names = [name for name, _ in attributes]
        if tag in ("style", "iframe", "base") or (tag == "script" and "src" not in names):
            self.forbidden.append(f"<{tag}>")
        self.forbidden += [name for name in names if name == "style" or name.startswith("on")]


def as_file(script):
    """Writes a script to a file that all pages with the same one share. Returns its name."""
    name = f"inline-{hashlib.sha256(script.encode()).hexdigest()[:8]}.js"
    (book / name).write_text(script)
    return name


def finish(page):
    to_root = "../" * (len(page.relative_to(book).parts) - 1)
    text = page.read_text()
    text = INLINE.sub(lambda found: f'<script src="{to_root}{as_file(found[1])}"></script>', text)
    text = FRAME.sub(r'<a href="\1">Table of contents</a>', text)
    text = text.replace(*CLEAR)
    policy = Policy()
    policy.feed(text)
    if policy.forbidden:
        sys.exit(f"{page}: the content security policy forbids {policy.forbidden}")
    page.write_text(text)


pages = sorted(book.rglob("*.html"))
if not pages:
    sys.exit(f"{book} has no pages")
for html in pages:
    finish(html)
for script in book.rglob("*.js"):
    code = script.read_text()
    replaced = STYLE_OF.sub(r".style.cssText = \1", code)
    if replaced != code:
        script.write_text(replaced)
(book / ".nojekyll").unlink(missing_ok=True)
