"""The experiments on trained networks: their plan, and a small run of all of it."""

from dataclasses import replace

import numpy as np
import pytest

from fourmasks.data.interactions import load_interactions
from fourmasks.experiments.profiles import resolve
from fourmasks.pia.models.multi_vae import MultiVAE
from fourmasks.pia.trained import networks
from fourmasks.pia.trained.plan import (
    LATENT,
    METHODS,
    NETWORKS,
    PROFILES,
    THEORY,
    TRIO,
    plan,
    run,
    settings,
)
from fourmasks.pia.trained.sharing import KINDS

pytestmark = pytest.mark.usefixtures("one_thread")

SMOKE = resolve(
    PROFILES, "smoke", theory="multi-vae,multi-vae+pia", methods="multi-vae,multi-vae+pia,input-unit"
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("records")


@pytest.fixture(autouse=True)
def own_records(folder, monkeypatch):
    monkeypatch.setenv("FOURMASKS_RECORDS", str(folder))


@pytest.fixture(scope="module")
def records(folder, one_thread):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FOURMASKS_RECORDS", str(folder))
        return run(SMOKE, "smoke")


def test_all_that_is_asked_of_a_network_follows_its_fit(records):
    asked = [(r.experiment, r.parameters.get("method")) for r in records]
    assert asked == [
        (TRIO, None), (LATENT, "multi-vae"), (THEORY, "multi-vae"), (LATENT, "multi-vae+pia"),
        (THEORY, "multi-vae+pia"), (LATENT, "input-unit"),
    ]  # fmt: skip
    assert {r.data_sha256 for r in records} == {load_interactions("simulated-small").sha256}
    assert {r.function.rpartition(".")[2] for r in records} == {"run_trio", "run_latent", "run_theory"}


def test_a_second_run_trains_nothing_and_a_part_is_that_part(records, monkeypatch):
    monkeypatch.setattr(networks.MultiVAE, "fit", lambda *args: pytest.fail("it was trained again"))
    assert run(SMOKE, "smoke") == records
    assert run(SMOKE, "smoke", experiments=[THEORY]) == [r for r in records if r.experiment == THEORY]
    with pytest.raises(ValueError, match="'pia/laten'.*Did you mean 'pia/latent'"):
        run(SMOKE, "smoke", experiments=["pia/laten"])


def test_the_same_seed_gives_the_same_numbers_from_one_fit_of_each_network(records, tmp_path, monkeypatch):
    monkeypatch.setenv("FOURMASKS_RECORDS", str(tmp_path))
    networks.fitted.cache_clear()
    fit, fits = MultiVAE.fit, []

    def counted(model, *given):
        fits.append(model.alignment)
        return fit(model, *given)

    monkeypatch.setattr(MultiVAE, "fit", counted)
    again = run(SMOKE, "smoke")
    assert fits == ["none", "items"]  # one for both experiments
    assert [r.metrics for r in again] == [r.metrics for r in records]
    assert [r.curves for r in again] == [r.curves for r in records]


def test_seeds_of_a_method_are_one_configuration():
    """What differs between the seeds of a method is the seed alone, as the ledger asks."""
    runs = list(plan(replace(SMOKE, seeds=3)))
    for experiment in (LATENT, THEORY):
        for method in ("multi-vae", "multi-vae+pia"):
            own = [r.parameters for r in runs if r.experiment == experiment]
            own = [p for p in own if p["method"] == method]
            assert [p["seed"] for p in own] == [0, 1, 2]
            assert all({**p, "seed": 0} == own[0] for p in own)


@pytest.mark.parametrize("method", METHODS)
def test_a_method_differs_from_multi_vae_in_what_its_name_says(method):
    config = PROFILES["paper"]
    given, plain = (settings("ml-1m", name, config) for name in (method, "multi-vae"))
    if method not in NETWORKS:
        assert given == {}
        return
    changed = {name for name in given if given[name] != plain.get(name)}
    expected = {
        "multi-vae-clean": {"dropout"}, "multi-vae": set(), "multi-vae+dropout": {"dropout"},
        "multi-vae+beta": {"beta"},
    }.get(method, {"alignment"})  # fmt: skip
    assert changed == expected
    model = MultiVAE(**given)
    assert (model.hidden, model.latent, model.dtype) == (600, 200, "float32")
    assert model.patience > model.alignment_patience  # else the weight never grows
    if method == "multi-vae+dropout":
        assert given["dropout"] > MultiVAE().dropout
    if method == "multi-vae+beta":
        assert given["beta"] > plain["beta"]


def test_a_data_set_has_its_own_epochs_unless_told():
    own, told = PROFILES["paper"], resolve(PROFILES, "paper", epochs=9)
    for config, dataset, epochs, growing in (
        (own, "ml-1m", 200, 8), (own, "ml-100k", 200, 20), (own, "simulated", 20, 6), (told, "ml-1m", 9, 3),
    ):  # fmt: skip
        given = settings(dataset, "multi-vae", config)
        assert (given["epochs"], given["patience"], given["anneal_epochs"]) == (epochs, growing, growing)
    assert settings("ml-1m", "multi-vae", resolve(PROFILES, "paper", epochs=1))["patience"] == 1


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"neighbours": 40}, "neighbours = 40: expected less than users = 40"),
        ({"most_items": 5}, "most_items = 5: expected at least least_items = 10"),
        ({"perplexity": 30.0}, "perplexity = 30.0: expected less than 30"),
    ],
)
def test_options_that_do_not_go_together_are_refused(values, message):
    with pytest.raises(ValueError, match=message):
        resolve(PROFILES, "smoke", **values)


