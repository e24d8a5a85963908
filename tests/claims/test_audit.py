"""The audit: each rule is broken by made-up runs, and kept after the least change that mends them."""

import json
from dataclasses import asdict, replace

import pytest
import yaml

from fourmasks.book.cli import main
from fourmasks.claims.audit import at_edges, audit, cut_short, unclean, unequal_arms, without_control
from fourmasks.claims.files import Claim
from fourmasks.claims.remarks import Remark, load_remarks
from fourmasks.records.standing import code_digest
from fourmasks.records.store import Record

FUNCTION = "fourmasks.data.readers.synthetic.random_dense"
NO_REMARKS = {"ends": [], "apart": []}


def record(experiment="mmf/ranking", metrics=None, **parameters):
    """Return a run on ml-1m by the method "mmf", unless the parameters say otherwise."""
    return Record(
        experiment=experiment,
        profile="paper",
        parameters={"dataset": "ml-1m", "method": "mmf", "seed": 0} | parameters,
        metrics={name: float(value) for name, value in (metrics or {"ndcg": 0.3}).items()},
        curves={},
        seconds=1.0,
        peak_memory_mb=1.0,
        device="cpu",
        threads=1,
        versions={},
        machine={},
        commit="c0ffee",
        function=FUNCTION,
        code=code_digest(FUNCTION, {}),
        confirmed={},
        data_sha256="0" * 64,
        created="2026-01-01T00:00:00+00:00",
    )


def trained(lasted, cap=40, **parameters):
    return record(metrics={"epochs": lasted, "best_epoch": lasted}, epochs=cap, **parameters)


def trials(option, scores, experiment="mmf/ranking-search", metric="validation_ndcg_at_10", **parameters):
    """Return a trial for each value of an option, with what it scored."""
    return [
        record(experiment, {metric: score}, **{option: value}, **parameters)
        for value, score in scores.items()
    ]


CLAIM = Claim(
    paper="mmf",
    id="one",
    place="Table 5",
    kind="experiment",
    form="order",
    metric="ndcg",
    protocol="p",
    reported="above the others",
    dataset=("ml-1m",),
    experiment="mmf/ranking",
    match={"dataset": "ml-1m", "method": "mmf"},
    baselines=[{"method": "bprmf"}],
    over=["dataset"],
    direction="increase",
)


# ---- final runs that ended at their cap ----


def test_runs_that_ended_at_their_cap_are_counted_over_seeds():
    runs = [trained(40, seed=0, patience=3), trained(40, seed=1, patience=3), trained(39, seed=2, patience=3)]
    assert cut_short(runs) == ["mmf/ranking, ml-1m, mmf: 2 of 3 final runs ended at the cap of 40 epochs"]
    assert cut_short([trained(39, seed=seed, patience=3) for seed in range(3)]) == []


def test_data_sets_methods_and_caps_are_told_apart():
    runs = [
        trained(40, patience=3),
        trained(40, patience=3, method="bprmf"),
        trained(40, patience=3, dataset="ml-100k"),
        trained(25, cap=25, patience=3),
    ]
    assert len(cut_short(runs)) == 4


def test_a_trial_may_end_at_its_cap():
    (final,) = cut_short([trained(40, patience=3)])
    assert final.startswith("mmf/ranking, ")
    assert cut_short([trained(40, patience=3, experiment="mmf/ranking-search")]) == []


def test_a_run_without_a_patience_counts_only_if_its_method_is_seen_to_stop():
    ended = trained(40)
    assert cut_short([ended]) == []
    assert len(cut_short([ended, trained(12, seed=1)])) == 1
    assert len(cut_short([ended, trained(12, experiment="mmf/ranking-search")])) == 1
    assert cut_short([ended, trained(12, method="bprmf")]) == []


# ---- winners of a search at the edge of its space ----


@pytest.mark.parametrize(
    ("scores", "found"),
    [
        ({0.01: 0.1, 0.02: 0.2, 0.03: 0.3}, ["0.03"]),
        ({0.01: 0.3, 0.02: 0.2, 0.03: 0.1}, ["0.01"]),
        ({0.01: 0.1, 0.02: 0.3, 0.03: 0.2}, []),
        ({0.01: 0.1, 0.02: 0.2, 0.03: 0.3, 0.05: 0.1}, []),  # the space is wider
        ({0.01: 0.1, 0.02: 0.2}, []),  # of two values each is an edge
        ({"a": 0.1, "b": 0.2, "c": 0.3}, []),  # no order
        ({False: 0.1, True: 0.2, 2: 0.3}, []),  # nor here
    ],
)
def test_a_number_that_won_at_an_edge_is_found(scores, found):
    lines = at_edges(trials("rate", scores), [])
    edge = "mmf/ranking-search, ml-1m, mmf: rate {} won, an edge of 0.01, 0.02, 0.03"
    assert lines == [edge.format(value) for value in found]


