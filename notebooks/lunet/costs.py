# %% [markdown]
# # What inverse and determinant cost
#
# With triangles for matrices, says the paper {cite:p}`lunet2026` in Section 1, the inverse costs $O(d^2)$ in place of $O(d^3)$ and the determinant $O(d)$ in place of $O(d^3)$.
# {prf:ref}`lunet-cost` says when that is so. The paper also promises a "significantly lower computational cost than other architectures", and calls coupling layers
# "computationally demanding". Here we count, and we time. This notebook asks five things; the answers are at the end, in short.
#
# 1. How many **multiplications** does each way take?
# 2. Does the **time** grow as the count does, and from what size on?
# 3. How many times **faster** than a dense layer or a coupling layer is an LU layer, and for how many points at once?
# 4. What does a step of **training** cost, which inverts nothing?
# 5. What **memory** does it take, and what do we pay in **accuracy**?

# %% tags=["parameters"]
profile = "book"  # type: str  smoke, book or paper
sizes = None  # type: tuple[int, ...]  dimensions, ascending, as "64,128,256", None for the profile's
batches = None  # type: tuple[int, ...]  numbers of points at once, as "1,256", None for the profile's
rounds = None  # type: int  how often each operation has its turn, None for the profile's
seeds = None  # type: int  number of measurements, None for the profile's
threads = None  # type: int  threads on the CPU, None for the profile's
device = "cpu"  # type: str  what is timed: cpu, cuda, mps, or auto for what is there

# %% tags=["hide-input"]
import textwrap

import pandas as pd
from matplotlib import pyplot

from fourmasks.claims.ledger import ledger, summary
from fourmasks.claims.measurements import estimate
from fourmasks.experiments.profiles import resolve
from fourmasks.lunet.costs import growth, plan
from fourmasks.lunet.costs.counts import last_batch, multiplications, ratios
from fourmasks.lunet.costs.run import KINDS
from fourmasks.pages import figures as page
from fourmasks.pages.tables import interval
from fourmasks.records.store import load_records, records_directory
from fourmasks.system.device import banner, resolve_device

page.begin("lunet/costs")


def say(*sentences):
    """Print sentences in lines that fit the page."""
    for sentence in sentences:
        print(textwrap.fill(sentence, 76, subsequent_indent="    ", break_on_hyphens=False))


config = resolve(
    plan.PROFILES, profile, sizes=sizes, batches=batches, rounds=rounds, seeds=seeds, threads=threads
)
device = str(resolve_device(device))
print(banner(device))

# %% [markdown]
# ## Counted
#
# Three layers without activation, as in {prf:ref}`lunet-cost`: LU; dense, $x \mapsto Ax + b$ with an unrestricted $A$; and a coupling layer {cite:p}`dinh2017density` with as many parameters, nearly. What each does:
#
# | operation | LU | dense | coupling |
# |---|---|---|---|
# | inverse of $n$ points | two triangular systems | factorizes $A$, then two triangular systems | one pass through its network |
# | log-determinant | sums logarithms on the diagonal | factorizes $A$ once more | one pass through its network |
# | both at once | the same | one factorization for both | one pass through its network |
# | kept inverse | the same | the factors are there from the last time | |
# | step: log-likelihood and gradients | five products of matrices | two, a factorization and an inverse | |
#
# Counted are multiplications and divisions, exactly, but for constant factors of the coupling layer; a logarithm counts as one. The tests compare the counts with an elimination in plain Python whose numbers count what is done
# with them. Of the step only matrix products and what the determinant takes are counted.

# %% tags=["hide-input"]
PARTS = {
    "inverse": "inverse",
    "logdet": "log-determinant",
    "kept_inverse": "kept inverse",
    "at_once": "both at once",
    "step": "step",
}
WORDS = {
    name: f"{PARTS[part]}, {'LU' if kind == 'lu' else kind}"
    for name in multiplications(2, 1)
    for part, _, kind in [name.rpartition("_")]
} | {"inverse_activation": "inverse of the activation"}

