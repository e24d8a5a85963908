"""What helps to read: neighbours, changelog, style for paper."""

import re

import yaml

from fourmasks.book.built.pdf import pages
from fourmasks.system.paths import project_root

ROOT = project_root()
CONFIG = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))


def test_every_page_leads_to_the_one_before_and_the_one_after(site, parse):
    names = list(pages(yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))))
    for place, name in enumerate(names):
        page = parse(site / f"{name}.html")
        for css, there in (("left-prev", place > 0), ("right-next", place < len(names) - 1)):
            (links, neighbour) = (
                page.select(f"a.{css}"),
                names[place - 1 if css == "left-prev" else place + 1 :],
            )
            assert len(links) == there, name
            if there:
                target = (site / f"{name}.html").parent / links[0]["href"]
                assert target.resolve() == (site / f"{neighbour[0]}.html").resolve()


def test_the_changelog_is_a_page(site, parse):
    first = re.search(r"^- (.+?:)", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)[1]
    article = parse(site / "book" / "changelog.html").select_one("article")
    assert article.h1.get_text().startswith("Changelog") and first in " ".join(article.get_text().split())


def test_on_paper_there_is_the_text_alone(site, browser, serve):
    with serve(site) as address:
        browser.get(f"{address}/book/glossary.html")
        browser.execute_script("document.documentElement.dataset.theme = 'dark'")
        try:
            browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
            shown = browser.execute_script(
                "return ['.bd-sidebar-primary', '.bd-sidebar-secondary', '.bd-header-article', '.headerlink',"
                "'.prev-next-area', '.bd-footer']"
                ".filter(css => document.querySelector(css)?.getClientRects().length)"
            )
            colours = browser.execute_script(
                "const of = css => getComputedStyle(document.querySelector(css));"
                "return [of('article p').color, of('body').backgroundColor, of('article h1').display]"
            )
        finally:
            browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})
    assert shown == []
    assert colours == ["rgb(0, 0, 0)", "rgb(255, 255, 255)", "block"]


def test_our_statements_have_a_letter_where_they_stand_and_where_they_are_named(site, parse):
    names = ("mmf/theory", "pia/theory", "lunet/theory", "sparse/theory", "sparse/gap")
    for name in names:
        found = [
            span.get_text() for span in parse(site / f"book/{name}.html").select(".proof .caption-number")
        ]
        assert found and all(re.fullmatch(rf"\w+ {name[0].upper()}\.\d+ ", text) for text in found), found
    links = parse(site / "book" / "misprints.html").select("a.reference[href*='theory.html#']")
    named = [link.get_text() for link in links]
    assert [text for text in named if re.fullmatch(r"\w+ [MPLS]\.\d+", text)]
    assert not [text for text in named if re.fullmatch(r"(Theorem|Proposition|Remark) [1-4]\.\d+", text)]
