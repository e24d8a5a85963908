"""The site as one PDF: its pages in the order of the table of contents, printed by Chromium.

`python -m fourmasks.book.built.pdf` makes `_build/four-masks.pdf` from `_build/html`; `make pdf` calls it.
All pages become one document: links between them lead to places in the PDF, and no library merges them.
"""

import posixpath
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

import yaml
from bs4 import BeautifulSoup, Tag

from fourmasks.book.built import browser
from fourmasks.system.paths import project_root

LIMIT = 600  # seconds
# What is of no use on paper. Code that the site hides stays hidden; what it shows stays.
SCREEN_ONLY = (
    "a.headerlink, button, link, script, style.screen, details.hide > summary, details.hide .cell_input"
)
HEAD = """<meta charset="utf-8"><title>Four Masks</title><style>
@page { size: A4; margin: 16mm 15mm 18mm; }
article.page { break-before: page; }
article.page:first-of-type { break-before: auto; }
html:root { font-size: 12px; }
article.page .sd-card { break-inside: avoid; }
article.page :is(.fm-table, figure) { overflow: visible; }
article.page :is(.fm-table, .pst-scrollable-table-container) :is(table, th, td) { min-width: 0; }
article.page .fm-table :is(th, td) { padding: 0.15rem 0.25rem; white-space: normal; }
article.page .fm-table :is(.text, .k) { min-width: 4.5rem; overflow-wrap: anywhere; }
article.page figure svg { min-width: 0; max-width: 100%; }
</style>"""


def pages(contents: dict) -> Iterator[str]:
    """Yield the pages of a table of contents, as `_toc.yml` has it, in the order of reading."""
    if name := contents.get("root") or contents.get("file"):
        yield name
    for below in ("parts", "chapters", "sections"):
        for entry in contents.get(below, ()):
            yield from pages(entry)


def assemble(site: Path, names: list[str], prefix: str) -> str:
    """Return all pages as one HTML document.

    Parameters
    ----------
    site : Path
        The folder of the built site.
    names : list of str
        Pages, without suffix, from the site's folder on.
    prefix : str
        How to get from the document to the site's folder.
    """
    soups = {
        name: BeautifulSoup((site / f"{name}.html").read_text(encoding="utf-8"), "html.parser")
        for name in names
    }
    head = {}  # styles and scripts of all pages, each once: MathJax and its settings, and the style sheets
    for name, soup in soups.items():
        for tag in soup.select("link, head script, script.mathjax"):
            _relocate(tag, name, prefix)
            if tag.name == "link" and "stylesheet" in tag.get("rel", ()) or "mathjax" in str(tag).lower():
                head[str(tag)] = None
    body = [str(_page(name, soup, set(names), prefix)) for name, soup in soups.items()]
    main = '<div class="bd-main"><div class="bd-content"><div class="bd-article-container">'
    return (
        f'<!DOCTYPE html>\n<html lang="en" data-theme="light"><head>{HEAD}{"".join(head)}</head>\n'
        f'<body class="whole-book">{main}{"".join(body)}</div></div></div></body></html>'
    )


def _page(name: str, soup: BeautifulSoup, names: set[str], prefix: str) -> Tag:
    """Return the article of a page, with anchors that no other page has."""
    article = soup.select_one("article")
    article["class"], article["id"] = [*article.get("class", ()), "page"], _anchor(name, "")
    for tag in article.select(SCREEN_ONLY):
        tag.decompose()
    for tag in article.find_all(id=True):
        tag["id"] = _anchor(name, tag["id"])
    for tag in article.find_all(attrs={"for": True}):
        tag["for"] = _anchor(name, tag["for"])
    for tag in article.find_all(["a", "img", "source"]):
        _relocate(tag, name, prefix, names)
    for tag in article.select("details.hide"):
        tag.unwrap()
    for tag in article.find_all("details"):
        tag["open"] = ""
    return article


def _anchor(name: str, anchor: str) -> str:
    return f"{name.replace('/', '-')}--{anchor}"


def _relocate(tag: Tag, name: str, prefix: str, names: set[str] = frozenset()) -> None:
    """Let what a tag of a page refers to be found from the document: a place in it, or a file of the site."""
    key = "href" if tag.name in ("a", "link") else "src"
    parts = urlsplit(tag.get(key, "data:"))
    if parts.scheme or parts.netloc:
        return
    path = posixpath.normpath(posixpath.join(posixpath.dirname(name), unquote(parts.path)))
    target = path.removesuffix(".html") if parts.path else name
    if tag.name != "a":
        tag[key] = f"{prefix}/{path}" + (f"?{parts.query}" if parts.query else "")
    elif target in names:
        tag[key] = f"#{_anchor(target, parts.fragment)}"
    else:  # a download, which paper does not have
        del tag[key]


def make_pdf(site: Path, names: list[str], destination: Path) -> None:
    """Print pages of a built site to a PDF.

    Raises
    ------
    RuntimeError
        If there is no Chromium, or if it did not print.
    """
    destination.unlink(missing_ok=True)
    with tempfile.TemporaryDirectory(dir=site.parent, prefix="print-") as folder:
        document = Path(folder, "book.html")
        document.write_text(assemble(site, names, f"../{site.name}"), encoding="utf-8")
        done = browser.run(
            document.resolve().as_uri(),
            *("--allow-file-access-from-files", "--no-pdf-header-footer", "--generate-pdf-document-outline"),
            *(f"--virtual-time-budget={1000 * LIMIT}", f"--user-data-dir={folder}/profile"),
            f"--print-to-pdf={destination.resolve()}",
            timeout=LIMIT,
        )
    if done.returncode or not destination.is_file():
        raise RuntimeError(f"Chromium did not print: {done.stderr[-500:]}")


def main() -> int:
    """Make the PDF of the whole site; return 1, saying why, if that is not possible."""
    root, start = project_root(), time.perf_counter()
    site, destination = root / "_build" / "html", root / "_build" / "four-masks.pdf"
    names = list(pages(yaml.safe_load((root / "_toc.yml").read_text(encoding="utf-8"))))
    if missing := [name for name in names if not (site / f"{name}.html").is_file()]:
        print(f"make pdf: {missing[0]} is not in {site}: make book builds it", file=sys.stderr)
        return 1
    try:
        make_pdf(site, names, destination)
    except (RuntimeError, subprocess.TimeoutExpired) as error:
        print(f"make pdf: {error}", file=sys.stderr)
        return 1
    size = destination.stat().st_size / 1e6
    print(
        f"{destination}: {len(names)} pages of the site, {size:.1f} MB, {time.perf_counter() - start:.0f} s"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
