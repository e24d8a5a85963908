"""Tables of the ranking experiment, from made-up runs."""

import pandas as pd
import pytest

from fourmasks.claims.files import load_claims
from fourmasks.mmf.ranking import tables

RUNS = [
    {"dataset": "ml-1m", "method": method, "split_seed": split, "seed": split}
    | {metric: value + 0.001 * split for metric in tables.METRICS}
    for method, value in (("mmf", 0.25), ("sgl", 0.28), ("bprmf", 0.20))
    for split in range(3)
]
FRAME = pd.DataFrame(RUNS)


def test_methods_are_in_the_order_of_the_plan():
    assert tables.there(FRAME) == ["bprmf", "sgl", "mmf"]
    assert tables.panels(FRAME, "ml-1m")["NDCG@10"].index.to_list() == ["bprmf", "sgl", "mmf"]


def test_table_5_has_the_papers_numbers_beside_ours():
    found = tables.table_5(tables.reported(load_claims("mmf")), FRAME, "ml-1m")
    assert found.loc["mmf", ("NDCG@10", "paper")] == "0.2530"
    assert found.loc["mmf", ("NDCG@10", "ours")].startswith("0.2510")


def test_mmf_is_compared_with_each_other_method():
    found = tables.against(FRAME, {}).set_index(["baseline", "measure"])
    assert set(found.index.unique("baseline")) == {"sgl", "bprmf"}
    assert found.loc[("sgl", "NDCG@10"), "difference"] == pytest.approx(-0.03)
    assert found.loc[("sgl", "NDCG@10"), "judgement"] == "worse beyond the interval"
