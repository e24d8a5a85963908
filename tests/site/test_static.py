"""The built pages as files: links, anchors, images, downloads. No browser needed."""

import json
import re
from urllib.parse import unquote, urlsplit

import pytest

LOADED = {"script": "src", "img": "src", "iframe": "src", "source": "src", "link": "href"}


def read_pages(site, parse):
    """Return the parsed pages by path; the theme's own templates in `_static` are none."""
    paths = [path for path in sorted(site.rglob("*.html")) if "_static" not in path.relative_to(site).parts]
    return {path: parse(path) for path in paths}


def references(page):
    """Yield what a page points at: the address, and whether the browser loads it by itself."""
    for tag in page.find_all(["a", *LOADED]):
        address = tag.get(LOADED.get(tag.name, "href"))
        if address is not None:
            yield address, tag.name != "a"
    for tag in page.find_all("meta", attrs={"http-equiv": re.compile("refresh", re.IGNORECASE)}):
        yield tag["content"].split("url=", 1)[1], True


def anchors(page):
    return {tag[name] for name in ("id", "name") for tag in page.find_all(attrs={name: True})}


def broken_references(site, parse):
    """Return a line for each reference that leads nowhere, and for each file loaded from another host."""
    pages = read_pages(site, parse)
    found = {path: anchors(page) for path, page in pages.items()}
    problems = []
    for path, page in pages.items():
        for address, loaded in references(page):
            parts = urlsplit(address)
            where = f"{path.relative_to(site)}: {address:.100}"
            if parts.scheme in ("data", "mailto"):
                continue
            if parts.scheme or parts.netloc:
                problems += [f"{where} is loaded from another host"] * loaded
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            if address.startswith("/"):
                problems.append(f"{where} works only at the root of a server")
            elif not target.is_file():
                problems.append(f"{where}: no such file")
            elif parts.fragment and target in pages and unquote(parts.fragment) not in found[target]:
                problems.append(f"{where}: no such anchor")
    return problems


def bad_alternative_texts(site, parse):
    """Return a line for each image whose alternative text is missing, empty or a file's name."""
    problems = []
    for path, page in read_pages(site, parse).items():
        for image in page.find_all("img"):
            text = image.get("alt", "").strip()
            if not text or re.search(r"\.(png|jpe?g|gif|svg|webp)$", text, re.IGNORECASE):
                problems.append(f"{path.relative_to(site)}: {image.get('src', '')[:60]} has alt={text!r}")
    return problems


def test_every_reference_leads_somewhere(site, parse):
    assert not broken_references(site, parse)


def test_every_image_has_a_text(site, parse):
    assert not bad_alternative_texts(site, parse)


def test_every_notebook_can_be_downloaded(site, parse):
    paths = sorted((site / "notebooks").rglob("*.html"))
    assert paths, "the site has no notebook page"
    for path in paths:
        page = parse(path)
        links = [link["href"] for link in page.select(".article-header-buttons a[href$='.ipynb']")]
        assert links, f"{path.name} has no button that downloads its notebook"
        notebook = json.loads((path.parent / links[0]).read_text(encoding="utf-8"))
        assert any(cell["cell_type"] == "code" and cell["outputs"] for cell in notebook["cells"])


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        ('<a href="absent.html">x</a>', "absent.html: no such file"),
        ('<a href="other.html#absent">x</a>', "other.html#absent: no such anchor"),
        ('<a href="#absent">x</a>', "#absent: no such anchor"),
        ('<a href="/other.html">x</a>', "only at the root"),
        ('<img alt="A face." src="absent.png">', "absent.png: no such file"),
        ('<script src="https://cdn.example/a.js"></script>', "another host"),
        ('<link rel="stylesheet" href="//cdn.example/a.css">', "another host"),
        ('<meta http-equiv="Refresh" content="0; url=absent.html">', "absent.html: no such file"),
    ],
)
def test_a_broken_reference_is_found(tmp_path, body, complaint, parse):
    (tmp_path / "other.html").write_text("<p id='there'></p>")
    good = "<a href='other.html#there'>x</a><a href='other.html?q=1'>x</a><a href='https://example.org'>x</a>"
    (tmp_path / "page.html").write_text(good + body)
    (problem,) = broken_references(tmp_path, parse)
    assert problem.startswith("page.html: ") and complaint in problem


@pytest.mark.parametrize("attribute", ["", 'alt=""', 'alt=" "', 'alt="../_images/a1b2.png"'])
def test_a_bad_alternative_text_is_found(tmp_path, attribute, parse):
    (tmp_path / "page.html").write_text(f'<img alt="Three curves." src="a.png"><img {attribute} src="b.png">')
    (problem,) = bad_alternative_texts(tmp_path, parse)
    assert "b.png" in problem
