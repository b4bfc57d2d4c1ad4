"""Draws the diagrams of the documentation with Mermaid in Chromium: draw.py MERMAID.

MERMAID is Mermaid's script. See scripts/draw-diagrams.sh.
"""

import pathlib
import re
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "page-tester"))

from browser import Browser  # noqa: E402
from diagrams import FENCE, FOLDER, drawing_of, mark_of  # noqa: E402

DRIVER_PORT = 9978

# Neutral colours, which page.css inverts on a dark page. Labels may be wider than they were here, if
# the reader has another font.
DRAW = """
const [source, done] = arguments;
mermaid.initialize({
  startOnLoad: false, theme: "neutral", look: "classic", deterministicIds: true,
  fontFamily: "system-ui, sans-serif", themeCSS: "foreignObject { overflow: visible; }",
});
mermaid.render("diagram", source).then(
  ({ svg }) => {
    const drawing = new DOMParser().parseFromString(svg, "text/html").querySelector("svg");
    const { width, height } = drawing.viewBox.baseVal;
    drawing.setAttribute("width", Math.round(width));
    drawing.setAttribute("height", Math.round(height));
    drawing.removeAttribute("style");
    done(new XMLSerializer().serializeToString(drawing));
  },
  (error) => done(`${error}`),
);
"""


def sources():
    for page in sorted(pathlib.Path("docs").rglob("*.md")):
        yield from FENCE.findall(page.read_text())


FOLDER.mkdir(exist_ok=True)
for old in FOLDER.glob("*.svg"):
    old.unlink()
with tempfile.TemporaryDirectory() as folder:
    page = pathlib.Path(folder) / "page.html"
    page.write_text(f'<!doctype html><script src="{pathlib.Path(sys.argv[1]).resolve()}"></script>')
    window = Browser(DRIVER_PORT, folder)
    try:
        window.visit(page.as_uri())
        for source in sources():
            drawing = window.run_until_done(DRAW, source)
            if not drawing.startswith("<svg"):
                sys.exit(f"{drawing}: {source}")
            file = drawing_of(source)
            file.write_text(f"{mark_of(source)}\n{drawing}\n")
            print(file)
    finally:
        window.close()