# %% tags=["hide-input", "nbval-check-output"]
pairs = [(d, n) for d in (64, 1024) for n in (1, 256)]
counts = pd.DataFrame({pair: multiplications(*pair) for pair in pairs}).rename(index=WORDS)
page.table(
    counts.rename_axis(index="operation", columns=["d", "n"]),
    caption="Multiplications of each operation: for one point the dense layer needs far more, for many points not",
)

# %% [markdown]
# So much for the gain. For one point it is about $d / 3$, and more if the dense layer factorizes twice. It is one **per matrix**, not per point: for $n$ points at once it is
# $1 + d / 3n$. In a step of training the LU layer, as it is programmed here, multiplies full matrices that are half zeros. It needs $5nd^2$ multiplications, the dense
# layer $2nd^2 + \frac43 d^3$, so that the ratio is $\frac25 + \frac{4d}{15n}$: below 1 from $n = \frac49 d$ on, where the dense layer is the cheaper one. Up to how many points does the
# count favour LU by 2 for inverse and determinant, where the dense layer factorizes once, and at all for a step?

# %% tags=["hide-input", "nbval-check-output"]
favoured = {
    d: {"inverse and determinant, by 2": last_batch(d, "at_once", 2), "step, by 1": last_batch(d, "step", 1)}
    for d in plan.PROFILES["paper"].sizes
}
page.table(
    pd.DataFrame.from_dict(favoured, orient="index").rename_axis("d"),
    caption="Up to so many points at once the count favours LU over a dense layer",
)

# %% [markdown]
# ## Timed, live
#
# Small layers in single precision, one thread; seconds of the processor. All operations of one dimension have their turn one after another, in several rounds, of which the median counts. What
# is printed differs from machine to machine, and from run to run.

# %%
records = plan.run(config, profile, device)
place = {"device": resolve_device(device).type, "threads": config.threads}
timed = [r for r in records if r.experiment == plan.EXPERIMENT and place.items() <= r.parameters.items()]
seconds = growth.medians(timed)
fewest, most = seconds.index[0][0], seconds.index[-1][0]


# %% tags=["hide-input"]
LOOKS = {
    "lu": (page.method_style("lu-net")["color"], "o"),
    "dense": (page.PALETTE[0], "D"),
    "coupling": (page.method_style("coupling")["color"], "s"),
}
DRAWN = {"inverse": "inverse", "logdet": "log-determinant", "step": "step of training"}


def draw_growth(seconds, batches):
    """Draw seconds against the dimension, a row for each number of points; dashed lines are the counts."""
    size = (11.0, 0.5 + 3.1 * len(batches))
    figure, axes = pyplot.subplots(len(batches), len(DRAWN), figsize=size, squeeze=False, sharex=True)
    for row, batch in zip(axes, batches, strict=True):
        part = seconds.loc[batch]
        counts = pd.DataFrame({d: multiplications(d, batch) for d in part.index}).T
        for axis, (operation, words) in zip(row, DRAWN.items(), strict=True):
            for kind in KINDS:
                (colour, marker), name = LOOKS[kind], f"{operation}_{kind}"
                axis.plot(part[name], color=colour, marker=marker, markersize=5, label=kind)
                # The count at the speed of the largest layer.
                expected = part[name].iloc[-1] / counts[name].iloc[-1] * counts[name]
                axis.plot(expected, color=colour, marker="", linestyle="--", linewidth=1)
            axis.set(title=f"{words}, n = {batch}", xscale="log", yscale="log")
            axis.set_xticks(part.index, part.index, fontsize=9)
            axis.minorticks_off()
        row[0].set_ylabel("seconds")
        row[0].legend(fontsize=9)
    for axis in axes[-1]:
        axis.set_xlabel("dimension $d$")
    return figure