@pytest.mark.parametrize("metric", ["validation_rmse", "relative_error"])
def test_of_errors_the_lowest_wins(metric):
    (line,) = at_edges(trials("rate", {1: 0.3, 2: 0.2, 3: 0.1}, metric=metric), [])
    assert "rate 3 won" in line
    assert at_edges(trials("rate", {1: 0.3, 2: 0.1, 3: 0.2}, metric=metric), []) == []


def test_each_data_set_protocol_share_method_and_budget_has_a_search_of_its_own():
    inside = {1: 0.1, 2: 0.3, 3: 0.2}
    for place in (
        {"dataset": "ml-100k"}, {"protocol": "items"}, {"share": 0.1}, {"method": "bprmf"}, {"budget": 20}
    ):  # fmt: skip
        lines = at_edges(trials("rate", inside) + trials("rate", {4: 0.1, 5: 0.8, 6: 0.9}, **place), [])
        assert [line.split(": ")[1] for line in lines] == ["rate 6 won, an edge of 4, 5, 6"]


def test_seeds_are_no_option_and_final_runs_no_trials():
    assert at_edges(trials("split_seed", {1: 0.1, 2: 0.2, 3: 0.3}), []) == []
    assert at_edges(trials("rate", {1: 0.1, 2: 0.2, 3: 0.3}, experiment="mmf/ranking"), []) == []


END = Remark("mmf/ranking-search", "dropout", "A share cannot be negative.", value=0.0)


@pytest.mark.parametrize("change", [{}, {"dataset": "ml-1m"}, {"method": "mmf"}])
def test_a_remark_excuses_an_edge(change):
    edge = trials("dropout", {0.0: 0.3, 0.2: 0.2, 0.5: 0.1})
    assert len(at_edges(edge, [])) == 1
    assert at_edges(edge, [replace(END, **change)]) == []


@pytest.mark.parametrize(
    "change", [{"experiment": "x"}, {"option": "x"}, {"value": 0.5}, {"dataset": "x"}, {"method": "x"}]
)
def test_a_remark_on_something_else_excuses_nothing_and_is_found_itself(change):
    edge, idle = at_edges(trials("dropout", {0.0: 0.3, 0.2: 0.2, 0.5: 0.1}), [replace(END, **change)])
    assert "dropout 0.0 won" in edge
    assert idle.startswith("data/audit.yaml: the remark on ") and idle.endswith(" fits nothing")


def test_a_remark_on_what_no_longer_wins_is_found():
    (idle,) = at_edges(trials("dropout", {0.0: 0.1, 0.2: 0.3, 0.5: 0.2}), [END])
    assert idle == "data/audit.yaml: the remark on dropout of mmf/ranking-search fits nothing"


# ---- arms that differ in more than what sets them apart ----


def rival(**parameters):
    return record(**{"method": "bprmf"} | parameters)


def test_an_option_that_differs_is_found_for_all_seeds_at_once():
    ours = [record(patience=5, epochs=40, seed=seed) for seed in range(3)]
    theirs = [rival(patience=3, epochs=40, seed=seed) for seed in range(3)]
    lines = unequal_arms([CLAIM], ours + theirs, [])
    assert lines == ["mmf/ranking, ml-1m, bprmf against mmf: patience 3 against 5"]
    mended = [rival(patience=5, epochs=40, seed=seed) for seed in range(3)]
    assert unequal_arms([CLAIM], ours + mended, []) == []


def test_what_only_one_arm_has_is_no_difference():
    assert unequal_arms([CLAIM], [record(n_masks=4), rival(item_bias=True)], []) == []


