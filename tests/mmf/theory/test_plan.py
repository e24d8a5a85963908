"""The experiment on the theorems: what it finds, and the claims that rest on it."""

import pytest

from fourmasks.claims.files import load_claims
from fourmasks.claims.verdicts import gather, judge
from fourmasks.experiments.profiles import resolve
from fourmasks.mmf.theory.plan import EXPERIMENT, PROFILES, run
from fourmasks.mmf.theory.run import symmetry_trial
from fourmasks.records.store import load_records

pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FOURMASKS_RECORDS", str(tmp_path_factory.mktemp("records")))
        yield run(resolve(PROFILES, "book", instances=1), "book"), load_records(EXPERIMENT)


def found(records, metric, **places):
    """Return a metric by family, of the trials with these parameters that have it."""
    return {
        (record.parameters["mask"], record.parameters["parametrisation"]): record.metrics[metric]
        for record in records
        if metric in record.metrics and places.items() <= record.parameters.items()
    }


def test_every_trial_is_kept_as_a_record(made):
    records, kept = made
    assert {r.key for r in records} == {r.key for r in kept} and len(records) == 6 * 2 * (4 + 5) + 1


def test_the_trials_say_what_the_theorems_say(made):
    records, _ = made
    own = found(records, "rank_deficit", shifts="own")
    assert not any(deficit for (mask, _), deficit in own.items() if mask != "triangle")
    assert min(found(records, "rank_deficit", shifts="shared").values()) > 0
    assert found(records, "rank_deficit", shifts="far")["triangle", "paper"] == 12
    assert found(records, "dependent_dimensions", shifts="own")["sine", "reference"] == 4
    assert set(found(records, "witness_deficit").values()) == {0}
    for n_masks, shifts, free in ((2, "own", False), (3, "own", False), (1, "own", True), (3, "zero", True)):
        extra = found(records, "extra_share", n_masks=n_masks, shifts=shifts)
        smooth = [share for (mask, _), share in extra.items() if mask not in ("triangle", "none")]
        assert len(smooth) == 5 * 2 and all(share >= 1 if free else share == 0 for share in smooth)


def test_the_verdicts_follow(made):
    records, _ = made
    verdicts = {
        c.id: judge([gather(c, records)])[0].verdict
        for c in load_claims("mmf")
        if c.place in ("Theorem 1", "Theorem 2")
    }
    assert set(verdicts.values()) == {"reproduced"} and len(verdicts) == 7


def test_a_trial_is_repeated_to_the_bit():
    arguments = ("sine", "paper", "own", 2, 3, [10, 12], 2, 4)
    assert symmetry_trial(*arguments) == symmetry_trial(*arguments)
