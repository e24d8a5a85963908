"""What layers cost: the clock, the counts against brute force, the records, and what is read from them."""

import math
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from fourmasks.claims.measurements import Estimate
from fourmasks.experiments.profiles import resolve
from fourmasks.lunet.costs import figures as cost_figures
from fourmasks.lunet.costs import memory, plan, run_rounding, tables
from fourmasks.lunet.costs import run as trials
from fourmasks.lunet.costs.counts import last_batch, multiplications, ratios
from fourmasks.lunet.density import figures as density_figures
from fourmasks.pages.figures import use_style
from fourmasks.pages.tables import plus_minus

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


# ---------------------------------------------------------------- records and what is read from them


def test_one_record_holds_all_kinds_and_sizes_of_one_run():
    records = run(seeds=2)
    timed = tables.timings(records)
    assert [(r.parameters["seed"], r.parameters["batch"]) for r in timed] == [(0, 1), (0, 8), (1, 1), (1, 8)]
    expected = {f"{part}_{kind}" for part in ("inverse", "logdet", "step") for kind in trials.KINDS}
    expected |= {"kept_inverse_lu", "kept_inverse_dense", "at_once_dense", "inverse_activation"}
    for record in timed:
        assert expected == set(tables.WORDS)
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


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"sizes": "64"}, "two or more, ascending"),
        ({"sizes": "64,32"}, "two or more, ascending"),
        ({"sizes": "1,32"}, "from 2 on"),
        ({"batches": "0,8"}, "at least 1 each"),
        ({"spreads": "-1"}, "not negative"),
        ({"rounds": 0}, "rounds = 0"),
        ({"threads": 0}, "threads = 0"),
    ],
)
def test_bad_settings_are_named(settings, message):
    with pytest.raises(ValueError, match=message):
        run(**settings)


def made_up(batch, seed, constant, device="cpu"):
    """Return a record whose seconds are a constant and what the counts take at a billion a second."""
    sizes = [64, 128, 256]
    counts = {size: multiplications(size, batch) for size in sizes}
    table = {
        size: {name: constant + 1e-9 * counts[size].get(name, size) for name in tables.WORDS}
        for size in sizes
    }
    metrics = {"slope_long_logdet_lu": 1.0 + 0.1 * seed}
    curves = {"dimension": sizes, "long_dimension": [4, 8]}
    for name in tables.WORDS:
        curves[name] = [table[size][name] for size in sizes]
        curves[f"bytes_{name}"] = [8 * size**2 for size in sizes]
        metrics[f"slope_{name}"], metrics[f"last_slope_{name}"] = trials.slopes_of(table, name)
    parameters = {"batch": batch, "seed": seed, "device": device, "threads": 1}
    return SimpleNamespace(experiment=plan.EXPERIMENT, parameters=parameters, metrics=metrics, curves=curves)


def test_where_time_is_what_is_counted_the_report_says_so():
    timed = tables.timings(
        [made_up(n, seed, 0.0) for n in (16, 32) for seed in (0, 1)] + [made_up(16, 0, 1.0, "cuda")]
    )
    assert len(timed) == 4
    found = tables.tables(timed)
    slopes = tables.slopes(timed, 16)
    last = slopes["last two sizes"]
    assert last["measured"].tolist() == pytest.approx(last["counted"].tolist())
    assert last.loc["inverse, LU", "measured"] == pytest.approx(2)
    assert last["± 95 %"].tolist() == pytest.approx([0] * len(slopes))
    assert set(last["grows"]) == {"as counted"}
    assert set(slopes["half explained", "from d ="]) == {64}
    assert np.allclose(tables.shares(found, ["inverse_lu", "step_dense"]), 100)
    gains = tables.gains(found)
    for name in tables.GAINS:
        assert gains[name, "measured"].tolist() == pytest.approx(gains[name, "counted"].tolist())
    limits = tables.limits(found)
    assert limits.loc[64].tolist() == ["22", "21", "29", "28"]  # interpolated, where it is measured
    assert limits.loc[256].tolist() == ["> 32", "85", "> 32", "113"]
    ratios = tables.coupling_ratios(found)
    for name in ("inverse", "log-determinant", "both", "step"):
        assert ratios[name, "measured"].tolist() == pytest.approx(ratios[name, "counted"].tolist())
    long = tables.long_sentence(timed)
    assert long.endswith(f"4 to 8 numbers: d^{plus_minus('1.05', '0.09')} in 4 measurements")
    assert set(tables.memory(timed, 16).to_numpy().ravel()) == {2.0}


