"""Claims in sentences: what the role prints, in a page and in a notebook, and what it refuses."""

import json
import re

import nbformat
import pytest
from bs4 import BeautifulSoup
from sphinx.application import Sphinx
from sphinx.util.docutils import docutils_namespace

from fourmasks.book import answers, words

ROWS = [
    {
        "id": "demo-table1-gain",
        "paper": "mmf",
        "headline": True,
        "dataset": "s6",
        "method": "mmf",
        "metric": "gain in relative_error (%)",
        "effect": "20 % less",
        "quote": "better",
        "why": "",
        "protocol": "ten matrices",
        "place": "Table 1",
        "verdict": "not reproduced",
        "reported": 20.2,
        "measured": 2.98765,
        "interval": [2.87654, 3.09876],
        "n_seeds": 5,
        "control": {
            "words": "no mask",
            "measured": -0.0154,
            "interval": [-0.0722, 0.0414],
            "helps": "no",
            "kept": None,
        },
    },
    {
        "id": "demo-theorem1",
        "paper": "mmf",
        "headline": False,
        "dataset": None,
        "method": None,
        "metric": "rank_deficit",
        "effect": None,
        "quote": None,
        "why": "",
        "protocol": "ten matrices",
        "place": "Theorem 1",
        "verdict": "cannot be",
        "reported": "it <holds>",
        "measured": None,
        "interval": None,
        "n_seeds": 0,
        "control": None,
    },
]


@pytest.fixture
def build(tmp_path):
    """Return the function that builds a page with a text, and returns its HTML and the warnings."""

    def built(text, name="book/mmf/index.md"):
        source = tmp_path / "source"
        page = source / name
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(text, encoding="utf-8")
        (source / "claims.json").write_text(json.dumps(ROWS))
        options = {
            "extensions": ["myst_nb", "fourmasks.book.extensions.claim_role"],
            "nb_execution_mode": "off",
        }
        options["root_doc"] = name.rsplit(".", 1)[0]
        warnings = tmp_path / "warnings"
        with warnings.open("w", encoding="utf-8") as stream, docutils_namespace():
            folders = (source, None, tmp_path / "html", tmp_path / "doctrees")
            Sphinx(*folders, "html", options, status=None, warning=stream).build()
        html = (tmp_path / "html" / options["root_doc"]).with_suffix(".html").read_text(encoding="utf-8")
        return BeautifulSoup(html.replace("\N{NO-BREAK SPACE}%", " %"), "html.parser"), warnings.read_text(
            encoding="utf-8"
        )

    return built


def test_no_line_breaks_before_a_percent_sign(build, tmp_path):
    claims = "```{claims}\ndemo-table1-gain\n```\n"
    build(f"# Page\n\nIt gains {{claim}}`demo-table1-gain measured` %, at 95 % and `5 % 2`.\n\n{claims}")
    html = (tmp_path / "html/book/mmf/index.html").read_text(encoding="utf-8")
    text = BeautifulSoup(html, "html.parser").text
    assert "2.99\N{NO-BREAK SPACE}%, at 95\N{NO-BREAK SPACE}% and 5 % 2." in text
    assert "20\N{NO-BREAK SPACE}% less" in text


def test_a_verdict_is_a_link_to_its_row(build):
    page, warnings = build("# Page\n\nIt is {claim}`demo-table1-gain`.\n")
    assert warnings == ""
    link = page.select_one("a.fm-claim")
    assert link.text == "not reproduced"
    assert link["href"] == "../scoreboard.html#demo-table1-gain"
    assert link["title"] == "demo-table1-gain: not reproduced (Table 1)"


def test_fields_are_printed(build):
    expected = {
        "demo-table1-gain verdict": "not reproduced",
        "demo-table1-gain measured": "2.99",
        "demo-table1-gain interval": "2.88 to 3.10",
        "demo-table1-gain reported": "20.2",
        "demo-table1-gain n": "5",
        "demo-table1-gain control": "−0.015 % (−0.072 to 0.041)",
        "demo-theorem1 measured": "not measured",
        "demo-theorem1 interval": "not measured",
        "demo-theorem1 control": "not measured",
        "demo-theorem1 reported": "it <holds>",
        "demo-theorem1 n": "0",
    }
    page, warnings = build("# Page\n\n" + ", ".join(f"{{claim}}`{role}`" for role in expected))
    assert [link.text for link in page.select("a.fm-claim")] == list(expected.values())
    assert warnings == ""


