"""What the alignment adds to an epoch: the timing, and what large data would take."""

import math

import pytest

from fourmasks.experiments.profiles import resolve
from fourmasks.pia.models.multi_vae import MultiVAE
from fourmasks.pia.overhead import costs, plan
from fourmasks.pia.overhead import run as training
from fourmasks.pia.recommenders import plan as recommender_plan
from fourmasks.pia.recommenders import run as recommender_training

NAME = "simulated-small"

pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.setenv("FOURMASKS_RECORDS", str(tmp_path))


def run(**settings):
    return plan.run(resolve(plan.PROFILES, "smoke", **settings), "smoke")


@pytest.fixture
def fake_clock(monkeypatch):
    """An epoch takes a second, with anchors 1.2 and in the first one 50, by a clock of our own."""
    now, epochs = [0.0], []

    def epoch(self, data):
        names = [name for name, _ in epochs]
        first = self.alignment not in names
        epochs.append((self.alignment, len(names)))
        now[0] += 50.0 if first else 1.2 if self.alignment == "items" else 1.0
        return 0.0

    monkeypatch.setattr(training.MultiVAE, "_epoch", epoch)
    monkeypatch.setattr(training.time, "process_time", lambda: now[0])
    return epochs


def test_the_overhead_is_that_of_epochs_in_turn_after_a_first_one(fake_clock):
    outcome = training.run(NAME, "multi-vae+pia", 0, 4, 50, "cpu", 1)
    assert outcome["metrics"] == pytest.approx(
        {"epoch_seconds": 1.2, "plain_epoch_seconds": 1.0, "overhead_percent": 20.0}
    )
    assert outcome["curves"]["aligned"] == pytest.approx([1.2] * 4)
    order = [name for name, _ in fake_clock]
    pairs = list(zip(order[::2], order[1::2], strict=True))
    assert all(set(pair) == {"none", "items"} for pair in pairs)
    assert len(set(pairs)) == 2  # neither always goes first


def test_every_method_is_timed_beside_the_same_model_without():
    records = run()
    assert [r.parameters["method"] for r in records] == list(training.METHODS)
    for record in records:
        assert record.metrics["epoch_seconds"] > 0 and record.metrics["plain_epoch_seconds"] > 0
        assert {record.parameters[name] for name in ("device", "threads")} == {"cpu", 1}
    for base, target in training.METHODS.values():
        assert base(alignment=target).alignment != base().alignment


# ---- what large data would take ----


def test_shapes_are_those_of_table_5():
    assert costs.shapes() == {
        "ml-20m": costs.Shape(136_677 - 20_000, 10_000, 20_108),
        "netflix": costs.Shape(463_435 - 80_000, 40_000, 17_769),
        "msd": costs.Shape(571_355 - 100_000, 50_000, 41_140),
    }


@pytest.mark.parametrize("alignment", ["none", "items"])
def test_parameters_are_those_of_the_network(alignment):
    data = recommender_training.parts(NAME, 0)
    model = MultiVAE(hidden=7, latent=3, epochs=1, alignment=alignment).fit(data.train)
    items = data.train.shape[1]
    assert model.n_parameters_ == costs.n_parameters(items, 7, 3, alignment == "items")


def test_operations_and_memory_by_hand():
    shape = costs.Shape(users=10, held_out=2, items=8)
    # Layers 5 x 2 latent means and variances, 2 x 5, 5 x 8; each weight is used three times, twice counted.
    assert costs.epoch_operations(shape, 5, 2) == 10 * 6 * (5 * 4 + 2 * 5 + 5 * 8)
    numbers = costs.n_parameters(8, 5, 2, anchors=True)
    assert costs.memory_bytes(shape, 5, 2, batch_size=4) == 4 * (4 * numbers + 3 * 4 * 8)
    assert costs.ease_bytes(shape) == 8 * 64


def test_passes_by_hand():
    config = resolve(
        recommender_plan.PROFILES, "paper", methods="ease,multi-vae,multi-vae-clean,rec-vae", seeds=2,
        trials=3, epochs=10,
    )  # fmt: skip
    # Multi-VAE: 3 trials and 2 final runs; clean: 2 runs; RecVAE: 5 runs of half the epochs, 4 passes each.
    assert costs.n_passes(config, "ml-20m") == 5 * 10 + 2 * 10 + 5 * 5 * 4


def test_operations_explain_the_papers_seconds():
    """Those of Netflix beside those of ML-20M, which the page takes the GPU's rate from."""
    first, second = (costs.epoch_operations(costs.shapes()[name], 600, 200) for name in ("ml-20m", "netflix"))
    assert 8.207 * second / first == pytest.approx(22.193, rel=0.1)


def test_the_rate_of_the_cpu_is_that_of_the_timings():
    config = resolve(recommender_plan.PROFILES, "smoke", methods="popularity")
    records = run() + recommender_plan.run(config, "smoke")
    (described,) = [r for r in records if r.experiment == recommender_plan.DATASETS]
    metrics = [r.metrics for r in records if r.experiment == plan.EXPERIMENT][:2]  # those of Multi-VAE
    middle = sum(one["plain_epoch_seconds"] for one in metrics) / 2
    shape = costs.Shape(int(described.metrics["users"]), 0, int(described.metrics["items_of_all"]))
    expected = costs.epoch_operations(shape, 600, 200) / middle
    assert costs.rate(records) == pytest.approx(expected)
    assert math.isnan(costs.rate([]))
