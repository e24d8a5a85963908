"""The scoreboard: what is made from the ledger, and that the site's sources follow the ledger."""

import json
import re
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from fourmasks.book import ratios, scoreboard
from fourmasks.book import site as book_site
from fourmasks.book.notebooks import execution
from fourmasks.book.words import LEDGER
from fourmasks.system.files import write_whole
from fourmasks.system.paths import project_root

CLAIMS = """paper: mmf
groups:
- kind: experiment
  place: Table <1>
  form: value
  metric: test_rmse
  protocol: a & b
  claims:
  - {id: mmf-table1-ml-1m, dataset: ml-1m, reported: 0.8, experiment: mmf/ratings}
  - {id: mmf-table1-ml-1m-bias, dataset: ml-1m, reported: 0.9, why: "no <b>files</b>"}
"""
PAGE = "# Scores\n"


def row(**changes):
    """Return a row as `evidence.collect` makes it."""
    plain = {
        **{"id": "mmf-a", "paper": "mmf", "place": "Table 4", "kind": "experiment", "headline": False},
        **{"dataset": "ml-1m, ml-100k", "method": "mmf", "metric": "gain in test_rmse (%)", "form": "gain"},
        **{
            "reported": 20.2,
            "quote": None,
            "effect": None,
            "margin": 10.1,
            "why": "",
            "protocol": "five splits",
        },
        **{"measured": 18.123, "spread": 1.0, "interval": [17.0, 19.246], "n_seeds": 5, "test": "exact"},
        **{"p": 0.01, "p_adjusted": 0.02, "further": None, "verdict": "reproduced", "control": None},
        **{"record": ["mmf-ratings-0123456789abcdef.json"], "modules": ["fourmasks.mmf.ratings.run.run"]},
        **{"pages": ["notebooks/mmf/ratings"], "command": "fourmasks run mmf/ratings --profile paper"},
    }
    return plain | changes


def parsed(html):
    return BeautifulSoup(html, "html.parser")


@pytest.fixture(scope="module")
def committed(tmp_path_factory):
    """Return what the scoreboard adds to the sources, with the committed pages and records."""
    root = project_root()
    pages = [*(root / "book").rglob("*.md"), *(root / "notebooks").rglob("*.ipynb")]
    return scoreboard.files(root, [path.relative_to(root) for path in pages])


