"""The clock of the timing experiment, its counts of operations, and its measurements."""

from dataclasses import replace

import pytest
import torch

from fourmasks.experiments.profiles import resolve
from fourmasks.mmf.masks import timing
from fourmasks.mmf.masks.timing import METHODS, PROFILES, WARM_UP, clocked_epochs, masks_of, operations, run
from fourmasks.mmf.models.matrix_mmf import MMF


@pytest.fixture
def ticks(monkeypatch):
    """A clock that jumps to the next of the given times whenever it is read."""

    def set_times(*times):
        remaining = iter(times)
        monkeypatch.setattr(timing.time, "perf_counter", lambda: next(remaining))

    return set_times


def steps(number):
    parameter = torch.nn.Parameter(torch.ones(2))
    parameter.grad = torch.ones(2)
    optimizer = torch.optim.SGD([parameter], lr=0.1)
    for _ in range(number):
        optimizer.step()


# ---------------------------------------------------------------- the clock


def test_the_clock_gives_the_time_from_each_step_to_the_next(ticks):
    ticks(10.0, 11.0, 13.0, 13.5)
    with clocked_epochs("cpu") as seconds:
        steps(4)
    assert seconds == [1.0, 2.0, 0.5]


def test_the_clock_stops_with_its_block_even_after_an_error(ticks):
    ticks(1.0, 2.0)
    with pytest.raises(RuntimeError), clocked_epochs("cpu") as seconds:
        steps(2)
        raise RuntimeError
    steps(3)  # a clock still running would ask for a third time, which is not there
    assert seconds == [1.0]


def test_an_epoch_of_every_trained_method_makes_one_step():
    matrix = timing.load("s6", 0).values
    for method in ("mmf", *timing.MF):
        model = timing._model(method, 8, 0.5, 7, random_state=0, device="cpu")
        with clocked_epochs("cpu") as seconds:
            model.fit(matrix)
        assert len(seconds) == 7 - 1, method


def test_the_median_is_of_the_epochs_after_the_warm_up(monkeypatch):
    """Own epochs take 2 s, those on S_6 the same, MF-Bias's 0.5 s; in the warm-up all take 100 s."""

    class Model:
        def __init__(self, seconds):
            self.seconds = seconds

        def fit(self, matrix):
            self.epochs += [100.0] * WARM_UP + [self.seconds] * 3

    class Clock(list):
        def __enter__(self):
            Model.epochs = self
            return self

        def __exit__(self, *error):
            pass

    monkeypatch.setattr(timing, "clocked_epochs", lambda device: Clock())
    monkeypatch.setattr(
        timing, "_model", lambda method, *args, **given: Model(0.5 if method == "mf-bias" else 2.0)
    )
    metrics = timing.run_one("s7", "mmf", 8, 0, epochs=3, device="cpu", threads=1, share=0.5)["metrics"]
    assert metrics == {"epoch_ms": 2000.0, "growth_from_s6": 1.0, "ratio_to_mf_bias": 4.0}


def test_the_models_that_are_timed_have_the_budget_s_number_of_parameters():
    matrix = timing.load("s6", 0).values
    for method, share in [("mmf", 0.1), ("mmf", 0.9), *((method, None) for method in timing.MF)]:
        model = timing._model(method, 10, share, 1, random_state=0, device="cpu").fit(matrix)
        assert model.n_parameters_ == (64 + 64) * 10, method


# ---------------------------------------------------------------- operations


class Counting(torch.utils._python_dispatch.TorchDispatchMode):
    """Counts multiplications and additions of matrix products in which a side of the matrix is summed."""

    def __init__(self, size):
        super().__init__()
        self.size, self.total = size, 0

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        name = function.overloadpacket.__name__
        if name in ("mm", "addmm"):
            a, b = args[-2:]
            if (*a.shape, b.shape[1]).count(self.size) == 2:  # I, J and one more: a large product
                self.total += 2 * a.shape[0] * a.shape[1] * b.shape[1]
        return function(*args, **(kwargs or {}))


@pytest.mark.parametrize(("method", "share"), [("mmf", 0.25), ("mmf", 0.5), *((m, None) for m in timing.MF)])
def test_operations_are_those_that_an_epoch_makes(method, share):
    """Between 3 and 4 epochs lies one epoch, whatever is done before and after the loop."""
    totals = []
    for epochs in (3, 4):
        with Counting(64) as counting:
            timing._model(method, 8, share, epochs, random_state=0, device="cpu").fit(
                timing.load("s6", 0).values
            )
        totals.append(counting.total)
    # The Gram matrices of MF, of 8 or 9 columns, have one side of 64 and are left out, as in `operations`.
    assert totals[1] - totals[0] == operations(method, 64, 8, share)


def test_an_svd_has_no_number_of_operations():
    assert operations("svd", 64, 8) is None


def test_a_share_pays_for_at_least_one_mask_and_leaves_a_dimension():
    assert [masks_of(share, 40) for share in (0.1, 0.3, 0.7, 0.9)] == [4, 12, 28, 36]
    assert masks_of(0.01, 8) == 1 and masks_of(0.99, 8) == 7


# ---------------------------------------------------------------- the experiment


@pytest.fixture
def records(tmp_path, monkeypatch):
    monkeypatch.setenv("FOURMASKS_RECORDS", str(tmp_path))
    return tmp_path


TINY = replace(PROFILES["smoke"], budget=4, epochs=1)


def test_measurements_are_kept_and_not_repeated(records, monkeypatch):
    first = run(TINY, "smoke")
    assert [r.parameters["method"] for r in first] == list(METHODS)
    for record in first:
        name = "total_ms" if record.parameters["method"] == "svd" else "epoch_ms"
        assert record.metrics[name] > 0 and record.metrics["growth_from_s6"] > 0
        assert record.parameters["device"] == "cpu" and record.parameters["threads"] == 1
    next(records.glob("*.json")).unlink()
    again = run(TINY, "smoke")
    assert sum(before.metrics != after.metrics for before, after in zip(first, again, strict=True)) == 1


def test_the_paper_s_profile_is_its_table():
    config = PROFILES["paper"]
    assert config.dataset == ("s6", "s7", "s8", "s9", "s10") and config.budget == 40
    assert config.shares == tuple(tenths / 10 for tenths in range(1, 10)) and config.seeds >= 2


def test_the_budget_leaves_something_of_the_smallest_matrix():
    with pytest.raises(ValueError, match="budget = 64: s6 has 64 rows"):
        resolve(PROFILES, "smoke", budget=64)


def test_timing_leaves_training_as_it_is():
    """A clock that changed a result would time something else."""
    matrix = timing.load("s6", 0).values
    plain = MMF(4, solver="adam", max_iter=3, verbose=False).fit(matrix)
    with clocked_epochs("cpu"):
        clocked = MMF(4, solver="adam", max_iter=3, verbose=False).fit(matrix)
    assert plain.error_curve_ == clocked.error_curve_
