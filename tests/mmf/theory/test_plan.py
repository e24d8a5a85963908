"""The experiment on the theorems, and the tables and claims that rest on it."""

import pytest
import torch

from fourmasks.claims.files import load_claims
from fourmasks.claims.verdicts import judge
from fourmasks.experiments.profiles import resolve
from fourmasks.mmf.theory import tables
from fourmasks.mmf.theory.plan import EXPERIMENT, PROFILES, run
from fourmasks.mmf.theory.run import symmetry_trial
from fourmasks.records.store import load_records


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        threads = torch.get_num_threads()
        patch.setenv("FOURMASKS_RECORDS", str(tmp_path_factory.mktemp("records")))
        config = resolve(PROFILES, "book", instances=1)
        yield run(config, "book"), load_records(EXPERIMENT)
        torch.set_num_threads(threads)


def test_every_trial_is_kept_as_a_record(made):
    records, kept = made
    assert {r.key for r in records} == {r.key for r in kept} and len(records) == 6 * 2 * (4 + 5) + 1


def test_the_tables_say_what_the_theorems_say(made):
    records, _ = made
    ranks = tables.rank_table([r for r in records if "rank_deficit" in r.metrics])
    assert (ranks["own"].drop("triangle") == 0).all() and (ranks["shared"] > 0).all()
    assert ranks.loc[("triangle", "paper"), "far"] == 12
    conditions = tables.conditions_table([r for r in records if "rank_deficit" in r.metrics])
    assert conditions.loc[("sine", "reference"), "(C2) fails at"] == "4 of 4"
    assert conditions["witness_deficit"].dropna().eq(0).all()
    extra = tables.symmetry_table([r for r in records if "extra_share" in r.metrics], "extra_share")
    smooth = extra.drop(["triangle", "none"])
    assert (smooth[["K = 2, own", "K = 3, own"]] == 0).all(axis=None)
    assert (smooth[["K = 1, own", "K = 3, zero"]] >= 1).all(axis=None)


def test_the_verdicts_follow(made):
    records, _ = made
    found = {
        c.id: judge(c, records).verdict for c in load_claims("mmf") if c.place in ("Theorem 1", "Theorem 2")
    }
    refuted = {"mmf-theorem1-condition-reference", "mmf-theorem2-scaling-only-zero-shifts"}
    assert {name for name, verdict in found.items() if verdict != "reproduced"} == refuted
    assert len(found) == 9


def test_a_trial_is_repeated_to_the_bit(one_thread):
    arguments = ("sine", "paper", "own", 2, 3, [10, 12], 2, 4)
    assert symmetry_trial(*arguments) == symmetry_trial(*arguments)


def test_a_bad_option_is_refused():
    with pytest.raises(ValueError, match="instances = 0: expected at least 1"):
        resolve(PROFILES, "smoke", instances=0)
    with pytest.raises(ValueError, match="seed = -1: expected at least 0"):
        resolve(PROFILES, "smoke", seed=-1)
    with pytest.raises(ValueError, match="'sin'.*Did you mean 'sine'"):
        resolve(PROFILES, "smoke", masks="sin")
