"""How much the split decides: runs on many splits, and many runs on one."""

from fourmasks.experiments.profiles import resolve
from fourmasks.mmf.ratings import luck


def test_splits_and_trainings_are_varied_one_at_a_time():
    runs = list(luck.plan(resolve(luck.PROFILES, "smoke", splits=3, seeds=2)))
    assert [(run.parameters["split_seed"], run.parameters["seed"]) for run in runs] == [
        (0, 0), (1, 0), (2, 0), (0, 1),
    ]  # fmt: skip