@pytest.mark.parametrize(
    ("value", "half", "text"),
    [
        (3, None, "3"),
        (-2.0, None, "−2"),
        (17.0, 1.5, "17.0"),
        (0, 0.25, "0.00"),
        (0.84321, None, "0.8432"),
        (0.84321, 1e-7, "0.8432"),
        (20.50128, 1.9, "20.5"),
        (33.7, 47.0, "34"),
        (12345.6, None, "12346"),
        (-1.25e-7, None, "−1.25 × 10⁻⁷"),
        (2.5e-9, 0.01, "0.000"),
        (4.019e-16, 1.3e-16, "4.0 × 10⁻¹⁶"),
        (0, 1e-9, "0.000"),
        (-0.04, 3.3, "0.0"),  # never a negative zero
    ],
)
def test_a_number_has_no_more_digits_than_it_bears(value, half, text):
    assert words.number(value, half) == text


def test_a_notebook_s_text_has_the_role_too(build):
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_markdown_cell("# Page\n\n{claim}`demo-table1-gain n` splits")]
    )
    page, warnings = build(nbformat.writes(notebook), "notebooks/mmf/ratings.ipynb")
    link = page.select_one("a.fm-claim")
    assert (link.text, link["href"], warnings) == ("5", "../../book/scoreboard.html#demo-table1-gain", "")


@pytest.mark.parametrize(
    ("role", "complaint"),
    [
        ("demo-table1-gian", "unknown claim 'demo-table1-gian'. Did you mean 'demo-table1-gain'?"),
        ("demo-theorem1 mesured", "unknown field 'mesured'. Did you mean 'measured'?"),
    ],
)
def test_an_unknown_name_is_a_warning_with_the_nearest(build, role, complaint):
    _, warnings = build(f"# Page\n\nIt is {{claim}}`{role}`.\n")
    assert complaint in warnings and "index.md:3" in warnings


def test_the_directive_prints_a_table_of_claims(build):
    page, warnings = build("# Page\n\n```{claims}\ndemo-theorem1\ndemo-table1-gain\n```\n")
    assert warnings == ""
    theorem, gain = (
        [cell.get_text(" ") for cell in line.find_all(["th", "td"])]
        for line in page.select(".fm-answers tbody tr")
    )
    assert theorem[:2] == ["MMF, Theorem 1", "it <holds> ten matrices"] and theorem[4].endswith("cannot be")
    assert gain[1:3] == ["20 % less", "2.99 % (2.88 to 3.10) gain in relative error, n\xa0=\xa05"]
    assert gain[3] == "the gain over the control is −0.015 % (−0.072 to 0.041) no mask"
    assert page.select_one(".fm-answers a")["href"] == "../scoreboard.html#demo-theorem1"


def test_there_is_a_column_for_controls_only_if_there_is_one(build):
    page, _ = build("# Page\n\n```{claims}\ndemo-theorem1\n```\n")
    assert [cell.get_text() for cell in page.select(".fm-answers th[scope=col]")] == [
        "Claim",
        "The paper says",
        "We found",
        "Verdict",
    ]
    assert len(page.select(".fm-answers tbody :is(th, td)")) == 4


def test_without_ids_the_directive_prints_the_headlines(build):
    page, _ = build("# Page\n\n```{claims}\n```\n")
    assert [link.text for link in page.select(".fm-answers a")] == ["MMF, Table 1"]


@pytest.mark.parametrize(
    ("kept", "words", "arrows"),
    [
        ({"measured": 50.0, "interval": [40.0, 60.0]}, "50 % (40 to 60)", 0),
        ({"measured": 100.0, "interval": [-80.0, 280.0]}, "100 % (−80 to 280)", 2),
        ({"measured": 400.0, "interval": [380.0, 420.0]}, "400 % (380 to 420)", 1),
        (None, "there may be no gain", 0),
    ],
)
def test_the_figure_tells_the_share_that_is_left(build, monkeypatch, kept, words, arrows):
    monkeypatch.setitem(ROWS[0]["control"], "kept", kept)
    page, warnings = build("# Page\n\n```{claims}\n:share:\n```\n")
    assert warnings == ""
    drawing = page.select_one(".fm-kept svg")
    assert words in drawing.get_text() and f"MMF, Table 1, S6: {words}" in drawing["aria-label"]
    ends = (
        [float(number) for number in re.findall(r"[MH]([\d.]+)", drawing.select_one(".bar")["d"])]
        if kept
        else []
    )
    assert len(drawing.select(".mark")) == arrows
    assert ends == sorted(ends) and all(0 <= end <= answers.WIDTH for end in ends)


def test_an_unknown_claim_in_the_directive_is_a_warning(build):
    page, warnings = build("# Page\n\n```{claims}\ndemo-theorem2\n```\n")
    assert "unknown claim 'demo-theorem2'. Did you mean 'demo-theorem1'?" in warnings
    assert not page.select(".fm-answers")