def test_where_calls_take_the_time_the_report_says_so():
    timed = [made_up(1, seed, 1.0) for seed in (0, 1)]
    slopes = tables.slopes(timed, 1)
    assert set(slopes["last two sizes", "grows"]) == {"more slowly"}
    assert slopes.loc["inverse, LU", "last two sizes"]["measured"] == pytest.approx(0, abs=1e-3)
    assert slopes.loc["inverse, LU", ("half explained", "from d =")] == 256
    assert tables.limits(tables.tables(timed)).loc[64, :].tolist()[0] == "< 1"


def test_one_measurement_tells_nothing_of_the_growth():
    last = tables.slopes([made_up(1, 0, 0.0)], 1)["last two sizes"]
    assert last["± 95 %"].isna().all() and set(last["grows"]) == {"cannot be told"}


@pytest.mark.parametrize(
    ("mean", "half", "expected"),
    [
        (2.1, 0.14, "as counted"),
        (1.9, 0.05, "as counted"),  # though 2 is outside of the interval: it is near
        (2.0, 0.3, "cannot be told"),
        (1.2, 0.9, "cannot be told"),
        (1.7, 0.1, "more slowly"),
        (2.4, 0.3, "faster"),
        (2.0, None, "cannot be told"),
    ],
)
def test_growth_is_judged_by_the_interval(mean, half, expected):
    assert tables.growth(Estimate(mean, 0.0, 3, half), 2.0) == expected


@pytest.mark.parametrize(
    ("mean", "half", "expected"),
    [(1.3, 0.2, "cheaper"), (0.9, 0.05, "dearer"), (1.3, 0.4, "undecided"), (5.0, None, "undecided")],
)
def test_lu_is_cheaper_or_dearer_beyond_the_interval(mean, half, expected):
    assert tables.cheaper(Estimate(mean, 0.0, 3, half)) == expected


def against_coupling(batch, seed, inverse, logdet, step):
    """Return a record in which coupling takes so many times the seconds of LU at the largest size."""
    record = made_up(batch, seed, 0.0)
    for name, ratio in (("inverse", inverse), ("logdet", logdet), ("step", step)):
        record.curves[f"{name}_coupling"][-1] = ratio * record.curves[f"{name}_lu"][-1]
    return record


def test_lu_is_compared_with_coupling_at_the_largest_dimension():
    timed = [against_coupling(1, seed, 3.0, 9.0 + seed, 0.25 + 0.01 * seed) for seed in (0, 1, 2)]
    timed += [against_coupling(8, seed, 0.5 + seed, 9.0, 0.5) for seed in (0, 1, 2)]
    table = tables.verdicts(timed, "coupling")
    assert table.loc[1, "inverse"] == f"{plus_minus('3.00', '0.00')}, cheaper"
    assert table.loc[1, "step"] == f"{plus_minus('0.26', '0.02')}, dearer"
    assert table.loc[8, "inverse"].endswith("undecided")
    said = tables.coupling_sentence(timed)
    assert said.startswith(
        "lu against coupling at d = 256: inverse cheaper for n = 1 and undecided for n = 8;"
    )
    assert "log-determinant cheaper for n = 1, 8;" in said and said.endswith("step dearer for n = 1, 8")


