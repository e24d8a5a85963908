"""Tables: what is marked, how heads and rows belong together, and the same as text and as HTML."""

import numpy as np
import pandas as pd
import pytest
from bs4 import BeautifulSoup
from hypothesis import given
from hypothesis import strategies as st

from fourmasks.pages.markup import LEGEND, table, verdicts
from fourmasks.pages.tables import plus_minus

RMSE = pd.DataFrame(
    {"test_rmse": [0.912, 0.9, 0.95, 0.9], "training_seconds": [1.0, 2.0, 3.0, 4.0]},
    index=pd.MultiIndex.from_product(
        [["ml-100k", "ml-1m"], ["mmf-learned", "mf-tuned"]], names=["dataset", "method"]
    ),
)


def parsed(shown):
    return BeautifulSoup(shown.html(), "html.parser")


def marked(page, tag):
    return [cell.text.replace(" ±", "\N{NO-BREAK SPACE}±") for cell in page.select(f"td > {tag}")]


def test_methods_and_measures_are_in_words_with_ours_beside():
    page = parsed(table(RMSE, 3, caption="What to see."))
    assert [head.text for head in page.select("thead th")] == ["method", "test RMSE", "training (s)"]
    assert [head.text for head in page.select("th[scope=rowgroup]")] == ["MovieLens 100K", "MovieLens 1M"]
    rows = page.select("th[scope=row]")
    assert [row.text for row in rows] == ["MMF, learned masks", "BiasMF, tuned"] * 2
    assert rows[0]["title"] == "mmf-learned"


def test_a_table_has_caption_scopes_and_a_name_for_its_frame():
    page = parsed(table(RMSE, caption='A < B & "C"'))
    assert page.caption.text == 'A < B & "C"' == page.div["aria-label"]
    assert page.div["tabindex"] == "0" and page.div["role"] == "region"
    assert {head["scope"] for head in page.find_all("th")} == {"col", "row", "rowgroup"}


def test_a_unit_is_at_the_head():
    page = parsed(table(pd.DataFrame({"memory": [1.0]}, index=["svd"]), units={"memory": "GB"}))
    assert page.select("thead th")[-1].text == "memory (GB)"


def test_the_best_is_bold_and_the_second_best_underlined_under_each_heading():
    page = parsed(table(RMSE, 3, best={"test_rmse": "lowest"}))
    assert marked(page, "strong") == ["0.900", "0.900"]
    assert marked(page, "u") == ["0.912", "0.950"]
    assert LEGEND in page.caption.text
    assert LEGEND not in table(RMSE).html()


def test_the_best_of_rows_and_the_highest():
    frame = pd.DataFrame({"a": [1.0, 5.0], "b": [2.0, 4.0], "c": [3.0, 3.0], "why": ["x", "y"]})
    page = parsed(table(frame, 0, best="highest", along="rows"))
    assert marked(page, "strong") == ["3", "5"] and marked(page, "u") == ["2", "4"]


def test_intervals_are_judged_by_their_means_and_equal_ones_share_a_mark():
    cells = [plus_minus("0.842", "0.003"), plus_minus("0.842", "0.100"), "0.850", "–", "0.900"]
    page = parsed(table(pd.DataFrame({"x": cells}), best="lowest"))
    assert marked(page, "strong") == cells[:2] and marked(page, "u") == ["0.850"]


def test_where_all_are_equal_none_is_best():
    assert parsed(table(pd.DataFrame({"x": [1.0, 1.0]}), best="lowest")).find("strong") is None


@given(st.lists(st.integers(-50, 50), min_size=2, max_size=8), st.sampled_from(["lowest", "highest"]))
def test_the_marked_ones_are_the_two_best_values(values, way):
    page = parsed(table(pd.DataFrame({"x": values}), best=way))
    ranked = sorted(set(values), reverse=way == "highest")
    texts = [values.count(value) * [str(value).replace("-", "−")] for value in ranked[:2]]
    expected = texts if len(ranked) > 1 else [[], []]
    assert [marked(page, "strong"), marked(page, "u")] == expected


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"best": "least"}, "'least'"),
        ({"best": {"x": "lowest"}}, "no column 'x'"),
        ({"along": "x"}, "along is 'x'"),
    ],
)
def test_what_cannot_be_marked_is_refused(options, words):
    with pytest.raises(ValueError, match=words):
        table(RMSE, **options)