page.show(
    draw_growth(seconds, sorted({fewest, most})),
    alt="Seconds against the dimension on logarithmic axes, a column each for inverse, log-determinant and step of training, a row"
    " for one point and one for many; a line for each kind of layer and a dashed line for what was counted. The tables below"
    " hold the numbers.",
    caption="Dashed: the counted multiplications at the speed that the largest layer has. Where the points lie above, something"
    " else takes the time.",
    provenance=page.provenance(timed, profile=profile, data="none: new layers, normal points"),
)


# %% tags=["hide-input"]
def by_operation(table, batch):
    """Return the part of a table for n points, operations by dimension."""
    part = table[table.index.get_level_values("n") == batch].droplevel("n")
    return part.T.rename(index=WORDS).rename_axis(index="operation", columns="d")


for batch in sorted({fewest, most}):
    said = f"Milliseconds of each operation by dimension d, on this machine: {batch} points at once"
    page.table(by_operation(1e3 * seconds, batch), digits=3, caption=said).show()

# %% [markdown]
# The slopes of these lines, over all sizes and over the last two, beside those of the counts. "± 95 %" is half of a 95 % interval over measurements: with a single one there is none, and how
# the time grows cannot be told. "Half explained" is where the count begins to explain at least half of the time, if at the largest size it explains all; the last table has these shares.

# %% tags=["hide-input"]
SLOPES = {
    "measured": ("all sizes", "measured"),
    "counted": ("all sizes", "counted"),
    "last": ("last two sizes", "measured"),
    "half": ("last two sizes", "± 95 %"),
    "counted_last": ("last two sizes", "counted"),
    "grows": ("last two sizes", "grows"),
    "half_explained": ("half explained", "from d ="),
}


def slopes(timed, batch):
    """Return the slopes of all operations for n points, with a head of two lines."""
    found = growth.slopes(timed, batch).rename(index=WORDS).rename_axis("slope").reindex(columns=SLOPES)
    return page.rounded(found.set_axis(pd.MultiIndex.from_tuples(SLOPES.values()), axis=1), digits=2)


def shares(seconds, operations):
    """Return the share of the time that the count explains, in percent."""
    rows = {
        (batch, WORDS[name]): growth.explained(seconds.loc[batch].T, name, batch)
        for name in operations
        for batch in seconds.index.unique("n")
    }
    found = 100 * pd.DataFrame.from_dict(rows, orient="index")
    return page.rounded(
        found.rename_axis(["n", "operation"]).rename_axis(columns="d") if rows else found, digits=0
    )


for batch in sorted({fewest, most}):
    said = f"Slopes of the time, measured and counted: {batch} points at once"
    page.table(slopes(timed, batch), caption=said).show()
page.table(
    shares(seconds, ["inverse_lu", "logdet_lu"]),
    caption="Share of the time that the count explains (%): 100 says that multiplications are all that takes time",
)


# %% tags=["hide-input"]
def beside_counts(function, seconds):
    """Return by d and n what a function makes of the columns of seconds, and of counts."""
    counts = pd.DataFrame([multiplications(d, n) for n, d in seconds.index], index=seconds.index)
    both = {"measured": seconds, "counted": counts.reindex(columns=seconds.columns)}
    found = {how: pd.DataFrame(function(dict(frame.items()))) for how, frame in both.items()}
    columns = [(name, how) for name in found["counted"] for how in both]
    return pd.concat(found, axis=1).swaplevel(axis=1)[columns].swaplevel(axis=0).sort_index()


def dense_over_lu(seconds):
    """Return what an LU layer gains over a dense one, in four ways that the text below tells apart."""
    wanted = ("separate", "at_once", "kept", "step")
    return beside_counts(lambda values: {name: ratios(values)[name] for name in wanted}, seconds)


# %% tags=["hide-input"]
page.table(
    dense_over_lu(seconds),
    digits=2,
    caption="Time of a dense layer over that of an LU layer, on this machine: above 1 LU is faster",
)

# %% [markdown]
# **Memory.** Tensors that each operation writes anew, in units of a $d \times d$ matrix; what a library's routine takes for itself is not among them. For one point an LU layer inverts without writing
# any matrix. In a step it writes more of them than the others: copies of both triangles, gradients of both, and their zeros.


