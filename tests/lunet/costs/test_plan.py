"""What layers cost: the clock, the counts against brute force, the layers, rounding, and the records."""

import math

import numpy as np
import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from fourmasks.experiments.profiles import resolve
from fourmasks.lunet.costs import growth, memory, plan, run_rounding
from fourmasks.lunet.costs import run as trials
from fourmasks.lunet.costs.counts import last_batch, multiplications, ratios

pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.setenv("FOURMASKS_RECORDS", str(tmp_path))


def run(**settings):
    return plan.run(resolve(plan.PROFILES, "smoke", **settings), "smoke")


# ---------------------------------------------------------------- slopes and the clock


@pytest.mark.parametrize("power", [-1.0, 0.0, 2.0, 3.5])
def test_the_slope_of_a_power_law_is_its_exponent(power):
    by_size = {size: 7.0 * size**power for size in (3, 64, 100, 4096)}
    assert trials.slope(by_size) == pytest.approx(power, abs=1e-12)


def test_the_last_slope_is_that_of_the_two_largest_sizes():
    table = {100: {"a": 1.0}, 400: {"a": 64.0}, 200: {"a": 1.0}}
    assert trials.slopes_of(table, "a")[1] == pytest.approx(6.0)


def test_functions_have_their_turns_and_the_median_counts(monkeypatch):
    now, calls = [0.0], []

    def function(name, durations):
        remaining = iter(durations)

        def call():
            calls.append(name)
            now[0] += next(remaining)

        return call

    monkeypatch.setattr(trials.time, "process_time", lambda: now[0])
    first, second = function("a", [9, 9, 1, 5, 2]), function("b", [9, 9, 4, 3, 9])
    assert trials.seconds_in_turn({"a": first, "b": second}, 3) == {"a": 2.0, "b": 4.0}
    assert calls == list("aabb" + "ab" * 3)  # once to warm up, once to see how long it takes


def test_short_functions_are_repeated_and_one_call_is_reported(monkeypatch):
    now, calls = [0.0], []

    def tick():
        calls.append(1)
        now[0] += 2.0**-12

    monkeypatch.setattr(trials.time, "process_time", lambda: now[0])
    assert trials.seconds_in_turn({"tick": tick}, 2) == {"tick": 2.0**-12}
    assert len(calls) == 2 + 2 * int(trials.SHORTEST * 2**12)


# ---------------------------------------------------------------- counts


class Number:
    """A number that counts the multiplications, divisions and logarithms that it takes part in."""

    count = 0

    def __init__(self, value):
        self.value = float(value)

    def __add__(self, other):
        return Number(self.value + other.value)

    def __sub__(self, other):
        return Number(self.value - other.value)

    def __mul__(self, other):
        Number.count += 1
        return Number(self.value * other.value)

    def __truediv__(self, other):
        Number.count += 1
        return Number(self.value / other.value)

    def log(self):
        Number.count += 1
        return Number(math.log(abs(self.value)))


def numbers(values):
    return np.vectorize(Number, otypes=[object])(values)


def plain(values):
    return np.vectorize(lambda number: number.value)(values)


def counted(function, *arguments):
    Number.count = 0
    return function(*arguments), Number.count


def eliminate(matrix):
    """Factorize in place: L's multipliers below the diagonal, U on and above it."""
    matrix = matrix.copy()
    for k in range(len(matrix)):
        for i in range(k + 1, len(matrix)):
            matrix[i, k] = matrix[i, k] / matrix[k, k]
            for j in range(k + 1, len(matrix)):
                matrix[i, j] = matrix[i, j] - matrix[i, k] * matrix[k, j]
    return matrix


def substitute(factors, points):
    """Solve LUx = y for each row of points, with both triangles in one matrix."""
    d, found = len(factors), []
    for point in points:
        x = list(point)
        for i in range(d):
            for j in range(i):
                x[i] = x[i] - factors[i, j] * x[j]
        for i in reversed(range(d)):
            for j in range(i + 1, d):
                x[i] = x[i] - factors[i, j] * x[j]
            x[i] = x[i] / factors[i, i]
        found.append(x)
    return np.array(found, dtype=object)


def log_determinant(factors):
    return sum((number.log() for number in factors.diagonal()), Number(0))