@pytest.fixture
def sources(project, tmp_path, monkeypatch):
    """The sources of a small site with a scoreboard and two claims, none of which has a record."""
    (tmp_path / "data/claims").mkdir(parents=True)
    (tmp_path / "data/claims/mmf.yaml").write_text(CLAIMS)
    for name in ("_config.yml", "_toc.yml", "data/registry.yaml", "book/scoreboard.md"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(PAGE)
    monkeypatch.setattr(execution, "execute", lambda name, path: write_whole(path, b"{}"))
    return tmp_path


def test_every_claim_has_one_anchor(committed):
    rows = json.loads(committed[Path(LEDGER)])
    page = parsed(committed[Path("book/scoreboard/table.html")])
    assert [tag["id"] for tag in page.select("tbody tr")] == [row["id"] for row in rows]
    assert len({row["id"] for row in rows}) == len(rows) > 800
    shapes = parsed(committed[Path("book/scoreboard/figure.html")]).select("svg a")
    assert {link["href"].removeprefix("#") for link in shapes} <= {row["id"] for row in rows}


def test_headlines_come_first(committed):
    found = [
        "data-headline" in tag.attrs
        for tag in parsed(committed[Path("book/scoreboard/table.html")]).select("tbody tr")
    ]
    assert found == sorted(found, reverse=True) and any(found)


def test_links_lead_to_pages_of_the_contents_and_to_records(committed):
    contents = re.findall(r"(?:root|file): (\S+)", (project_root() / "_toc.yml").read_text(encoding="utf-8"))
    added = {path.relative_to("book/_static").as_posix() for path in committed if "_static" in path.parts}
    for name in ("table", "figure"):
        page = parsed(committed[Path(f"book/scoreboard/{name}.html")])
        addresses = {link["href"] for link in page.select("a") if not link["href"].startswith("#")}
        pages = {address for address in addresses if address.endswith(".html")}
        assert {address.removeprefix("../").removesuffix(".html") for address in pages} <= set(contents)
        assert {address.removeprefix("../_static/") for address in addresses - pages} <= added


def test_the_page_stays_light(committed):
    assert sum(len(content) for path, content in committed.items() if path.suffix == ".html") < 1.4e6


def test_texts_are_escaped():
    bad = "<i>&\"'"
    texts = dict.fromkeys(
        ("place", "method", "quote", "effect", "why", "protocol", "reported", "metric"), bad
    )
    control = {"words": bad, "measured": 1.0, "interval": None, "n_seeds": 1, "helps": "yes"}
    page = parsed(scoreboard.table([row(**texts, control=control, command=bad, modules=[bad], test=bad)]))
    assert not page.select("i")
    assert page.select_one("tbody").text.count(bad) == 12


def test_a_row_says_all_there_is():
    control = {"words": "no mask", "measured": 0.5, "interval": [0.25, 0.75], "n_seeds": 5, "helps": "yes"}
    page = parsed(scoreboard.table([row(control=control, quote="the best", effect="20 %", further=3)]))
    texts = [cell.get_text(" ", strip=True) for cell in page.select("tbody tr > *")]
    assert texts[:4] == [
        "MMF, Table 4 MovieLens 1M; MovieLens 100K; MMF",
        "✓ reproduced",
        "the best 20.2 % gain in test RMSE (%); five splits",
        "18.1 % 17.0 to 19.2; n\xa0=\xa05",
    ]
    terms = [tag.text for tag in page.select("dt")]
    found = dict(zip(terms, (tag.text for tag in page.select("dd")), strict=True))
    assert found == {
        "id": "mmf-a (experiment)",
        "claimed effect": "20 %",
        "control": "no mask: gain over it 0.50 % (0.25 to 0.75), n = 5; does the mask help? yes",
        "margin": "± 10.1",
        "test": "exact",
        "p": "0.01",
        "p, adjusted": "0.02",
        "splits to settle it": "3",
        "shown on": "mmf/ratings",
        "computed by": "fourmasks.mmf.ratings.run.run",
        "records": "0123456789abcdef",
        "repeat": "fourmasks run mmf/ratings --profile paper",
    }


def test_records_beyond_the_first_are_counted():
    names = [f"mmf-ratings-{key:016x}.json" for key in range(25)]
    page = parsed(scoreboard.table([row(record=names)]))
    assert len(page.select("a[href*=_static]")) == 20
    assert "and 5 more" in page.text


def test_the_summary_counts_and_leads_to_what_it_counts():
    rows = [row(), row(paper="pia", verdict="cannot be", headline=True), row(), row(kind="theory")]
    page = parsed(scoreboard.summary(rows))
    assert [link["href"] for link in page.select("a")] == [
        "?paper=pia&headline=on&verdict=cannot+be#claims",
        "?paper=mmf&kind=experiment&verdict=reproduced#claims",
        "?paper=pia&kind=experiment&verdict=cannot+be#claims",
        "?paper=mmf&kind=theory&verdict=reproduced#claims",
    ]
    assert [link.text for link in page.select("a")] == ["1", "2", "1", "1"]
    groups = [head.text for head in page.select("th[scope=rowgroup]")]
    assert groups == ["Headline claims", "Results of experiments", "Theorems and worked examples"]


def test_the_figure_has_a_mark_for_each_ratio_and_says_so_in_words():
    rows = [
        row(reported=20.0, measured=18.0),
        row(id="mmf-b", measured=-1.0, verdict="not reproduced"),
        row(id="mmf-c", measured=None),
    ]
    rows += [row(id="mmf-d", kind="data"), row(id="mmf-e", reported="words", form="order")]
    page = parsed(ratios.figure(rows, {"mmf": "MMF", "pia": "PIA-VAE"}))
    assert [link["href"] for link in page.select("svg a")] == ["#mmf-b", "#mmf-a"]
    assert "MMF, Table 4, gains: 2 ratios from −0.0495 to 0.9" in page.svg["aria-label"]
    assert "Without such a number: PIA-VAE." in page.figcaption.text
    lines = ratios.as_csv(rows).splitlines()
    assert len(lines) == 3
    assert lines[1] == "mmf-a,mmf,Table 4,gain in test_rmse (%),20.0,18.0,0.9,reproduced"


def test_verdicts_differ_in_shape(committed):
    shapes = [path for path, _ in ratios.MARKS.values()]
    assert len(set(shapes)) == len(shapes)


def test_the_page_follows_the_verdict(sources):
    stage, table = sources / "stage", sources / "stage/book/scoreboard/table.html"
    assert book_site.stage(stage) == []
    before = table.read_text(encoding="utf-8")
    assert "○</span> not attempted" in before and "⊘</span> cannot be" not in before
    assert "no &lt;b&gt;files" in before
    claims = sources / "data/claims/mmf.yaml"
    claims.write_text(CLAIMS.replace("reported: 0.9,", "reported: 0.9, cannot_be: true,"))
    book_site.stage(stage)
    assert "⊘</span> cannot be" in table.read_text(encoding="utf-8")
    assert [one["verdict"] for one in json.loads((stage / LEDGER).read_text())] == [
        "not attempted",
        "cannot be",
    ]


def test_what_did_not_change_is_not_written_again(sources):
    stage = sources / "stage"
    book_site.stage(stage)
    before = {path: path.stat().st_mtime_ns for path in stage.rglob("*")}
    book_site.stage(stage)
    assert {path: path.stat().st_mtime_ns for path in stage.rglob("*")} == before


def test_a_page_that_names_a_claim_is_linked(sources):
    (sources / "book/mmf.md").write_text("It is {claim}`mmf-table1-ml-1m`.")
    book_site.stage(sources / "stage")
    rows = json.loads((sources / "stage" / LEDGER).read_text())
    assert [one["pages"] for one in rows] == [["book/mmf"], []]


def test_a_command_is_for_the_claim_s_own_data(sources, project, monkeypatch):
    text = '# %% tags=["parameters"]\nprofile = "book"\ndataset = None\n\n# %%\nprint(1)\n'
    project("mmf/ratings", text)
    shown = b'{"text": "head\\\\nmmf-table1-ml-1m  0.8\\\\nmmf-table1-ml-1m-bias"}'

    def execute(name, path):
        write_whole(path, shown if name == "mmf/ratings" else b"{}")

    monkeypatch.setattr(execution, "execute", execute)
    book_site.stage(sources / "stage")
    commands = [one["command"] for one in json.loads((sources / "stage" / LEDGER).read_text())]
    assert commands == ["fourmasks run mmf/ratings --profile paper -p dataset ml-1m", "fourmasks claims mmf"]
