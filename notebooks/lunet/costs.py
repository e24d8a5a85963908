# %% [markdown]
# # What inverse and determinant cost
#
# The paper {cite:p}`lunet2026` says in Section 1 that triangular matrices make the inverse cost $O(d^2)$ in place of $O(d^3)$, and the determinant $O(d)$. It also
# promises a lower cost than other architectures.
#
# - *Determinant.* {claim}`lunet-section1-determinant`: over diagonals alone the time grows as $d$ to the power {claim}`lunet-section1-determinant measured`.
# - *Inverse.* {claim}`lunet-section1-inverse`: the slope is {claim}`lunet-section1-inverse measured` ({claim}`lunet-section1-inverse interval`), which fits $O(d^2)$, but three measurements do not settle it.
# - *Does the mask do the work?* Against a dense layer whose matrix is new, yes: LU is many times faster for few points at once. A dense layer that keeps its factors is as fast.
# - *Coupling layers*, which the paper calls demanding, take {claim}`lunet-section1-coupling measured` times the time of LU for inverse and determinant together
#   ({claim}`lunet-section1-coupling`). LU is ahead for the determinant alone.
#
# ```{claims}
# lunet-section1-inverse
# lunet-section1-inverse-dense
# lunet-section1-determinant
# lunet-section1-determinant-dense
# lunet-section1-coupling
# ```

# %% tags=["parameters", "hide-input"]
profile = "book"  # type: str  smoke, book or paper
sizes = None  # type: tuple[int, ...]  dimensions, ascending, as "64,128,256", None for the profile's
batches = None  # type: tuple[int, ...]  numbers of points at once, as "1,256", None for the profile's
rounds = None  # type: int  how often each operation has its turn, None for the profile's
seeds = None  # type: int  number of measurements, None for the profile's
threads = None  # type: int  threads on the CPU, None for the profile's
device = "cpu"  # type: str  what is timed: cpu, cuda, mps, or auto for what is there

# %% tags=["hide-input"]
from fourmasks.claims.ledger import ledger
from fourmasks.experiments.profiles import resolve
from fourmasks.lunet.costs import figures, growth, plan, tables
from fourmasks.lunet.costs.run import KINDS
from fourmasks.pages import figures as page
from fourmasks.pages.tables import cost
from fourmasks.records.store import book_records
from fourmasks.system.device import resolve_device

page.begin("lunet/costs")
config = resolve(
    plan.PROFILES, profile, sizes=sizes, batches=batches, rounds=rounds, seeds=seeds, threads=threads
)
device = str(resolve_device(device))


place = {"device": "cpu", "threads": 1}
timed_paper = [r for r in book_records(plan.EXPERIMENT) if place.items() <= r.parameters.items()]
rounded = book_records(plan.ROUNDING)
kept = growth.medians(timed_paper)
shown = [batch for batch in (1, 256) if batch in kept.index.unique("n")]
mine = [row for row in ledger("lunet") if row["id"].startswith("lunet-section1-")]
DATA = "none: new layers, normal points"

# %% [markdown]
# ## The method in code
#
# A layer gives its output with the log-determinant, and the way back needs two triangular systems and no factorization:

# %% tags=["nbval-check-output"]
import torch

from fourmasks.lunet.flows.layers import LULayer