def test_the_control_is_compared_too():
    claim = replace(CLAIM, control={"method": "mmf-unmasked", "shifts": "constant"})
    ours, theirs = record(shifts="learned", epochs=40), rival(epochs=40)
    control = record(method="mmf-unmasked", shifts="constant", epochs=25)
    assert unequal_arms([CLAIM], [ours, theirs, control], []) == []
    (line,) = unequal_arms([claim], [ours, theirs, control], [])
    assert line == "mmf/ranking, ml-1m, mmf against mmf-unmasked: epochs 40 against 25"


def test_a_declared_option_sets_arms_apart():
    runs = [record(shifts="learned"), rival(shifts="none")]
    apart = Remark("mmf/ranking", "shifts", "They are the mask.")
    assert len(unequal_arms([CLAIM], runs, [])) == 1
    assert unequal_arms([CLAIM], runs, [apart]) == []
    assert all(unequal_arms([CLAIM], runs, [replace(apart, method=m)]) == [] for m in ("bprmf", "mmf"))
    assert len(unequal_arms([CLAIM], runs, [replace(apart, method="ngcf")])) == 2
    (idle,) = unequal_arms([CLAIM], [record(), rival()], [apart])
    assert idle == "data/audit.yaml: the remark on shifts of mmf/ranking fits nothing"


def test_what_both_searches_drew_may_differ_and_what_one_drew_alone_may_not():
    runs = [record(rate=1), rival(rate=2)]
    ours = trials("rate", {1: 0.3, 2: 0.2})
    theirs = trials("rate", {1: 0.2, 2: 0.3}, method="bprmf")
    fixed = trials("l2", {1: 0.2, 2: 0.3}, method="bprmf", rate=2)
    assert unequal_arms([CLAIM], runs, []) == ["mmf/ranking, ml-1m, bprmf against mmf: rate 2 against 1"]
    assert unequal_arms([CLAIM], runs + ours + theirs, []) == []
    (line,) = unequal_arms([CLAIM], runs + ours + fixed, [])
    assert line.endswith("rate 2 against 1 (searched for one alone)")


def test_searches_have_equally_many_trials():
    runs = [record(rate=1), rival(rate=1)]
    ours = trials("rate", {1: 0.3, 2: 0.2, 3: 0.1})
    theirs = trials("rate", {1: 0.3, 2: 0.2}, method="bprmf")
    more = trials("rate", {4: 0.1}, method="bprmf")
    (line,) = unequal_arms([CLAIM], runs + ours + theirs, [])
    assert line == "mmf/ranking, ml-1m, bprmf against mmf: further trials 2 against 3"
    assert unequal_arms([CLAIM], runs + ours + theirs + more, []) == []
    (line,) = unequal_arms([CLAIM], [record(rate=1), rival(rate=2), *ours], [])
    assert line.endswith("bprmf against mmf: trials 0 against 3")
    nothing = Remark("mmf/ranking", "trials", "It has no options.", method="bprmf")
    assert unequal_arms([CLAIM], runs + ours, [nothing]) == []


def test_arms_are_compared_cell_by_cell():
    claim = replace(CLAIM, over=["budget"])
    ours = [record(budget=10, n_masks=4), record(budget=20, n_masks=8)]
    equal = [rival(budget=10, n_masks=4), rival(budget=20, n_masks=8)]
    frozen = [rival(budget=10, n_masks=2), rival(budget=20, n_masks=2)]
    assert unequal_arms([claim], ours + equal, []) == []
    (line,) = unequal_arms([claim], ours + frozen, [])
    assert line.endswith(": n_masks 2 against 4, 2 against 8")


def test_data_sets_with_the_same_difference_share_a_line():
    datasets = ("ml-100k", "ml-1m")
    claim = replace(CLAIM, dataset=datasets, match={"dataset": list(datasets), "method": "mmf"}, over=[])
    ours = [record(dataset=name, patience=5) for name in datasets]
    theirs = [rival(dataset=name, patience=3) for name in datasets]
    (line,) = unequal_arms([claim], ours + theirs, [])
    assert line == "mmf/ranking, ml-100k, ml-1m, bprmf against mmf: patience 3 against 5"


def test_one_method_with_another_setting_is_compared_in_all_else():
    claim = replace(CLAIM, form="trend", along="budget", baselines=[{"share": 0.1}])
    claim = replace(claim, match=claim.match | {"share": 0.4})
    few, many = [record(share=share, budget=10, epochs=5) for share in (0.1, 0.4)]
    larger = [record(metrics={"ndcg": share}, share=share, budget=20, epochs=9) for share in (0.1, 0.4)]
    assert unequal_arms([claim], [few, many, *larger], []) == []
    shorter = record(share=0.1, budget=10, epochs=4)
    (line,) = unequal_arms([claim], [shorter, many], [])
    assert line == "mmf/ranking, ml-1m, mmf against share 0.1: epochs 5 against 4"


