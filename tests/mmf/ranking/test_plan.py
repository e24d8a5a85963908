"""What the ranking experiment runs: each method once per split, after the search that it rests on."""

from collections import Counter
from types import SimpleNamespace

import pytest

from fourmasks.experiments.profiles import resolve
from fourmasks.experiments.search import draw_settings
from fourmasks.mmf.ranking import plan


def searches(**settings):
    return list(plan.plan(resolve(plan.PROFILES, "smoke", **{"trials": 3} | settings)))


def final(search):
    """Return the run that follows if the second trial is the best."""
    records = [
        SimpleNamespace(parameters=trial.parameters, metrics={"validation_ndcg_at_10": score})
        for trial, score in zip(search.trials, (0.1, 0.3, 0.2), strict=True)
    ]
    return search.final(records)


def test_every_method_is_searched_alike_and_trained_once_per_split():
    found = searches(seeds=2)
    places = [(r.parameters["method"], r.parameters["split_seed"]) for r in map(final, found)]
    assert sorted(places) == sorted((method, seed) for method in plan.METHODS for seed in (0, 1))
    trials = {str(trial.parameters): trial for search in found for trial in search.trials}.values()
    assert Counter(trial.parameters["method"] for trial in trials) == dict.fromkeys(plan.SPACES, 3)
    assert all(trial.parameters["split_seed"] == plan.SEARCH_SPLIT not in (0, 1) for trial in trials)


def test_final_runs_take_the_best_trial():
    found = {final(search).parameters["method"]: search for search in searches()}
    runs = {method: final(search).parameters for method, search in found.items()}
    for method in plan.SPACES:
        best = found[method].trials[1].parameters
        assert all(runs[method][name] == best[name] for name in plan.SPACES[method])
        changed = {name for name in best if best[name] != runs[method][name]}
        assert changed <= {"split_seed", "seed", "epochs"}


def test_controls_are_searched_as_mmf_is_and_differ_in_their_shifts_alone():
    (mmf, *controls) = (
        [trial.parameters for search in searches(methods=(method,)) for trial in search.trials]
        for method in plan.SEARCHED
    )
    for trials in controls:
        for ours, theirs in zip(mmf, trials, strict=True):
            assert {name for name in ours if ours[name] != theirs[name]} == {"method", "shifts"}


@pytest.mark.parametrize("method", plan.SPACES)
def test_few_trials_cover_each_of_three_options(method):
    space = plan.SPACES[method]
    few = draw_settings(space, 3)
    assert len(space) == 3
    assert all({trial[name] for trial in few} == set(values) for name, values in space.items())


def test_neumf_halves_the_rank_three_times():
    with pytest.raises(ValueError, match="rank = 28: expected a multiple of 8"):
        resolve(plan.PROFILES, "smoke", rank=28)


@pytest.mark.parametrize(
    ("n_items", "threshold", "message"),
    [
        (6, 3, "too few items .*: 6, expected 20"),
        (20, 9, "ratings of at least 9 by one user .*: 0, expected 3"),
    ],
)
def test_a_file_with_too_few_likes_is_refused_before_any_training(tmp_path, n_items, threshold, message):
    path = tmp_path / "a.csv"
    pairs = [(user, item) for user in range(12) for item in range(n_items)]
    lines = "".join(f"u{user},i{item},{1 + (user + item) % 5}\n" for user, item in pairs)
    path.write_text(f"user,item,rating\n{lines}")
    with pytest.raises(ValueError, match=f"a.csv: .*{message}"):
        searches(dataset=str(path), threshold=threshold)
