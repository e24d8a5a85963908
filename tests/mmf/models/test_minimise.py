"""The loop around a solver: limits, the best iterate and checkpoints, for a solver that plays back errors."""

import math
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from fourmasks.mmf.models import minimise as model_minimise
from fourmasks.mmf.models.minimise import minimise
from fourmasks.mmf.models.parameters import Parameters


class Playback:
    """Gives a list of errors; the parameters of iteration n hold n. `during` is called in each iteration."""

    name = "playback"

    def __init__(self, errors, during=lambda n: None):
        self.errors, self.during, self.n, self.made = errors, during, 0, 0
        self.parameters = self._at(0)

    def _at(self, n):
        return Parameters(*(torch.full((2, 1), float(n)) for _ in range(4)))

    def iterate(self):
        self.during(self.n)
        error, self.parameters = self.errors[self.n], self._at(self.n)
        self.n, self.made = self.n + 1, self.made + 1
        return error, self.parameters

    def state(self):
        return {"n": torch.tensor(self.n)}

    def restore(self, state):
        self.n = int(state["n"])


def run(solver, **changes):
    limits = dict(max_iter=len(solver.errors), time_limit=math.inf, tol=0.0, verbose=False)
    return minimise(solver, **limits | changes)


@pytest.fixture
def clock(monkeypatch):
    """A clock that moves only when told."""
    clock = SimpleNamespace(now=100.0)
    monkeypatch.setattr(model_minimise, "time", SimpleNamespace(perf_counter=lambda: clock.now))
    return clock


def tick(clock, seconds=1.0):
    def during(n):
        clock.now += seconds

    return during


@pytest.fixture
def always_save(monkeypatch):
    monkeypatch.setattr(model_minimise, "CHECKPOINT_SECONDS", -1.0)


ERRORS = st.lists(st.floats(0, 2) | st.just(math.nan) | st.just(math.inf), min_size=1, max_size=30)


@given(ERRORS.filter(lambda errors: any(math.isfinite(error) for error in errors)))
def test_the_best_iterate_is_kept(errors):
    fit = run(Playback(errors))
    best = min(error for error in errors if not math.isnan(error))
    assert fit.error == best
    assert float(fit.best.row_factors[0, 0]) == errors.index(best)
    np.testing.assert_array_equal(fit.errors, errors)


@pytest.mark.parametrize("max_iter", [1, 7, 30])
def test_the_number_of_iterations_is_kept(max_iter):
    solver = Playback([1.0] * 30)
    fit = run(solver, max_iter=max_iter)
    assert len(fit.errors) == len(fit.seconds) == solver.made == max_iter


@pytest.mark.parametrize(("time_limit", "made"), [(0.5, 1), (1.0, 1), (3.5, 4), (1000.0, 30)])
def test_the_time_limit_is_kept(clock, time_limit, made):
    """An iteration takes a second, and is begun only before the limit."""
    solver = Playback([1.0] * 30, tick(clock))
    fit = run(solver, time_limit=time_limit)
    assert solver.made == made
    assert fit.seconds == [float(n + 1) for n in range(made)]


def test_a_fit_stops_when_twenty_iterations_gained_too_little():
    halving = [0.5**n for n in range(30)]
    solver = Playback(halving + [halving[-1]] * 100)
    fit = run(solver, tol=1e-3)
    assert solver.made == 30 + 20
    assert run(Playback([1.0] * 50), tol=1e-3).errors == [1.0] * 21
    assert run(Playback(halving), tol=1e-3).errors == halving
    assert fit.error == halving[-1]


def test_without_a_tolerance_a_fit_does_not_stop_early():
    assert len(run(Playback([1.0] * 100), tol=0.0).errors) == 100


def test_what_diverges_at_once_is_an_error():
    with pytest.raises(FloatingPointError, match="playback gave no finite error in 3 iterations.*lower the"):
        run(Playback([math.nan, math.nan, math.inf]))


def test_nothing_is_shown_on_no_terminal(capsys):
    run(Playback([1.0] * 5), verbose=True)
    assert capsys.readouterr() == ("", "")


# ---------------------------------------------------------------- checkpoints


class Killed(BaseException):
    """Stands for the end of the process."""


