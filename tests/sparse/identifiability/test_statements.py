"""The paper's statements as printed: which fail, that the mended ones do not, and what the ledger says."""

import numpy as np
import pytest

from fourmasks.claims.files import load_claims
from fourmasks.claims.verdicts import NOT_REPRODUCED, REPRODUCED, gather, judge
from fourmasks.experiments.profiles import resolve
from fourmasks.records.store import load_records
from fourmasks.sparse.identifiability import factor_checks
from fourmasks.sparse.identifiability.run_statements import CHECKS, run_statement
from fourmasks.sparse.identifiability.statements import EXPERIMENT, PROFILES, run

FALSE = {"lemma-3.6", "remark-4.20", "remark-5.1", "lemma-k.1"}
FALSE |= {"proposition-4.29-ii", "after-proposition-4.29"}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FOURMASKS_RECORDS", str(tmp_path_factory.mktemp("records")))
        config = resolve(PROFILES, "smoke", instances=4)
        yield run(config, "paper"), load_records(EXPERIMENT)


def test_the_known_ones_fail_and_no_others(made):
    records, kept = made
    assert {r.key for r in records} == {r.key for r in kept} and len(records) == len(CHECKS)
    assert all(r.metrics["instances"] == 4 for r in records)
    assert {r.parameters["statement"] for r in records if r.metrics["counterexamples"]} == FALSE


def test_the_verdicts_follow(made):
    claims = [c for c in load_claims("sparse") if c.experiment == EXPERIMENT]
    verdicts = {c.match["statement"]: judge([gather(c, made[0])])[0].verdict for c in claims}
    assert {name for name, verdict in verdicts.items() if verdict == NOT_REPRODUCED} == FALSE
    assert set(verdicts.values()) == {REPRODUCED, NOT_REPRODUCED}
    mended = {"lemma-3.6-mended", "remark-4.20-repeated", "proposition-4.29-ii-corrected"}
    assert set(CHECKS) - set(verdicts) == mended  # ours, so not in the paper's ledger


def test_a_run_is_repeated_to_the_bit():
    assert run_statement("lemma-3.6", 5, 2) == run_statement("lemma-3.6", 5, 2)


def test_a_statement_without_instances_is_an_error(monkeypatch):
    monkeypatch.setitem(CHECKS, "lemma-3.3", lambda rng: None)
    with pytest.raises(RuntimeError, match="lemma-3.3: none of 80 random instances fulfils its assumptions"):
        run_statement("lemma-3.3", 2, 0)


def test_random_products_of_families_are_stable():
    rng = np.random.default_rng(0)
    for _ in range(5):
        assert factor_checks._listable_products(rng).stability().holds
