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

# %%
import textwrap

import pandas as pd

from fourmasks.claims.ledger import as_table, ledger, summary
from fourmasks.experiments.profiles import resolve
from fourmasks.lunet.costs import figures, plan, tables
from fourmasks.lunet.costs.counts import last_batch, multiplications
from fourmasks.pages import figures as page
from fourmasks.records.store import load_records, records_directory
from fourmasks.system.device import banner, resolve_device

page.use_style()


def show(title, table):
    """Print a table of texts under its title."""
    print(title)
    print(table.to_string() if len(table) else "no runs are there yet")


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

# %%
# NBVAL_CHECK_OUTPUT
pairs = [(d, n) for d in (64, 1024) for n in (1, 256)]
counts = pd.DataFrame({pair: multiplications(*pair) for pair in pairs}).rename(index=tables.WORDS)
print(counts.rename_axis(columns=["d", "n"]).to_string())

# %% [markdown]
# So much for the gain. For one point it is about $d / 3$, and more if the dense layer factorizes twice. It is one **per matrix**, not per point: for $n$ points at once it is
# $1 + d / 3n$. In a step of training the LU layer, as it is programmed here, multiplies full matrices that are half zeros. It needs $5nd^2$ multiplications, the dense
# layer $2nd^2 + \frac43 d^3$, so that the ratio is $\frac25 + \frac{4d}{15n}$: below 1 from $n = \frac49 d$ on, where the dense layer is the cheaper one. Up to how many points does the
# count favour LU by 2 for inverse and determinant, where the dense layer factorizes once, and at all for a step?

# %%
# NBVAL_CHECK_OUTPUT
favoured = {
    d: {"inverse and determinant, by 2": last_batch(d, "at_once", 2), "step, by 1": last_batch(d, "step", 1)}
    for d in plan.PROFILES["paper"].sizes
}
print(pd.DataFrame.from_dict(favoured, orient="index").rename_axis("points, up to; d =").to_string())

# %% [markdown]
# ## Timed, live
#
# Small layers in single precision, one thread; seconds of the processor. All operations of one dimension have their turn one after another, in several rounds, of which the median counts. What
# is printed differs from machine to machine, and from run to run.

# %%
records = plan.run(config, profile, device)
timed = tables.timings(records, resolve_device(device).type, config.threads)
found = tables.tables(timed)
fewest, most = min(found), max(found)

# %% tags=["hide-input"]
page.show(
    figures.growth(found, sorted({fewest, most})),
    alt="Seconds against the dimension on logarithmic axes, a column each for inverse, log-determinant and step of training, a row"
    " for one point and one for many; a line for each kind of layer and a dashed line for what was counted. The tables below"
    " hold the numbers.",
    caption="Dashed: the counted multiplications at the speed that the largest layer has. Where the points lie above, something"
    " else takes the time.",
    provenance=page.provenance(timed, profile=profile, data="none: new layers, normal points"),
)

# %%
for batch in sorted({fewest, most}):
    show(f"n = {batch}", page.table(tables.milliseconds(found[batch]), digits=3))

# %% [markdown]
# The slopes of these lines, over all sizes and over the last two, beside those of the counts. "± 95 %" is half of a 95 % interval over measurements: with a single one there is none, and how
# the time grows cannot be told. "Half explained" is where the count begins to explain at least half of the time, if at the largest size it explains all; the last table has these shares.

# %%
for batch in sorted({fewest, most}):
    show(f"n = {batch}", page.table(tables.slopes(timed, batch), digits=2))
show("share", page.table(tables.shares(found, ["inverse_lu", "logdet_lu"]), digits=0))

# %%
show("dense over LU", page.table(tables.gains(found), digits=2))

# %% [markdown]
# **Memory.** Tensors that each operation writes anew, in units of a $d \times d$ matrix; what a library's routine takes for itself is not among them. For one point an LU layer inverts without writing
# any matrix. In a step it writes more of them than the others: copies of both triangles, gradients of both, and their zeros.

# %%
# NBVAL_CHECK_OUTPUT
show(f"n = {fewest}", page.table(tables.memory(timed, fewest), digits=2))

# %% [markdown]
# **Accuracy.** Normal points go through a layer and back. "Spread" is the largest number in the strict triangles, or in $A - I$, times $\sqrt d$: 0.1 is our start, and with 1 they are as large as the
# weights of a new linear layer in PyTorch. Condition numbers are those of the maximum norm, as in the bound of {prf:ref}`lunet-rounding`; those on the recommender's page are of the spectral norm.

# %%
# NBVAL_CHECK_OUTPUT
show("condition", tables.conditions(records))

# %%
for dtype in ("float32", "float64"):
    show(f"largest relative error, {dtype}", tables.errors(records, dtype))

# %% [markdown]
# ## Timed, large layers
#
# From here on we look at records of the `paper` profile, kept in `data/records/lunet`. They are of a CPU and one thread. The command that makes them, or what is missing of them, is
# `fourmasks run lunet/costs --profile paper`. Sizes and numbers of points can be given:
# `fourmasks run lunet/costs -p sizes 64,256,1024 -p batches 1,64 -p seeds 3`.


# %%
# NBVAL_CHECK_OUTPUT
def of_paper(name):
    """Return the records of an experiment that were made for the profile `paper`."""
    found = load_records(name, records_directory(name, "paper"))
    return [record for record in found if record.profile == "paper"]


timed_paper = tables.timings(of_paper(plan.EXPERIMENT))
rounded = of_paper(plan.ROUNDING)
kept = tables.tables(timed_paper)
minutes = sum(record.seconds for record in [*timed_paper, *rounded]) / 60
print(f"{len(timed_paper)} measurements are there, for n = {', '.join(map(str, kept)) or 'none'}")
print(f"with those of rounding they took {minutes:.0f} minutes")
shown = [batch for batch in (1, 256) if batch in kept]