def killed_at(number):
    def during(n):
        if n == number:
            raise Killed

    return during


FALLING = [1 / (n + 1) for n in range(10)]


def test_a_killed_fit_goes_on(tmp_path, always_save):
    path = tmp_path / "deep" / "fit.npz"
    with pytest.raises(Killed):
        run(Playback(FALLING, killed_at(6)), checkpoint=path, identity="a")
    assert [entry.name for entry in path.parent.iterdir()] == ["fit.npz"]
    solver = Playback(FALLING)
    fit = run(solver, checkpoint=path, identity="a")
    assert solver.made == 4
    assert fit.errors == FALLING and fit.error == FALLING[-1]
    assert float(fit.best.row_factors[0, 0]) == 9
    assert [entry.name for entry in path.parent.iterdir()] == ["fit.npz"]  # whoever asked for it removes it


def test_the_best_before_a_kill_counts_after_it(tmp_path, always_save):
    errors = [0.5, 0.1, 0.4, 0.3, 0.2]
    with pytest.raises(Killed):
        run(Playback(errors, killed_at(3)), checkpoint=tmp_path / "fit")
    fit = run(Playback(errors), checkpoint=tmp_path / "fit")
    assert fit.error == 0.1 and float(fit.best.row_factors[0, 0]) == 1


def test_the_seconds_before_a_kill_count_after_it(tmp_path, always_save, clock):
    def during(n):
        clock.now += 1
        if n == 3:
            raise Killed

    with pytest.raises(Killed):
        run(Playback(FALLING, during), checkpoint=tmp_path / "fit")
    clock.now = 5000.0  # the machine was off for a while
    solver = Playback(FALLING, tick(clock))
    fit = run(solver, checkpoint=tmp_path / "fit", time_limit=5.0)
    assert fit.seconds == [1.0, 2.0, 3.0, 4.0, 5.0] and solver.made == 2


def test_a_checkpoint_is_written_now_and_then(tmp_path, clock, monkeypatch):
    """Every 20 seconds by default, not in each iteration."""
    saved = []
    original = model_minimise._save
    monkeypatch.setattr(
        model_minimise,
        "_save",
        lambda *given, **said: (saved.append(clock.now - 100), original(*given, **said)),
    )
    run(Playback([1.0] * 10, tick(clock, 9.0)), checkpoint=tmp_path / "fit")
    assert saved == [27.0, 54.0, 81.0, 90.0]  # the last at the end


def test_a_checkpoint_of_another_problem_is_refused_and_stays(tmp_path, always_save):
    path = tmp_path / "fit.npz"
    with pytest.raises(Killed):
        run(Playback(FALLING, killed_at(6)), checkpoint=path, identity="a")
    content, solver = path.read_bytes(), Playback(FALLING)
    with pytest.raises(ValueError, match=r"fit\.npz belongs to another matrix or another setting.*remove it"):
        run(solver, checkpoint=path, identity="b")
    assert solver.made == 0 and path.read_bytes() == content


def test_a_write_that_fails_leaves_the_last_checkpoint_and_no_temporary_file(
    tmp_path, always_save, monkeypatch
):
    path = tmp_path / "fit.npz"
    with pytest.raises(Killed):
        run(Playback(FALLING, killed_at(6)), checkpoint=path)
    content = path.read_bytes()

    def full(stream, **arrays):
        stream.write(b"half")
        raise OSError("disk full")

    monkeypatch.setattr(model_minimise.np, "savez", full)
    with pytest.raises(OSError, match="disk full"):
        run(Playback(FALLING), checkpoint=path)
    assert path.read_bytes() == content
    assert list(tmp_path.iterdir()) == [path]


def test_a_checkpoint_holds_nothing_that_runs_code(tmp_path, always_save):
    with pytest.raises(Killed):
        run(Playback(FALLING, killed_at(2)), checkpoint=tmp_path / "fit.npz")
    with np.load(tmp_path / "fit.npz", allow_pickle=False) as stored:
        assert {stored[name].dtype.kind for name in stored.files} <= set("fiU")


def test_an_iteration_without_a_finite_error_can_be_saved(tmp_path, always_save):
    fit = run(Playback([math.nan, 0.5]), checkpoint=tmp_path / "fit")
    assert fit.error == 0.5
