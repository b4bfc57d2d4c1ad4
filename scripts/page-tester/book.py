"""Reads the book at /book in a browser: book.py URL."""

import sys
import tempfile

from browser import Browser, until

DRIVER_PORT = 9979
NARROW = 320

# The lowest contrasts of text to be readable (WCAG 2.2, level AA). Returns the texts below them.
UNREADABLE = """
const channels = (colour) => colour.match(/[\\d.]+/g).map(Number);
const over = ([r, g, b, a = 1], [x, y, z]) =>
  [r * a + x * (1 - a), g * a + y * (1 - a), b * a + z * (1 - a)];
const background = (element) => {
  if (!element) return [255, 255, 255];
  const colour = channels(getComputedStyle(element).backgroundColor);
  return colour[3] === 0 ? background(element.parentElement)
    : over(colour, background(element.parentElement));
};
const luminance = (colour) => {
  const [r, g, b] = colour.map((value) => value / 255)
    .map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const found = new Set();
const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (texts.nextNode()) {
  const element = texts.currentNode.parentElement;
  const text = texts.currentNode.textContent.trim();
  if (!text || !element.checkVisibility({ visibilityProperty: true, opacityProperty: true })) continue;
  const behind = background(element);
  const style = getComputedStyle(element);
  const pair = [luminance(over(channels(style.color), behind)), luminance(behind)].sort((a, b) => b - a);
  const contrast = (pair[0] + 0.05) / (pair[1] + 0.05);
  const size = parseFloat(style.fontSize);
  const isLarge = size >= 24 || (size >= 18.66 && style.fontWeight >= 700);
  if (contrast < (isLarge ? 3 : 4.5)) {
    const place = `${element.tagName} ${element.className}`;
    found.add(`${place}: ${text.slice(0, 30)} (${contrast.toFixed(2)})`);
  }
}
return [...found];
"""

base = f"{sys.argv[1]}/book"


def pages(browser):
    """Returns the addresses of all pages, from the table of contents that needs no script."""
    browser.visit(f"{base}/toc.html")
    links = browser.run("return [...document.links].map((link) => link.href.split('#')[0])")
    return sorted(set(links))


def shows(browser, colours, width):
    """Has the next pages shown to a reader who prefers light or dark, on a screen of this width."""
    feature = {"name": "prefers-color-scheme", "value": colours}
    browser.command("Emulation.setEmulatedMedia", features=[feature])
    browser.command("Emulation.setDeviceMetricsOverride",
                    width=width, height=900, deviceScaleFactor=1, mobile=False)


def every_page_is_readable(browser, addresses, colours, width):
    shows(browser, colours, width)
    for address in addresses:
        place = f"{address} ({colours}, {width} px)"
        browser.visit(address)
        dark = browser.run("return document.documentElement.classList.contains('navy')")
        assert dark == (colours == "dark"), place
        wide = browser.run("return document.documentElement.scrollWidth")
        assert wide <= width, f"{place} is {wide} px wide"
        assert (texts := browser.run(UNREADABLE)) == [], f"{place}: {texts}"
        broken = browser.run(
            "return [...document.images].filter((one) => !one.naturalWidth).map((one) => one.src)")
        assert broken == [], f"{place}: {broken}"
        foreign = browser.run(
            "return performance.getEntriesByType('resource').map((one) => one.name)"
            ".filter((name) => !name.startsWith(location.origin + '/') && !name.startsWith('data:'))")
        assert foreign == [], f"{place}: {foreign}"
        assert (lines := browser.console()) == [], f"{place}: {lines}"


def a_search_finds_a_page(browser, colours, width):
    shows(browser, colours, width)
    browser.visit(f"{base}/")
    browser.shows("This is its documentation")
    browser.click("#mdbook-search-toggle")
    browser.write("#mdbook-searchbar", "idempotency")
    browser.shows("search results for 'idempotency'")
    assert (texts := browser.run(UNREADABLE)) == [], texts
    browser.click("#mdbook-searchresults a")
    until("the word is marked", lambda: browser.run(
        "return document.querySelector('main mark')?.textContent.toLowerCase() === 'idempotency'"))
    assert (lines := browser.console()) == [], lines


def examples_are_in_one_language(browser):
    browser.visit(f"{base}/customer-api-examples.html")
    browser.run("[...document.querySelectorAll('[role=tab]')]"
                ".find((tab) => tab.textContent === 'Python').click()")
    shown = "return document.querySelector('.languages pre:not([hidden]) code').className"
    assert "python" in browser.run(shown)
    browser.visit(f"{base}/internal-api-examples.html")
    assert "python" in browser.run(shown)


with tempfile.TemporaryDirectory() as downloads:
    window = Browser(DRIVER_PORT, downloads)
    try:
        all_pages = pages(window)
        assert len(all_pages) > 50, all_pages
        every_page_is_readable(window, all_pages, "light", NARROW)
        every_page_is_readable(window, all_pages, "dark", 1200)
        a_search_finds_a_page(window, "light", 1200)
        a_search_finds_a_page(window, "dark", NARROW)
        examples_are_in_one_language(window)
    finally:
        window.close()
print(f"test-page: passed (book, {len(all_pages)} pages)", file=sys.stderr)