# %% tags=["hide-input"]
if shown:
    page.show(
        figures.growth(kept, shown),
        alt="Seconds against the dimension on logarithmic axes, a column each for inverse, log-determinant and step of training, a"
        " row for one point and one for 256; a line for each kind of layer and a dashed line for what was counted. The tables"
        " below hold the numbers.",
        caption="Section 1. Dashed: the counted multiplications at the speed that the largest layer has.",
        provenance=page.provenance(timed_paper, profile="paper", data="none: new layers, normal points"),
    )

# %%
# NBVAL_CHECK_OUTPUT
for batch in (1, 256):
    show(f"n = {batch}", page.table(tables.milliseconds(kept.get(batch, {})), digits=3))

# %% [markdown]
# ### Where the claim shows, and what hides it
#
# Time grows as counted where the whole 95 % interval of its slope is near the counted slope; it grows more slowly, or faster, where the counted slope is outside of the interval; otherwise it cannot be
# told. A slope of the last two sizes is at the mercy of two times, and with few measurements its interval is wide. What can hide the order: the constant cost of a call, which is all there is to small
# layers and to nearly every diagonal; and that libraries multiply large matrices faster than small ones, which flattens all slopes. For the log-determinant there are therefore also diagonals alone,
# without a matrix.

# %%
# NBVAL_CHECK_OUTPUT
say(f"near is within {tables.CLOSE}", tables.long_sentence(timed_paper))

# %%
# NBVAL_CHECK_OUTPUT
for batch in (1, 256):
    show(f"n = {batch}", page.table(tables.slopes(timed_paper, batch), digits=2))

# %%
# NBVAL_CHECK_OUTPUT
shares = tables.shares(kept, ["inverse_lu", "inverse_dense", "logdet_lu", "logdet_dense"])
show("share", page.table(shares, digits=0))

# %% [markdown]
# ### For how many points something is gained
#
# The counted gain where the dense layer factorizes once is $1 + d / 3n$. It is also what a dense layer loses each time its matrix changes: with factors kept from the last time the counted ratio is 1, in
# the column "kept". "Separate" factorizes twice, "at_once" once.

# %% tags=["hide-input"]
if kept:
    largest = sorted({size for table in kept.values() for size in table})[-4:]
    page.show(
        figures.gain_by_points(kept, largest),
        alt="Time of a dense layer over that of an LU layer against the number of points at once, on logarithmic axes, a line for each"
        " dimension and a dashed one for the count; inverse and log-determinant on the left, a step of training on the right."
        " The table below holds the numbers.",
        caption="Dense over LU. Dashed: counted. Below the dotted line the dense layer is faster.",
        provenance=page.provenance(timed_paper, profile="paper", data="none: new layers, normal points"),
    )

# %%
# NBVAL_CHECK_OUTPUT
show("dense over LU", page.table(tables.gains(kept), digits=2))

# %%
# NBVAL_CHECK_OUTPUT
show("limits", tables.limits(kept))

# %% [markdown]
# With intervals, at the largest $d$: means over measurements ± half of the 95 % interval, and whether LU is cheaper. "Both" is inverse and log-determinant together, with one factorization.

# %%
# NBVAL_CHECK_OUTPUT
show("dense over LU", tables.verdicts(timed_paper, "dense"))

# %% [markdown]
# ### Against coupling layers
#
# Here the claim holds in one part of three. The log-determinant *alone* is far cheaper: LU reads it from its diagonals, a coupling layer has to run its network. The *inverse* costs both the same
# by the count and, on large layers, about the same by the clock; and the pass that inverts a coupling layer gives its determinant too, so that LU gains nothing by having both. A *step* of training costs LU
# more. Half of what it multiplies there are zeros; without them the counts of a step would be about even. Our coupling layer has as many parameters, in a network with one hidden layer; a deeper or wider
# one would cost more. Above 1 LU is cheaper.

# %%
# NBVAL_CHECK_OUTPUT
ratios = tables.coupling_ratios({batch: kept[batch] for batch in shown})
show("coupling over LU", page.table(ratios, digits=2))
show("at the largest d, ± 95 %", tables.verdicts(timed_paper, "coupling"))

# %% [markdown]
# ### Memory and accuracy
#
# Does rounding come near its bound, and could a reconstruction error with four decimals show it? Condition numbers are again those of the maximum norm.

# %%
# NBVAL_CHECK_OUTPUT
for batch in (1, 256):
    show(f"n = {batch}", page.table(tables.memory(timed_paper, batch), digits=2))

# %%
# NBVAL_CHECK_OUTPUT
show("condition", tables.conditions(rounded))
for dtype in ("float32", "float64"):
    show(f"largest relative error, {dtype}", tables.errors(rounded, dtype))
say(*tables.rounding_sentences(rounded))

# %% [markdown]
# ## In short
#
# What the paper claims of the cost holds against a dense layer whose matrix is new, and most for few points at once. Against a coupling layer with as many parameters it holds for the log-determinant
# alone. ± is half of a 95 % interval; "both" is inverse and log-determinant.

# %%
# NBVAL_CHECK_OUTPUT
say(*tables.in_short(timed_paper, rounded))

# %% [markdown]
# ## Verdicts
#
# Computed from the records. `last_slope_…` is the slope of an operation's time over the last two sizes, `slope_long_logdet_lu` that of the log-determinant over diagonals alone.

# %% tags=["output_scroll"]
# NBVAL_CHECK_OUTPUT
mine = [row for row in ledger("lunet") if row["id"].startswith("lunet-section1-")]
print(", ".join(f"{verdict}: {count}" for verdict, count in summary(mine).items()))
as_table(mine)