# %% tags=["hide-input", "nbval-check-output"]
def matrices(timed, batch):
    """Return the memory that each operation writes anew, but for the activation, whose inverse iterates."""
    written = growth.medians(timed, "bytes_").drop(columns="inverse_activation")
    return by_operation(written.div(4 * written.index.get_level_values("d") ** 2, axis=0), batch)


page.table(
    matrices(timed, fewest),
    digits=2,
    caption=f"Memory that each operation writes, in matrices of size d × d: {fewest} points at once",
)

# %% [markdown]
# **Accuracy.** Normal points go through a layer and back. "Spread" is the largest number in the strict triangles, or in $A - I$, times $\sqrt d$: 0.1 is our start, and with 1 they are as large as the
# weights of a new linear layer in PyTorch. Condition numbers are those of the maximum norm, as in the bound of {prf:ref}`lunet-rounding`; those on the recommender's page are of the spectral norm.

# %% tags=["hide-input", "nbval-check-output"]
PRECISIONS = ("float32", "float64")
CONDITIONS = {"condition_lower": "cond L", "condition_upper": "cond U", "condition_dense": "cond A, dense"}


def worst(records):
    """Return what was measured of rounding by spread and dimension, the largest over seeds."""
    frames = [
        pd.DataFrame(r.curves).assign(spread=r.parameters["spread"])
        for r in records
        if r.experiment == plan.ROUNDING
    ]
    return pd.concat(frames).rename(columns={"dimension": "d"}).groupby(["spread", "d"]).max()


def within(rounding):
    """Return whether the LU layer's error is within its bound in both precisions."""
    return (rounding["error_float32_lu"] <= rounding["bound_float32"]) & (
        rounding["error_float64_lu"] <= rounding["bound_float64"]
    )


def conditions(rounding):
    """Return condition numbers, and whether rounding keeps its bound."""
    found = rounding[list(CONDITIONS)].map("{:.3g}".format).rename(columns=CONDITIONS)
    return found.assign(**{"LU within its bound": within(rounding).map({True: "yes", False: "no"})})


def errors(rounding, dtype):
    """Return the largest relative errors in a precision, and the LU layer's bound."""
    columns = {f"error_{dtype}_{kind}": kind for kind in KINDS} | {f"bound_{dtype}": "bound for lu"}
    return rounding[list(columns)].map("{:.1e}".format).rename(columns=columns)


CONDITIONED = "Largest condition numbers over seeds, and whether the rounding of LU keeps its bound"
page.table(conditions(worst(records)), caption=CONDITIONED)

# %% tags=["hide-input"]
for dtype in PRECISIONS:
    said = f"Largest relative error of going through a layer and back, {dtype}"
    page.table(
        errors(worst(records), dtype), caption=said, best=dict.fromkeys(KINDS, "lowest"), along="rows"
    ).show()

# %% [markdown]
# ## Timed, large layers
#
# From here on we look at records of the `paper` profile, kept in `data/records/lunet`. They are of a CPU and one thread. The command that makes them, or what is missing of them, is
# `fourmasks run lunet/costs --profile paper`. Sizes and numbers of points can be given:
# `fourmasks run lunet/costs -p sizes 64,256,1024 -p batches 1,64 -p seeds 3`.


# %% tags=["nbval-check-output"]
def of_paper(name):
    """Return the records of an experiment that were made for the profile `paper`."""
    found = load_records(name, records_directory(name, "paper"))
    return [record for record in found if record.profile == "paper"]


place = {"device": "cpu", "threads": 1}
timed_paper = [r for r in of_paper(plan.EXPERIMENT) if place.items() <= r.parameters.items()]
rounded = of_paper(plan.ROUNDING)
kept = growth.medians(timed_paper)
batches_kept = list(kept.index.unique("n"))
minutes = sum(record.seconds for record in [*timed_paper, *rounded]) / 60
print(f"{len(timed_paper)} measurements are there, for n = {', '.join(map(str, batches_kept)) or 'none'}")
print(f"with those of rounding they took {minutes:.0f} minutes")
shown = [batch for batch in (1, 256) if batch in batches_kept]

