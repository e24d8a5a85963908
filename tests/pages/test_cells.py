"""Cells: rounded texts, and the numbers in them."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fourmasks.pages.cells import number, rounded


def test_rounding_makes_text_of_floats_and_leaves_the_rest():
    frame = pd.DataFrame(
        {
            "method": ["svd", None],
            "error": [0.123456, float("nan")],
            "tiny": [-1e-9, 2.0],
            "seeds": [3, 12],
            "done": [True, False],
            "budgets": [[10, 20], (5,)],
        },
        index=["a", "b"],
    )
    shown = rounded(frame, digits=3)
    assert shown.loc["a"].tolist() == ["svd", "0.123", "0.000", "3", "True", "[10, 20]"]
    assert shown.loc["b"].tolist() == ["–", "–", "2.000", "12", "False", "(5,)"]
    assert list(shown.columns) == list(frame.columns)
    assert frame.loc["a", "error"] == 0.123456


@given(st.floats(allow_nan=False, allow_infinity=False, width=32), st.integers(0, 8))
def test_a_rounded_text_is_the_number_to_the_digits_asked_for(value, digits):
    (text,) = rounded(pd.DataFrame([[value]]), digits)[0]
    assert float(text) == pytest.approx(value, abs=0.5001 * 10.0**-digits, rel=1e-12)
    assert len(text.partition(".")[2]) == digits
    assert not (text.startswith("-") and float(text) == 0)


def test_a_number_is_what_a_text_begins_with():
    assert [number(text) for text in ("1,204", "-0.5 ± 1", "1e-3", "yes", "–", "3 of 4")] == [
        1204,
        -0.5,
        1e-3,
        None,
        None,
        3,
    ]