def test_more_neighbours_than_test_users_are_refused_before_training(monkeypatch):
    monkeypatch.setattr(networks.MultiVAE, "fit", lambda *args: pytest.fail("it was trained"))
    with pytest.raises(ValueError, match="neighbours = 12: simulated-small has 12 users of the test"):
        run(resolve(PROFILES, "smoke", neighbours=12), "smoke")


# ---------------------------------------------------------------- what the records hold


def test_latent_records_hold_numbers_and_the_picture_of_seed_0(records):
    by_method = {r.parameters["method"]: r for r in records if r.experiment == LATENT}
    drawn = by_method["multi-vae+pia"]
    assert set(drawn.curves) == {"x", "y", "cohort", "items"}
    assert len(drawn.curves["x"]) == 30 and drawn.curves["cohort"] == [0] * 10 + [1] * 10 + [2] * 10
    assert all(round(value, 2) == value for value in drawn.curves["x"])
    groups = np.reshape(drawn.curves["items"], (3, 10))
    assert groups[0].max() <= groups[1].min() and groups[1].max() <= groups[2].min()
    for name in ("", "held_out_"):
        for metric in ("drift", "recognised", "overlap_jaccard", "follows_cosine"):
            assert name + metric in drawn.metrics
    assert 0 <= drawn.metrics["picture_order"] <= 1
    own = by_method["input-unit"].metrics
    assert "ndcg_at_100" not in own and not by_method["input-unit"].curves
    assert own["follows_cosine"] == pytest.approx(1, abs=1e-3)  # at unit length they are the same


def test_theory_records_hold_every_pair_and_what_prop_3_2_compares(records):
    found = {r.parameters["method"]: r for r in records if r.experiment == THEORY}
    record = found["multi-vae+pia"]
    kinds, gradients, penalties = (
        np.array(record.curves[f"pair_{name}"]) for name in ("kind", "gradients", "penalty")
    )
    assert set(range(len(KINDS))) >= set(kinds) >= {KINDS.index("random"), KINDS.index("near")}
    near = kinds == KINDS.index("near")
    assert (gradients[near] > 0).mean() == pytest.approx(record.metrics["clean_near_helped"])
    assert (penalties[near] < 1).mean() == pytest.approx(record.metrics["clean_near_inside"])
    assert len(kinds) == len(record.curves["pair_distance"]) == len(record.curves["pair_items"])
    assert all(record.metrics[name] == 0 for name in record.metrics if name.endswith("broken"))
    keep, kl = record.curves["keep"], record.curves["kl"]
    assert record.metrics["kl_ratio"] == pytest.approx(kl[keep.index(0.5)] / kl[keep.index(1.0)])
    assert len(record.curves["mask_traces"]) == 12