layer = LULayer(64, generator=torch.Generator().manual_seed(0)).double()
x = torch.randn(1000, 64, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
z, log_det = layer.forward_and_log_det(x)
print(f"the way back is exact to 12 digits: {(layer.inverse(z) - x).abs().max() < 1e-12}")

# %% [markdown]
# ## Section 1: does time grow as claimed?
#
# For one point and a new matrix, from $d = 1024$ to $d = 2048$; the log-determinant of LU over much longer diagonals, without a matrix, since on layers the constant cost of a call is all there is to it. Claims are
# about operations; a slope of the time is their order where nothing else takes time.

# %% tags=["hide-input", "nbval-check-output"]
page.table(
    tables.growth_of(mine),
    caption="How the time grows with d: the paper's order beside the measured slope on logarithmic axes",
)

# %% tags=["hide-input"]
if shown:
    page.show(
        figures.seconds_by_dimension(kept, shown),
        alt="Seconds against the dimension on logarithmic axes, a column each for inverse, log-determinant and step of training, a"
        " row for one point and one for 256; a line for each kind of layer and a dashed line for what was counted. The tables"
        " below hold the numbers.",
        caption="On large layers the time grows as the count does. Dashed: the counted multiplications at the speed that the largest layer has; where"
        " points lie above, something else takes the time.",
        provenance=page.provenance(timed_paper, profile="paper", data=DATA),
    )

# %% [markdown]
# ## Does the mask do the work?
#
# Against a dense layer the gain is one per matrix, not per point. For $n$ points at once the count gives $1 + d / 3n$ for inverse and determinant where the dense layer factorizes once. Where its matrix has not
# changed since the last time, the ratio is 1. In a step of training the LU layer, as it is programmed here, multiplies full matrices that are half zeros: from $n = \frac49 d$ on the count is in favour of the
# dense layer. {prf:ref}`lunet-cost` has the formulas.
#
# A coupling layer with as many parameters inverts as fast, and the pass that inverts it gives its determinant too. A step of training is cheaper there. Only the log-determinant *alone* is far cheaper with LU.

# %% tags=["hide-input", "nbval-check-output"]
page.table(
    tables.at_a_glance(timed_paper),
    caption="Count and time of other layers over those of LU at the largest d, ± half of the 95 % interval: above 1 LU is cheaper",
)

# %% tags=["hide-input"]
gains = tables.dense_over_lu(kept)
if shown:
    page.show(
        figures.gains_by_points(gains),
        alt="Time of a dense layer over that of an LU layer against the number of points at once, on logarithmic axes, a line for each"
        " dimension and a dashed one for the count; inverse and log-determinant on the left, a step of training on the right."
        " The table below holds the numbers.",
        caption="The gain over a dense layer shrinks with the number of points at once. Dashed: counted. Below the dotted line the dense layer is faster.",
        provenance=page.provenance(timed_paper, profile="paper", data=DATA),
    )

# %% tags=["hide-input", "nbval-check-output"]
page.table(
    tables.last_points(gains),
    caption="Up to how many points at once LU gains something over a dense layer, by the clock and by the count",
)

# %% [markdown]
# ## What could not be settled
#
# - The order of the inverse: slopes of the last two sizes are at the mercy of two times, and with three measurements their intervals are wide.
# - The cost beside "other architectures": we have one coupling layer, with one hidden layer and as many parameters. A deeper or wider one would cost more.
# - Other machines: what is printed here is one CPU with one thread.
#
# ## Run it yourself
#
# Small layers in single precision, one thread. What is printed differs from machine to machine. For the paper's sizes, or your own:
#
# ```console
# $ fourmasks run lunet/costs --profile paper
# $ fourmasks run lunet/costs -p sizes 64,256,1024 -p batches 1,64 -p seeds 3
# ```

# %%
records = plan.run(config, profile, device)

# %% tags=["hide-input"]
place = {"device": resolve_device(device).type, "threads": config.threads}
timed = [r for r in records if r.experiment == plan.EXPERIMENT and place.items() <= r.parameters.items()]
seconds = growth.medians(timed)
page.table(
    tables.dense_over_lu(seconds),
    digits=2,
    caption="Live: time of a dense layer over that of an LU layer, on this machine: above 1 LU is faster",
    folded=True,
).show()
batch = seconds.index[0][0]
page.table(
    tables.by_operation(1e3 * seconds, batch)[:6],
    digits=3,
    caption=f"Live: milliseconds of inverse and log-determinant by dimension d, on this machine: n = {batch}",
).show()

# %% tags=["hide-input", "nbval-check-output"]
page.table(
    cost({"times": timed_paper, "rounding": rounded}),
    caption="What the measurements of the paper's setting took",
)

# %% [markdown]
# ## Details
#
# :::{dropdown} What is counted and timed
#
# Three layers without activation: LU; dense, $x \mapsto Ax + b$ with an unrestricted $A$; and a coupling layer {cite:p}`dinh2017density` with as many parameters, nearly.
#
# | operation | LU | dense | coupling |
# |---|---|---|---|
# | inverse of $n$ points | two triangular systems | factorizes $A$, then two triangular systems | one pass through its network |
# | log-determinant | sums logarithms on the diagonal | factorizes $A$ once more | one pass through its network |
# | both at once | the same | one factorization for both | one pass through its network |
# | kept inverse | the same | the factors are there from the last time | |
# | step: log-likelihood and gradients | five products of matrices | two, a factorization and an inverse | |
#
# Counted are multiplications and divisions, exactly, but for constant factors of the coupling layer; a logarithm counts as one. The tests compare the counts with an elimination in plain Python whose numbers count what is
# done with them. Of the step only matrix products and what the determinant takes are counted.
#
# Times are seconds of the processor. All operations of one dimension have their turn one after another, in several rounds, of which the median counts. A slope grows *as counted* where its whole 95 % interval is within
# 0.25 of the counted slope, *more slowly* or *faster* where the counted slope is outside of the interval; otherwise it cannot be told. "Half explained" is where the count begins to explain at least half of
# the time, if at the largest size it explains all. What can hide the order: the constant cost of a call; and that libraries multiply large matrices faster than small ones, which flattens all slopes.
#
# *Separate* factorizes twice, *at once* once, *kept* not at all. *Memory* is what each operation writes anew; what a library's routine takes for itself is not among it. In a step an LU layer writes more matrices than the
# others: copies of both triangular matrices, gradients of both, and their zeros.
#
# *Accuracy*: normal points go through a layer and back. "Spread" is the largest number in the strict triangles, or in $A - I$, times $\sqrt d$: 0.1 is our start, and with 1 they are as large as the weights of a new
# linear layer in PyTorch. Condition numbers are those of the maximum norm, as in the bound of {prf:ref}`lunet-rounding`; those on the page on ratings are of the spectral norm.
# :::

# %% tags=["hide-input", "nbval-check-output"]
page.table(
    tables.counts((d, n) for d in (64, 1024) for n in (1, 256)),
    caption="Multiplications of each operation: for one point the dense layer needs far more, for many points not",
    folded=True,
).show()
for batch in shown:
    said = f"Milliseconds of each operation by dimension d: {batch} points at once"
    page.table(tables.by_operation(1e3 * kept, batch), digits=3, caption=said, folded=True).show()
for batch in shown:
    said = f"Slopes of the time, measured and counted: {batch} points at once"
    page.table(tables.slopes(timed_paper, batch), caption=said, folded=True).show()
page.table(
    tables.shares(kept, ["inverse_lu", "inverse_dense", "logdet_lu", "logdet_dense"]),
    caption="Share of the time that the count explains (%): 100 says that multiplications are all that takes time",
    folded=True,
).show()
page.table(
    gains,
    digits=2,
    caption="Time of a dense layer over that of an LU layer: above 1 LU is faster",
    folded=True,
).show()
page.table(
    tables.over_lu(timed_paper, "dense"),
    caption="A dense layer over LU at the largest d, ± half of the 95 % interval, by points at once n",
    folded=True,
).show()
page.table(
    tables.over_lu(timed_paper, "coupling"),
    caption="A coupling layer over LU at the largest d, ± half of the 95 % interval, by points at once n",
    folded=True,
).show()
page.table(
    tables.beside_counts(
        lambda values: growth.over_lu("coupling", values), kept[kept.index.isin(shown, "n")]
    ),
    digits=2,
    caption="A coupling layer over LU by dimension, measured and counted: above 1 LU is cheaper",
    folded=True,
).show()
for batch in shown:
    said = f"Memory that each operation writes, in matrices of size d × d: {batch} points at once"
    page.table(tables.matrices(timed_paper, batch), digits=2, caption=said, folded=True).show()
if rounded:
    worst = tables.rounding(rounded)
    page.table(
        tables.conditions(worst),
        caption="Rounding keeps its bound: largest condition numbers over seeds",
        folded=True,
    ).show()
    for dtype in ("float32", "float64"):
        page.table(
            tables.errors(worst, dtype),
            caption=f"Largest relative error of going through a layer and back, {dtype}",
            best=dict.fromkeys(KINDS, "lowest"),
            along="rows",
            folded=True,
        ).show()
page.verdicts(
    mine, caption="All claims on cost: what the paper says, what we measured, and the verdict", folded=True
)