@pytest.mark.parametrize(("d", "n"), [(2, 1), (3, 4), (7, 2)])
def test_counts_of_lu_and_dense_layers_are_those_of_elimination(d, n):
    generator = np.random.default_rng(d)
    matrix, points = np.eye(d) * 3 + generator.uniform(-1, 1, (d, d)), generator.normal(size=(n, d))
    factors, factorization = counted(eliminate, numbers(matrix))
    solution, solving = counted(substitute, factors, numbers(points))
    value, logarithms = counted(log_determinant, factors)
    np.testing.assert_allclose(plain(solution), np.linalg.solve(matrix, points.T).T)
    assert value.value == pytest.approx(np.linalg.slogdet(matrix)[1])
    counts = multiplications(d, n)
    assert counts["inverse_lu"] == counts["kept_inverse_lu"] == counts["kept_inverse_dense"] == solving
    assert counts["logdet_lu"] == logarithms
    assert counts["inverse_dense"] == factorization + solving
    assert counts["logdet_dense"] == factorization + logarithms
    assert counts["at_once_dense"] == factorization + solving + logarithms


@pytest.mark.parametrize(("d", "n"), [(2, 1), (5, 3)])
def test_counts_of_coupling_layers_are_those_of_their_network(d, n):
    layer = trials.layer_of("coupling", d).double()
    z = torch.randn(n, d, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    first, last = (numbers(part.weight.detach().numpy()) for part in (layer.first, layer.last))
    bias = layer.first.bias.detach().numpy(), layer.last.bias.detach().numpy()
    kept, moved = (numbers(part.numpy()) for part in z.split(layer.sizes, 1))

    def inverse():
        hidden = numbers(np.tanh(plain(kept @ first.T) + bias[0]))
        raw, shift = np.split(plain(hidden @ last.T) + bias[1], 2, axis=1)
        return (moved - numbers(shift)) * numbers(np.exp(-3 * np.tanh(raw / 3)))

    found, count = counted(inverse)
    np.testing.assert_allclose(plain(found), layer.inverse(z)[:, layer.sizes[0] :].detach().numpy())
    counts = multiplications(d, n)
    assert counts["inverse_coupling"] == counts["logdet_coupling"] == count


@pytest.mark.parametrize("kind", trials.KINDS)
def test_the_products_of_a_step_are_counted_as_torch_counts_them(kind):
    d, n = 16, 5
    with FlopCounterMode(display=False) as counter:
        trials.training_step(trials.layer_of(kind, d), torch.randn(n, d))
    factorization_and_inverse = (d**3 - d) // 3 + d**3 if kind == "dense" else 0  # torch does not count them
    products = multiplications(d, n)[f"step_{kind}"] - factorization_and_inverse
    assert counter.get_total_flops() == 2 * products  # a multiplication and an addition


@pytest.mark.parametrize(("d", "n"), [(64, 1), (512, 10), (1024, 256)])
def test_counted_gains_are_those_of_the_proposition(d, n):
    found = ratios(multiplications(d, n))
    assert found["at_once"] == pytest.approx(1 + d / (3 * n), rel=2 / d)  # up to lower order
    assert found["separate"] == pytest.approx(1 + 2 * d / (3 * n), rel=2 / d)
    assert found["kept"] == 1
    assert found["coupling"] == pytest.approx(1, rel=2 / d)
    assert found["step"] == pytest.approx(2 / 5 + 4 * d / (15 * n), rel=0.01)


@pytest.mark.parametrize("d", [2, 64, 300])
def test_the_last_batch_with_a_gain_is_the_last(d):
    for name, level, about in (("at_once", 2, d / 3), ("step", 1, 4 * d / 9)):
        last = last_batch(d, name, level)
        assert abs(last - about) <= 1
        assert all(ratios(multiplications(d, n))[name] >= level for n in (last, max(1, last - 1)) if last)
        assert ratios(multiplications(d, last + 1))[name] < level


# ---------------------------------------------------------------- layers and memory


def test_kinds_have_about_as_many_parameters():
    for d in (8, 64, 101):
        found = {kind: trials.layer_of(kind, d).n_parameters() for kind in trials.KINDS}
        assert found["lu"] == found["dense"] == d * (d + 1)
        assert abs(found["coupling"] - found["lu"]) <= 0.75 * (d + 2)  # half of what a hidden unit brings


def test_an_unknown_kind_is_refused():
    with pytest.raises(ValueError, match="unknown kind 'densely': expected one of lu, dense, coupling"):
        trials.layer_of("densely", 8)


def test_memory_that_is_made_counts_and_views_do_not():
    x = torch.rand(10, 20, generator=torch.Generator().manual_seed(0))

    def function():
        y = x.T[:5] + 1.0  # 5 x 10 numbers
        y.add_(1.0)
        return torch.linalg.lu_factor(y[:, :5].double())  # 25 of 8 bytes, as many for the factors, 5 pivots

    assert memory.bytes_written(function) == 4 * 50 + 8 * 25 + 8 * 25 + 4 * 5 + 4  # and one flag


def test_only_dense_layers_write_a_matrix_to_invert_one_point():
    d = 64
    found = trials.written(d, 1)
    assert found["inverse_dense"] > 4 * d**2 > 10 * found["kept_inverse_dense"]
    assert found["inverse_lu"] < 4 * d**2 / 5
    assert trials.written(d, 1) == found


# ---------------------------------------------------------------- rounding


def test_rounding_is_that_of_the_layers():
    outcome = run_rounding.run_rounding(1.0, 3, [4, 16], 6, 1)
    curves = outcome["curves"]
    layer = trials.layer_of("lu", 16, 3, 1.0)
    lower, upper = layer.factors()
    for name, factor in (("condition_lower", lower), ("condition_upper", upper)):
        factor = factor.detach().double().numpy()
        sizes = [np.abs(matrix).sum(1).max() for matrix in (factor, np.linalg.inv(factor))]
        assert curves[name][1] == pytest.approx(math.prod(sizes))
    assert curves["bound_float32"][1] == layer.round_trip_bound()
    for dtype, size in (("float32", 1e-5), ("float64", 1e-14)):
        for kind in trials.KINDS:
            values = curves[f"error_{dtype}_{kind}"]
            assert outcome["metrics"][f"largest_error_{dtype}_{kind}"] == max(values) < size
        assert all(np.less(curves[f"error_{dtype}_lu"], curves[f"bound_{dtype}"]))
    assert run_rounding.run_rounding(1.0, 3, [4, 16], 6, 1) == outcome


def test_the_largest_error_is_that_of_the_worst_point():
    class Off(torch.nn.Module):
        def forward(self, x):
            return x

        def inverse(self, z):
            return z + torch.tensor([[0.0, 0.0], [0.0, 0.5]])

    x = torch.tensor([[1.0, 1.0], [4.0, -1.0]])
    assert run_rounding.largest_error(Off(), x) == 0.125


# ---------------------------------------------------------------- records


def test_one_record_holds_all_kinds_and_sizes_of_one_run():
    records = run(seeds=2)
    timed = [record for record in records if record.experiment == plan.EXPERIMENT]
    assert [(r.parameters["seed"], r.parameters["batch"]) for r in timed] == [(0, 1), (0, 8), (1, 1), (1, 8)]
    expected = {f"{part}_{kind}" for part in ("inverse", "logdet", "step") for kind in trials.KINDS}
    expected |= {"kept_inverse_lu", "kept_inverse_dense", "at_once_dense", "inverse_activation"}
    for record in timed:
        assert expected == set(growth.OPERATIONS)
        assert record.curves["dimension"] == [8, 16, 32]
        for name in expected:
            assert all(seconds > 0 for seconds in record.curves[name])
            assert all(size > 0 for size in record.curves[f"bytes_{name}"])
            by_size = dict(zip([8, 16, 32], record.curves[name], strict=True))
            assert record.metrics[f"slope_{name}"] == trials.slope(by_size)
        assert record.parameters["device"] == "cpu" and record.parameters["threads"] == 1
        assert all(seconds > 0 for seconds in record.curves["long_logdet_lu"])
        at_32 = {name: record.curves[name][-1] for name in expected}
        for name, ratio in trials.speedups(at_32).items():
            assert record.metrics[f"speedup_{name}_32"] == ratio
    rounding = [r for r in records if r.experiment == plan.ROUNDING]
    assert [r.parameters["spread"] for r in rounding] == [0.1, 1.0] * 2
    assert run(seeds=2) == records  # nothing is measured again


def test_sizes_are_two_or_more_and_ascending():
    for sizes in ("64", "64,32"):
        with pytest.raises(ValueError, match="two or more, ascending"):
            run(sizes=sizes)