# %% tags=["hide-input"]
if shown:
    page.show(
        draw_growth(kept, shown),
        alt="Seconds against the dimension on logarithmic axes, a column each for inverse, log-determinant and step of training, a"
        " row for one point and one for 256; a line for each kind of layer and a dashed line for what was counted. The tables"
        " below hold the numbers.",
        caption="Section 1. Dashed: the counted multiplications at the speed that the largest layer has.",
        provenance=page.provenance(timed_paper, profile="paper", data="none: new layers, normal points"),
    )

# %% tags=["hide-input", "nbval-check-output"]
for batch in shown:
    said = f"Milliseconds of each operation by dimension d: {batch} points at once"
    page.table(by_operation(1e3 * kept, batch), digits=3, caption=said).show()

# %% [markdown]
# ### Where the claim shows, and what hides it
#
# Time grows as counted where the whole 95 % interval of its slope is near the counted slope; it grows more slowly, or faster, where the counted slope is outside of the interval; otherwise it cannot be
# told. A slope of the last two sizes is at the mercy of two times, and with few measurements its interval is wide. What can hide the order: the constant cost of a call, which is all there is to small
# layers and to nearly every diagonal; and that libraries multiply large matrices faster than small ones, which flattens all slopes. For the log-determinant there are therefore also diagonals alone,
# without a matrix.


# %% tags=["hide-input", "nbval-check-output"]
def over_diagonals():
    """Say how the log-determinant grows over diagonals alone."""
    lengths = timed_paper[0].curves["long_dimension"]
    found = estimate([record.metrics["slope_long_logdet_lu"] for record in timed_paper])
    return (
        f"log-determinant over diagonals alone, {lengths[0]} to {lengths[-1]} numbers:"
        f" d^{interval(found, 2)} in {found.n_seeds} measurements"
    )


if timed_paper:
    say(f"near is within {growth.CLOSE}", over_diagonals())

# %% tags=["hide-input", "nbval-check-output"]
for batch in shown:
    said = f"Slopes of the time, measured and counted: {batch} points at once"
    page.table(slopes(timed_paper, batch), caption=said).show()

# %% tags=["hide-input", "nbval-check-output"]
page.table(
    shares(kept, ["inverse_lu", "inverse_dense", "logdet_lu", "logdet_dense"]),
    caption="Share of the time that the count explains (%): 100 says that multiplications are all that takes time",
)

# %% [markdown]
# ### For how many points something is gained
#
# The counted gain where the dense layer factorizes once is $1 + d / 3n$. It is also what a dense layer loses each time its matrix changes: with factors kept from the last time the counted ratio is 1, in
# the column "kept". "Separate" factorizes twice, "at_once" once.

# %% tags=["hide-input"]
gains = dense_over_lu(kept)
if shown:
    figure, axes = pyplot.subplots(1, 2, figsize=(10.0, 4.0), sharex=True)
    titles = {"at_once": "inverse and log-determinant", "step": "step of training"}
    for axis, (name, title) in zip(axes, titles.items(), strict=True):
        largest = sorted(gains.index.unique("d"))[-4:]
        for size, colour, marker in zip(largest, page.PALETTE, "osDv^<>", strict=False):
            part, style = gains.loc[size][name], {"color": colour, "linewidth": 1.2}
            axis.plot(part["measured"], marker=marker, label=f"d = {size}", **style)
            axis.plot(part["counted"], marker="", linestyle="--", **style)
        axis.axhline(1.0, color="#777777", linestyle=":", linewidth=1.2, marker="")
        axis.set(title=title, xlabel="points at once, $n$", xscale="log", yscale="log")
        axis.set_xticks(batches_kept, batches_kept)
        axis.minorticks_off()
    axes[0].set_ylabel("dense over LU")
    axes[0].legend(fontsize=9)
    page.show(
        figure,
        alt="Time of a dense layer over that of an LU layer against the number of points at once, on logarithmic axes, a line for each"
        " dimension and a dashed one for the count; inverse and log-determinant on the left, a step of training on the right."
        " The table below holds the numbers.",
        caption="Dense over LU. Dashed: counted. Below the dotted line the dense layer is faster.",
        provenance=page.provenance(timed_paper, profile="paper", data="none: new layers, normal points"),
    )

