"""The paper's figures and examples as facts, their tables, and the claims that rest on them."""

import numpy as np
import pytest

from fourmasks.claims.files import load_claims
from fourmasks.claims.verdicts import REPRODUCED, judge
from fourmasks.experiments.profiles import resolve
from fourmasks.records.store import load_records
from fourmasks.sparse.completion.literal import stages
from fourmasks.sparse.examples import tables
from fourmasks.sparse.examples.plan import EXPERIMENT, PROFILES, run
from fourmasks.sparse.examples.run import STEPS, TRIALS, families, figure_1, signature_example, trial
from fourmasks.sparse.supports.families import GivenFamily
from fourmasks.sparse.supports.instances import EXAMPLE_Z, example_supports
from fourmasks.sparse.theorems.closure import complete_across, complete_components, observable


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FOURMASKS_RECORDS", str(tmp_path_factory.mktemp("records")))
        yield run(resolve(PROFILES, "smoke"), "paper"), load_records(EXPERIMENT)


def test_every_example_is_a_record_and_every_claim_is_borne_out(made):
    records, kept = made
    assert {r.key for r in records} == {r.key for r in kept} and len(records) == len(TRIALS)
    claims = [c for c in load_claims("sparse") if c.experiment == EXPERIMENT]
    assert len(claims) == 19 and {judge(c, records).verdict for c in claims} == {REPRODUCED}


def test_the_examples_count_what_there_is(made):
    found = {r.parameters["example"]: r.metrics for r in made[0]}
    assert found["2.1"]["supports"] == sum(  # maximal supports with s entries of 9
        [9, 36, 84, 126, 126, 84, 36, 9, 1]
    )
    assert found["4.16"]["instances"] == 8 * 8 * 4 and 0 < found["4.16"]["independent"] < 256
    assert found["figure-2"]["completions_parted"] == 4  # one for each scale of one part
    assert found["figure-3"]["inside"] == found["figure-3"]["across"] == 2
    assert found["figure-4"]["stages"] == len(STEPS)


def test_a_family_that_is_not_stable_is_noticed():
    assert not GivenFamily([[[1, 0], [0, 0]]]).stability().holds
    assert all(family.shape == (3, 3) for group in families().values() for family in group)


def test_the_trials_notice_what_differs(monkeypatch):
    from fourmasks.sparse.examples import run as trials

    shifted = (({0, 1, 2}, {0, 1}), *trials.RECTANGLES[1:])
    monkeypatch.setattr(trials, "RECTANGLES", shifted)
    assert figure_1()["metrics"]["mismatches"] > 0
    monkeypatch.setattr(
        trials.Family, "signature", lambda self, columns: GivenFamily([np.eye(3, len(columns))])
    )
    assert signature_example()["metrics"]["mismatches"] > 0


@pytest.mark.parametrize("name", ["figure-1", "4.28"])
def test_a_trial_is_repeated_to_the_bit(name):
    assert trial(name) == trial(name)


def test_bad_options_are_refused():
    with pytest.raises(ValueError, match="bound = 0: expected at least 1"):
        resolve(PROFILES, "smoke", bound=0)
    with pytest.raises(ValueError, match="'4.17'.*Did you mean '4.16'"):
        resolve(PROFILES, "smoke", examples="4.17")
    with pytest.raises(ValueError, match="examples is empty"):
        resolve(PROFILES, "smoke", examples=())


# ---- tables ----


def test_places_count_from_one():
    assert tables.cells([(0, 1), (2, 2)]) == "(1, 2), (3, 3)" and tables.cells([]) == "none"


def test_tables_of_the_figures():
    supports = example_supports()
    table = tables.supports_table(supports)
    assert table.loc[1].tolist() == ["2, 3, 4", "1, 2", "(2, 1), (3, 1), (4, 1)", "(2, 2), (3, 2), (4, 2)"]
    start = observable(supports)
    inside = complete_components(start)
    across = complete_across(inside, supports)
    edges = tables.edges_table(supports, [("inside", start, inside), ("across", inside, across)])
    assert edges.loc[("across", 1), "added"] == "(2, 2)" and edges.loc[("across", 2), "added"] == "(3, 3)"
    run_of = list(stages(EXAMPLE_Z, supports))
    table = tables.stage_table(run_of)
    assert table["missing"].tolist() == [18, 9, 7, 5, 2, 0]
    assert table.loc["3 inside", "found"] == "(2, 2, 2) = 1, (3, 3, 3) = 3"
    sentence = tables.stage_sentence(run_of, 5)
    assert "Contribution 3: (3, 2) is 3, (4, 2) is 2; missing: none." in sentence


def test_matrices_stand_side_by_side():
    text = tables.matrices_text([[[1, 10]], np.array([[2], [3]])])
    assert text.split("\n") == ["[ 1 10]   [2]", "          [3]"]


def test_facts_are_whole_numbers(made):
    table = tables.facts_table(made[0], ("figure-1", "no such example"))
    assert table.loc[("figure-1", "observable"), "value"] == 9