def test_numbers_are_at_the_right_and_prose_wraps():
    frame = pd.DataFrame(
        {
            "n": ["1", "2 of 5"],
            "x": ["–", plus_minus("-0.1", "0.2")],
            "t": ["yes", "no"],
            "word": ["not reproduced", ""],
            "why": ["a " * 30, ""],
        }
    )
    page = parsed(table(frame))
    row = page.select("tbody tr")[0].find_all("td")
    assert [cell.get("class") for cell in row] == [None, None, ["text"], ["words"], ["prose"]]


def test_a_line_breaks_before_an_interval_and_not_before_a_unit():
    frame = pd.DataFrame({"x": [plus_minus("-0.1", "0.2")], "t": ["gain 5 % in 3 splits"]})
    cells = [cell.text for cell in parsed(table(frame)).find_all("td")]
    assert cells == ["−0.1 ±\N{NO-BREAK SPACE}0.2", "gain 5\N{NO-BREAK SPACE}% in 3 splits"]


def test_a_minus_is_one_and_a_hyphen_stays():
    texts = ["-3 to -.5", "(-0.2 to 1.2)", "1.2e-05", "a-1", "ml-100k", "2026-11-30"]
    cells = [cell.text for cell in parsed(table(pd.DataFrame({"x": texts}))).find_all("td")]
    assert cells == ["−3 to −.5", "(−0.2 to 1.2)", "1.2e-05", "a-1", "MovieLens 100K", "2026-11-30"]


def columns_of(row):
    return sum(int(cell.get("colspan", 1)) for cell in row.find_all(["th", "td"]))


def widths(page):
    """Return for each row of a table how many columns it has, with those that earlier rows reach into."""
    found = []
    for part in page.select("thead, tbody"):
        reaching: list[int] = []
        for row in part.find_all("tr"):
            found.append(columns_of(row) + sum(left > 0 for left in reaching))
            spans = [int(cell.get("rowspan", 1)) for cell in row.find_all("th")]
            reaching = [left - 1 for left in reaching] + [span - 1 for span in spans if span > 1]
    return set(found)


@pytest.mark.parametrize(
    "frame",
    [
        RMSE,
        RMSE["test_rmse"].unstack("method"),
        RMSE.unstack("method"),
        pd.concat({1: RMSE, 2: RMSE}, names=["budget"]),
        pd.concat({1: RMSE.iloc[:1], 2: RMSE.iloc[2:]}, names=["budget"]),
        pd.DataFrame(np.eye(3), columns=pd.MultiIndex.from_tuples([("a", "x"), ("a", "y"), ("b", "x")])),
    ],
)
def test_every_row_has_as_many_columns_as_the_others(frame):
    assert len(widths(parsed(table(frame)))) == 1


def test_columns_of_two_levels_are_put_together_and_numbers_told_by_their_level():
    frame = pd.DataFrame(
        [[1, 2, 3]], columns=pd.MultiIndex.from_tuples([(1, "x"), (1, "y"), (2, "x")], names=["d", None])
    )
    top, below = parsed(table(frame)).select("thead tr")
    assert [(head.text, head.get("colspan")) for head in top.select("th[scope=colgroup]")] == [
        ("d 1", "2"),
        ("d 2", "1"),
    ]
    assert [head.text for head in below.find_all("th")] == ["x", "y", "x"]


def test_text_and_html_say_the_same():
    shown = table(RMSE, 3, caption="What to see.")
    bundle = shown._repr_mimebundle_()
    assert bundle == shown._repr_mimebundle_()  # no ids that differ
    page, text = parsed(shown), bundle["text/plain"]
    assert text.startswith("What to see.\n")
    assert [cell.text for cell in page.find_all("td")] == [
        cell for row in text.splitlines()[3:] for cell in row.split()[-2:]
    ]
    assert all(head.text in text for head in page.find_all("th"))


def test_without_rows_there_are_no_runs_yet():
    shown = table(RMSE.iloc[:0], caption="Errors")
    assert "No runs are there yet" in shown.html() and "no runs are there yet" in str(shown)


def test_verdicts_stand_under_their_places():
    row = dict.fromkeys("dataset method metric reported measured interval n_seeds p_adjusted why".split())
    rows = [row | {"id": f"x-{n}", "place": place, "verdict": "reproduced"} for n, place in enumerate("abab")]
    page = parsed(verdicts(rows))
    assert [head.text for head in page.select("th[scope=rowgroup]")] == ["a", "b"]
    assert [head.text for head in page.select("th[scope=row]")] == ["x-0", "x-2", "x-1", "x-3"]
    assert [head.text for head in page.select("thead th")][:2] == ["claim", "verdict"]