# %% tags=["hide-input", "nbval-check-output"]
page.table(gains, digits=2, caption="Time of a dense layer over that of an LU layer: above 1 LU is faster")

# %% [markdown]
# Up to how many points something is gained: a factor of 2 for inverse and determinant, where the dense layer factorizes once, and of 1 for a step.

# %% tags=["hide-input", "nbval-check-output"]
WANTED = {"inverse and determinant twice as fast": ("at_once", 2), "step faster": ("step", 1)}
limits = {
    size: [
        limit
        for name, level in WANTED.values()
        for limit in (
            growth.crossing(gains.loc[size][name, "measured"], level),
            str(last_batch(size, name, level)),
        )
    ]
    for size in gains.index.unique("d")
}
columns = pd.MultiIndex.from_product([[f"{words}, n up to" for words in WANTED], ["measured", "counted"]])
page.table(
    pd.DataFrame.from_dict(limits, orient="index", columns=columns).rename_axis("d"),
    caption="Up to how many points at once LU gains something over a dense layer, by the clock and by the count",
)

# %% [markdown]
# With intervals, at the largest $d$: means over measurements ± half of the 95 % interval, and whether LU is cheaper. "Both" is inverse and log-determinant together, with one factorization.


# %% tags=["hide-input", "nbval-check-output"]
def verdicts(kind):
    """Return how many times longer layers of a kind take than LU layers, and whether LU is cheaper."""
    found = {batch: growth.at_largest(timed_paper, batch, kind) for batch in batches_kept}
    table = pd.DataFrame.from_dict(found, orient="index").rename_axis("n")
    return table.map(lambda one: f"{interval(one, 2)}, {growth.cheaper(one)}")


page.table(
    verdicts("dense"),
    caption="A dense layer over LU at the largest d, ± 95 %, by points at once n: above 1 LU is cheaper",
)

# %% [markdown]
# ### Against coupling layers
#
# Here the claim holds in one part of three. The log-determinant *alone* is far cheaper: LU reads it from its diagonals, a coupling layer has to run its network. The *inverse* costs both the same
# by the count and, on large layers, about the same by the clock; and the pass that inverts a coupling layer gives its determinant too, so that LU gains nothing by having both. A *step* of training costs LU
# more. Half of what it multiplies there are zeros; without them the counts of a step would be about even. Our coupling layer has as many parameters, in a network with one hidden layer; a deeper or wider
# one would cost more. Above 1 LU is cheaper.

# %% tags=["hide-input", "nbval-check-output"]
some = kept[kept.index.isin(shown, "n")]
over = beside_counts(lambda values: growth.over_lu("coupling", values), some)
page.table(over, digits=2, caption="A coupling layer over LU: above 1 LU is cheaper").show()
page.table(
    verdicts("coupling"),
    caption="A coupling layer over LU at the largest d, ± 95 %, by points at once n: above 1 LU is cheaper",
).show()

# %% [markdown]
# ### Memory and accuracy
#
# Does rounding come near its bound, and could a reconstruction error with four decimals show it? Condition numbers are again those of the maximum norm.

# %% tags=["hide-input", "nbval-check-output"]
for batch in shown:
    said = f"Memory that each operation writes, in matrices of size d × d: {batch} points at once"
    page.table(matrices(timed_paper, batch), digits=2, caption=said).show()

