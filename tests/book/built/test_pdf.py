"""The PDF of the site: its order, its links, and, where Chromium is here, the printing."""

import pytest
import yaml
from bs4 import BeautifulSoup

from fourmasks.book.built import browser, pdf
from fourmasks.system.paths import project_root

PAGE = """<html><head><link rel="stylesheet" href="{up}_static/a.css?v=1"></head><body>
<nav>menu</nav><article>
<h1 id="top">{title}</h1><a class="headerlink" href="#top">#</a><button>Copy</button>
<a href="#top">self</a><a href="{other}.html">other</a><a href="{other}.html#top">anchor</a>
<link rel="stylesheet" href="{up}_static/b.css">
<details class="hide"><summary>Show the code</summary><div class="cell_input">code</div><p>shown</p></details>
<a href="a.ipynb">download</a><a href="https://example.org/">away</a><img src="{up}_images/x.png" alt="x">
</article></body></html>"""


@pytest.fixture
def site(tmp_path):
    folder = tmp_path / "html"
    (folder / "book").mkdir(parents=True)
    (folder / "one.html").write_text(PAGE.format(up="", title="One", other="book/two"))
    (folder / "book" / "two.html").write_text(PAGE.format(up="../", title="Two", other="../one"))
    return folder


def test_pages_come_in_the_order_of_the_table_of_contents():
    contents = yaml.safe_load((project_root() / "_toc.yml").read_text(encoding="utf-8"))
    names = list(pdf.pages(contents))
    assert names[:2] == ["book/intro", "book/rerun"]
    assert names.index("book/mmf/index") < names.index("notebooks/mmf/theory") < names.index("book/pia/index")
    assert len(names) == len(set(names)) == str(contents).count("'file'") + 1


def test_links_between_pages_lead_to_places_in_the_document(site):
    document = BeautifulSoup(pdf.assemble(site, ["one", "book/two"], "../html"), "html.parser")
    first, second = document.find_all("article")
    places = {tag["id"] for tag in document.find_all(id=True)}
    assert places == {"one--", "one--top", "book-two--", "book-two--top"}
    links = [link.get("href") for link in first.find_all("a")]
    assert links == ["#one--top", "#book-two--", "#book-two--top", None, "https://example.org/"]
    assert [link.get("href") for link in second.find_all("a")][1] == "#one--"
    assert {image["src"] for image in document.find_all("img")} == {"../html/_images/x.png"}
    styles = [link["href"] for link in document.head.find_all("link")]
    assert styles == ["../html/_static/a.css?v=1", "../html/_static/b.css"]
    assert not document.find_all(["nav", "button", "summary"])
    assert "shown" in first.text and "code" not in first.text and not first.details


@pytest.mark.skipif(browser.find() is None, reason="Chromium is not here: it prints the PDF")
def test_a_pdf_is_printed(site, tmp_path):
    destination = tmp_path / "all.pdf"
    pdf.make_pdf(site, ["one", "book/two"], destination)
    content = destination.read_bytes()
    assert content.startswith(b"%PDF") and b"/Count 2" in content
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith("print-")] == []


def test_without_a_browser_it_says_so(site, tmp_path, monkeypatch):
    monkeypatch.setattr(browser, "NAMES", ())
    with pytest.raises(RuntimeError, match="Chromium is not here"):
        pdf.make_pdf(site, ["one"], tmp_path / "all.pdf")


def test_what_is_not_built_is_named(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("FOURMASKS_ROOT", str(tmp_path))
    (tmp_path / "_toc.yml").write_text("root: book/intro\n")
    assert pdf.main() == 1
    assert "book/intro is not in" in capsys.readouterr().err
