"""The experiment on fast transforms: its runs, and the verdicts that follow from them."""

import sys

import numpy as np
import pytest

from fourmasks.claims.files import load_claims
from fourmasks.claims.verdicts import INCONCLUSIVE, REPRODUCED, gather, judge
from fourmasks.experiments.profiles import resolve
from fourmasks.pages.tables import run_rows
from fourmasks.records.store import load_records
from fourmasks.sparse.butterflies import plan
from fourmasks.sparse.butterflies.baselines import OURS


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FOURMASKS_RECORDS", str(tmp_path_factory.mktemp("records")))
        for name in ("lazylinop", "lazylinop.butterfly", "pyfaust", "pyfaust.fact"):
            patch.setitem(sys.modules, name, None)
        config = resolve(plan.PROFILES, "smoke", chains=(3, 6), seeds=2, vectors=(1, 3))
        records = plan.run(config, "paper")
        assert {r.key for r in records} == {r.key for r in load_records()}
        yield records


def test_every_transform_is_found_to_rounding(made):
    what = ["transform", "size", "method", "factors"]
    frame = run_rows(made, plan.EXPERIMENTS["factorization"], what)
    assert len(frame) == 3 * 2 * 2 and set(frame["method"]) == {OURS} and frame["error"].max() < 1e-14


def test_applications_agree_with_the_dense_transform(made):
    frame = run_rows(made, plan.EXPERIMENTS["application"], ["transform", "size", "vectors"])
    assert len(frame) == 3 * 2 * 2 and frame["difference"].max() < 1e-13
    assert np.allclose(frame["speedup"], frame["dense_seconds"] / frame["sparse_seconds"])
    assert np.allclose(frame["entries_saved"], frame["size"] / (2 * np.log2(frame["size"])))


def test_errors_grow_along_chains(made):
    frame = run_rows(made, plan.EXPERIMENTS["chain"], ["length", "seed"])
    growth = frame.groupby("length")["log_completion"].mean()
    assert growth[6] > growth[3]


def test_the_verdicts_follow(made):
    claims = [c for c in load_claims("sparse") if c.experiment in plan.EXPERIMENTS.values()]
    verdicts = {c.id: judge([gather(c, made)])[0].verdict for c in claims}
    assert verdicts.pop("sparse-section6-unstable") in (REPRODUCED, INCONCLUSIVE)
    assert len(verdicts) == 4 and set(verdicts.values()) == {REPRODUCED}


@pytest.mark.parametrize("name", ["sizes", "structures", "disturbed"])
def test_sizes_are_powers_of_two(name):
    with pytest.raises(ValueError, match="n = 12: expected a power of two"):
        resolve(plan.PROFILES, "smoke", **{name: (8, 12)})