# %% tags=["hide-input", "nbval-check-output"]
if rounded:
    rounding = worst(rounded)
    page.table(conditions(rounding), caption=CONDITIONED).show()
    for dtype in PRECISIONS:
        said = f"Largest relative error of going through a layer and back, {dtype}"
        page.table(
            errors(rounding, dtype), caption=said, best=dict.fromkeys(KINDS, "lowest"), along="rows"
        ).show()
    for spread in rounding.index.unique("spread"):
        part = rounding.loc[spread]
        grown = part.iloc[-1] / part.iloc[0]
        say(
            f"spread {spread:g}, d = {part.index[0]} to {part.index[-1]}: the condition of U grows by a factor of"
            f" {grown['condition_upper']:.1f}, the bound by {grown['bound_float32']:.0f}, the error in float32 by"
            f" {grown['error_float32_lu']:.1f} for LU and by {grown['error_float32_dense']:.1f} for dense"
        )

# %% [markdown]
# ## In short
#
# What the paper claims of the cost holds against a dense layer whose matrix is new, and most for few points at once. Against a coupling layer with as many parameters it holds for the log-determinant
# alone. ± is half of a 95 % interval; "both" is inverse and log-determinant.

# %% tags=["hide-input", "nbval-check-output"]
if timed_paper:
    few, many, size = batches_kept[0], batches_kept[-1], kept.index[-1][1]
    rows = {}
    for n in (few, many):
        for kind in KINDS[1:]:
            count = growth.over_lu(kind, multiplications(size, n))
            time = growth.at_largest(timed_paper, n, kind)
            rows[f"{kind}, n = {n}"] = [
                text for name in ("both", "step") for text in (f"{count[name]:.2f}", interval(time[name], 2))
            ]
    columns = pd.MultiIndex.from_product([["both", "step"], ["counted", "timed"]])
    table = pd.DataFrame.from_dict(rows, orient="index", columns=columns)
    page.table(table, caption=f"1, 3 and 4. Multiplications and time over those of LU, at d = {size}").show()

    names = [f"{part}_{kind}" for part in ("inverse", "logdet") for kind in ("lu", "dense")]
    table = slopes(timed_paper, few).loc[
        [WORDS[name] for name in names], ["last two sizes", "half explained"]
    ]
    page.table(table, caption=f"2. How the time grows with d: slopes for n = {few}").show()
    own = [r.metrics for r in timed_paper if r.parameters["batch"] == few]
    for part in ("inverse", "logdet"):
        apart = estimate([one[f"last_slope_{part}_dense"] - one[f"last_slope_{part}_lu"] for one in own])
        say(f"2. {PARTS[part]}: the slope of dense is larger by {interval(apart, 2)}")
    say(f"2. {over_diagonals()}")

    written = matrices(timed_paper, few)[size]
    for part in ("inverse", "step"):
        said = ", ".join(f"{kind} {written[WORDS[f'{part}_{kind}']]:.2f}" for kind in KINDS)
        say(f"5. matrices written at d = {size}, n = {few}, {PARTS[part]}: {said}")
if rounded:
    largest = ", ".join(f"{kind} {rounding[f'error_float32_{kind}'].max():.0e}" for kind in KINDS)
    say(f"5. largest relative error in float32: {largest}")
    say(f"5. lu is within its bound in {within(rounding).sum()} of {len(rounding)} cases")
if timed_paper:
    found = {n: growth.at_largest(timed_paper, n, "coupling") for n in batches_kept}
    table = pd.DataFrame(found).map(growth.cheaper).rename_axis(index="operation", columns="points at once")
    page.table(table, caption=f"Is LU cheaper than a coupling layer, at d = {size}?").show()

# %% [markdown]
# ## Verdicts
#
# Computed from the records. `last_slope_…` is the slope of an operation's time over the last two sizes, `slope_long_logdet_lu` that of the log-determinant over diagonals alone.

# %% tags=["hide-input", "output_scroll", "nbval-check-output"]
mine = [row for row in ledger("lunet") if row["id"].startswith("lunet-section1-")]
print(", ".join(f"{verdict}: {count}" for verdict, count in summary(mine).items()))
page.verdicts(mine)
