"""What the rating experiment runs: each method once per split, after the searches that it rests on."""

from collections import Counter
from types import SimpleNamespace

import pytest

from fourmasks.experiments.plan import Search
from fourmasks.experiments.profiles import resolve
from fourmasks.mmf.ratings import plan

NAME = "simulated-small"


def tried(search):
    """Return made-up records of a search's trials: the second of each method is the best."""
    seen = Counter()
    records = []
    for trial in search.trials:
        seen[trial.parameters["method"]] += 1
        error = 0.8 if seen[trial.parameters["method"]] == 2 else 0.9
        records.append(SimpleNamespace(parameters=trial.parameters, metrics={"validation_rmse": error}))
    return records


def jobs(**settings):
    """Return the description of the data, and the searches."""
    described, *searches = plan.plan(resolve(plan.PROFILES, "smoke", **{"trials": 3} | settings))
    return described, searches


def finals(**settings):
    return {search.final(tried(search)).parameters["method"]: search for search in jobs(**settings)[1]}


def parameters(search):
    return search.final(tried(search)).parameters


def test_every_method_is_searched_and_trained_once_per_split():
    described, searches = jobs(methods=plan.METHODS, seeds=2)
    assert (described.experiment, described.parameters) == (plan.DATASETS, {"dataset": NAME, "seed": 0})
    runs = [search.final(tried(search)) for search in searches]
    places = [(run.parameters["method"], run.parameters["seed"]) for run in runs]
    assert sorted(places) == sorted((method, seed) for method in plan.METHODS for seed in (0, 1))
    assert {run.experiment for run in runs} == {plan.EXPERIMENT}
    trials = {str(trial.parameters): trial for search in searches for trial in search.trials}.values()
    assert Counter(trial.parameters["method"] for trial in trials) == dict.fromkeys(plan.SPACES, 3)
    assert all(trial.parameters["split_seed"] == plan.SEARCH_SPLIT not in (0, 1) for trial in trials)
    assert all(isinstance(search, Search) for search in searches)


@pytest.mark.parametrize("method", ["mmf-learned", "mf-tuned", "pmf"])
def test_final_runs_take_the_best_trial(method):
    search = finals(methods=method)[method]
    best, final = search.trials[1].parameters, parameters(search)
    assert all(final[name] == best[name] for name in (*plan.SPACES[method], "epochs"))


def test_controls_differ_from_mmf_in_one_thing():
    final = {method: parameters(search) for method, search in finals().items()}
    mmf = final["mmf-learned"]
    for method, changed in (
        ("mmf-unmasked", {"shifts"}),
        ("mmf-permuted", {"shifts"}),
        ("mmf-random", {"shifts", "shift_spread"}),
        ("mmf-same-size", {"rank"}),
    ):
        control = final[method]
        names = mmf.keys() | control.keys()
        assert {n for n in names if mmf.get(n) != control.get(n)} == changed | {"method"}
    same_size = final["mmf-same-size"]
    assert max(1, final["mf-tuned"]["rank"] - same_size["n_masks"]) == same_size["rank"]


def test_trials_are_different_and_the_same_each_time():
    one, again = (plan.trials("mf-tuned", 12) for _ in range(2))
    assert one == again
    assert len({str(trial) for trial in one}) == 12
    assert plan.trials("mf-tuned", 4) == one[:4]
    for trial in one:
        for name, values in plan.SPACES["mf-tuned"].items():
            assert trial[name] in values


def test_what_takes_minutes_has_fewer_trials():
    assert {m: len(s.trials) for m, s in finals(methods="mf-tuned,mf-wide", trials=0).items()} == {
        "mf-tuned": plan.TRIALS, "mf-wide": plan.TRIALS_OF_SLOW
    }  # fmt: skip


def test_both_sides_have_equally_many_choices():
    for plain, masked in (("mf-tuned", "mmf-learned"), plan.WIDE):
        assert len(plan.SPACES[plain]) == len(plan.SPACES[masked])


def test_a_protocol_that_the_data_do_not_have_is_refused_before_any_run():
    with pytest.raises(ValueError, match="unknown protocol of simulated-small 'u1'"):
        jobs(protocol="u1")


def test_a_file_with_too_few_ratings_is_refused_before_any_training(full_table):
    config = resolve(plan.PROFILES, "smoke", dataset=full_table)
    with pytest.raises(ValueError, match="a.csv: too few ratings outside of the test .*: 8, expected 20"):
        list(plan.plan(config))