# ---- headline claims without a control ----


def test_a_headline_needs_a_control_that_was_run():
    headline = replace(CLAIM, headline=True)
    controlled = replace(headline, control={"method": "mmf-unmasked"})
    ours, control = record(), record(method="mmf-unmasked")
    assert without_control([headline], [ours, control]) == ["one: no control"]
    assert without_control([controlled], [ours]) == ["one: its control, method mmf-unmasked, was not run"]
    assert without_control([controlled], [ours, control]) == []


def test_other_claims_and_theorems_need_none():
    assert len(without_control([replace(CLAIM, headline=True)], [])) == 1
    assert without_control([CLAIM, replace(CLAIM, headline=True, kind="theory")], []) == []


# ---- records that are dirty or stale ----


def test_dirty_and_stale_records_are_counted():
    clean = record()
    dirty, stale = replace(clean, commit="c0ffee+dirty"), replace(clean, code="0" * 64)
    assert unclean([clean, dirty, stale]) == [
        "mmf/ranking: 1 of 3 records are dirty",
        "mmf/ranking: 1 of 3 records are stale",
    ]
    assert unclean([clean, clean]) == []


# ---- all together ----


def test_findings_stand_under_their_heads_in_order():
    runs = [
        trained(40, patience=3, method="b"),
        trained(40, patience=3, method="a"),
        *trials("rate", {1: 0.1, 2: 0.2, 3: 0.3}),
    ]
    capped, edges, *others = audit([replace(CLAIM, headline=True)], runs, NO_REMARKS).values()
    assert [line.split(": ")[0] for line in capped] == ["mmf/ranking, ml-1m, a", "mmf/ranking, ml-1m, b"]
    assert (len(edges), *map(len, others)) == (1, 0, 1, 0)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"ends": []}, "expected ends, apart"),
        ({"ends": [], "apart": [], "more": []}, "expected ends, apart"),
        (
            {"ends": [{"experiment": "a/b", "option": "c", "value": 0}], "apart": []},
            "ends: .* expected .*why",
        ),
        (
            {"ends": [{"experiment": "a/b", "option": "c", "why": "d"}], "apart": []},
            "ends: .* expected .*value",
        ),
        (
            {"ends": [], "apart": [{"experiment": "a/b", "option": "c", "why": "d", "methd": "e"}]},
            "apart: .*methd.* expected",
        ),
    ],
)
def test_a_wrong_file_of_remarks_is_refused(folder, content, message):
    (folder / "data/audit.yaml").write_text(yaml.safe_dump(content), encoding="utf-8")
    with pytest.raises(ValueError, match=message):
        load_remarks()


def test_the_remarks_of_this_project_are_read_and_are_sentences():
    remarks = load_remarks()
    assert all(one.why[0].isupper() and one.why.endswith(".") for some in remarks.values() for one in some)
    assert all(one.experiment.endswith("-search") for one in remarks["ends"])


def test_the_command_prints_what_it_finds_and_fails_until_it_is_mended(folder, capsys):
    (folder / "data/audit.yaml").write_text(yaml.safe_dump(NO_REMARKS), encoding="utf-8")
    (folder / "data/records").mkdir()

    def write(name, found):
        (folder / "data/records" / name).write_text(json.dumps(asdict(found)), encoding="utf-8")

    write("quick.json", replace(trained(40, patience=3, seed=1), profile="book"))  # does not count

    def run(lasted, *options):
        write("one.json", trained(lasted, patience=3))
        return main(["claims", "audit", *options]), capsys.readouterr().out

    line = "mmf/ranking, ml-1m, mmf: 1 of 1 final runs ended at the cap of 40 epochs"
    status, out = run(40)
    assert status == 1
    assert out.splitlines()[:2] == ["Final runs that ended at their cap of epochs: 1", f"    {line}"]
    status, out = run(40, "--json")
    assert (status, sum(json.loads(out).values(), [])) == (1, [line])
    status, out = run(39)
    assert status == 0
    assert [row.split(": ")[1] for row in out.splitlines()] == ["0"] * 5
