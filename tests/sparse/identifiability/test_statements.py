"""The paper's statements as printed: which fail, that the mended ones do not, and what the ledger says."""

import numpy as np
import pytest

from fourmasks.claims.files import load_claims
from fourmasks.claims.verdicts import NOT_REPRODUCED, REPRODUCED, judge
from fourmasks.experiments.profiles import resolve
from fourmasks.records.store import load_records
from fourmasks.sparse.identifiability import factor_checks, plan, tables
from fourmasks.sparse.identifiability.run_statements import CHECKS, run_statement
from fourmasks.sparse.identifiability.statements import EXPERIMENT, PROFILES, run

FALSE = {"lemma-3.6", "remark-4.20", "proposition-4.29-ii", "remark-5.1", "lemma-k.1"}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FOURMASKS_RECORDS", str(tmp_path_factory.mktemp("records")))
        config = resolve(PROFILES, "smoke", instances=4)
        yield run(config, "paper"), load_records(EXPERIMENT)


def test_the_known_ones_fail_and_no_others(made):
    records, kept = made
    assert {r.key for r in records} == {r.key for r in kept} and len(records) == len(CHECKS)
    table = tables.statement_table(records)
    assert list(table.index) == list(CHECKS) and (table["instances"] == 4).all()
    assert set(table.index[table["counterexamples"] > 0]) == FALSE
    sentence = tables.failing_sentence(table)
    assert sentence.startswith(f"5 of {len(CHECKS)} statements have counterexamples:\n  lemma-3.6,")
    assert tables.failing_sentence(table.iloc[:2]).startswith("None of 2")


def test_the_verdicts_follow(made):
    claims = [c for c in load_claims("sparse") if c.experiment == EXPERIMENT]
    verdicts = {c.match["statement"]: judge(c, made[0]).verdict for c in claims}
    assert {name for name, verdict in verdicts.items() if verdict == NOT_REPRODUCED} == FALSE
    assert set(verdicts.values()) == {REPRODUCED, NOT_REPRODUCED}
    mended = {"lemma-3.6-mended", "remark-4.20-repeated", "proposition-4.29-ii-corrected", "remark-d.3"}
    assert set(CHECKS) - set(verdicts) == mended  # ours, so not in the paper's ledger


def test_a_trial_is_repeated_to_the_bit():
    assert run_statement("lemma-3.6", 5, 2) == run_statement("lemma-3.6", 5, 2)


def test_a_statement_without_instances_is_an_error(monkeypatch):
    monkeypatch.setitem(CHECKS, "lemma-3.3", lambda rng: None)
    with pytest.raises(RuntimeError, match="lemma-3.3: none of 80 random instances fulfils its assumptions"):
        run_statement("lemma-3.3", 2, 0)


def test_random_products_of_families_are_stable():
    rng = np.random.default_rng(0)
    for _ in range(5):
        assert factor_checks._listable_products(rng).stability().holds


def test_referees_are_summed():
    from types import SimpleNamespace

    records = [
        SimpleNamespace(experiment=plan.EXPERIMENTS["fixed"], metrics={"instances": 5.0, "contradictions": k})
        for k in (0.0, 1.0)
    ]
    table = tables.referee_table(records)
    assert table.loc["fixed", ["instances", "contradictions"]].tolist() == [10, 1] and len(table) == 1


def test_bad_options_are_refused():
    with pytest.raises(ValueError, match="instances = 0: expected at least 1"):
        resolve(PROFILES, "smoke", instances=0)
    with pytest.raises(ValueError, match="'lemma-3.7'.*Did you mean"):
        resolve(PROFILES, "smoke", statements="lemma-3.7")