def test_both_are_had_at_once():
    values = {"inverse_lu": 2.0, "logdet_lu": 1.0, "step_lu": 1.0, "at_once_dense": 9.0}
    values |= {
        f"{name}_{kind}": 6.0 for name in ("inverse", "logdet", "step") for kind in ("dense", "coupling")
    }
    assert tables.over_lu("dense", values) == {
        "inverse": 3.0,
        "log-determinant": 6.0,
        "both": 3.0,
        "step": 6.0,
    }
    assert tables.over_lu("coupling", values)["both"] == 2.0


def test_in_short_answers_each_question():
    rounded = [r for r in run(batches=1) if r.experiment == plan.ROUNDING]
    timed = [made_up(n, seed, 0.0) for n in (1, 32) for seed in (0, 1)]
    counts, growth, gains, step, rest, coupling = tables.in_short(timed, rounded)
    at_once, per_step = (
        [ratios(multiplications(256, n))[name] for n in (1, 32)] for name in ("at_once", "step")
    )
    assert f"inverse and determinant, dense {at_once[0]:.2f} and {at_once[1]:.2f};" in counts
    assert f"step, dense {per_step[0]:.2f} and {per_step[1]:.2f};" in counts
    same = plus_minus("2.00", "0.00")
    assert f"inverse, lu d^{same}, counted d^2.00, as counted, half explained from d = 64" in growth
    assert f"dense steeper by {same}" in growth  # of the log-determinant
    for text, values in ((gains, at_once), (step, per_step)):
        said = " and ".join(plus_minus(f"{value:.2f}", "0.00") for value in values)
        assert f"dense {said};" in text
    assert "by the inverse: lu 2.00, dense 2.00, coupling 2.00;" in rest
    assert "lu within its bound in 6 of 6 cases" in rest
    assert coupling.startswith("lu against coupling at d = 256:")
    assert "Rounding is not measured yet" in tables.in_short(timed, [])[4]


def test_tables_and_sentences_without_records():
    assert tables.tables([]) == {}
    for table in (
        tables.milliseconds({}), tables.slopes([], 1), tables.shares({}, ["inverse_lu"]),
        tables.gains({}), tables.coupling_ratios({}), tables.verdicts([], "dense"),
        tables.limits({}), tables.memory([], 1),
        tables.conditions([]), tables.errors([], "float32"),
    ):  # fmt: skip
        assert table.empty
    nothing = "no timings are there yet"
    assert tables.in_short([], []) == [nothing]
    assert tables.long_sentence([]) == tables.coupling_sentence([]) == nothing
    assert tables.rounding_sentences([]) == ["no measurements of rounding are there yet"]


def test_rounding_is_shown_at_its_worst_over_seeds():
    records = run(seeds=2, batches=1)
    curves = [r.curves for r in records if r.experiment == plan.ROUNDING and r.parameters["spread"] == 1.0]
    worst = max(curve["error_float32_dense"][2] for curve in curves)
    assert tables.errors(records, "float32").loc[(1.0, 32), "dense"] == f"{worst:.1e}"
    found = tables.conditions(records)
    assert set(found["LU within its bound"]) == {"yes"} and len(found) == 6
    lines = tables.rounding_sentences(records)
    assert [line.split(":")[0] for line in lines] == [f"spread {s}, d = 8 to 32" for s in ("0.1", "1")]


def test_lu_and_coupling_look_alike_on_both_pages():
    assert {kind: cost_figures.STYLES[kind][0] for kind in ("lu", "coupling")} == {
        kind: density_figures.COLOURS[kind] for kind in ("lu", "coupling")
    }
    assert len({colour for colour, _ in cost_figures.STYLES.values()}) == len(trials.KINDS)


def test_figures_show_every_kind_and_size():
    from matplotlib import pyplot

    use_style()
    found = tables.tables([made_up(n, 0, 1e-4) for n in (1, 32)])
    for figure, labels in (
        (cost_figures.growth(found, [1, 32]), list(trials.KINDS)),
        (cost_figures.gain_by_points(found, [64, 256]), ["d = 64", "d = 256"]),
    ):
        figure.canvas.draw()
        assert [text.get_text() for text in figure.axes[0].get_legend().get_texts()] == labels
        pyplot.close(figure)
