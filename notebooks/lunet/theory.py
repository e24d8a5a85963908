# %% [markdown]
# # Theory, checked by computer
#
# Section 2 of the paper {cite:p}`lunet2026` states what makes the network invertible, and gives no proofs.
#
# 1. **Section 2.2**: every non-singular matrix has an LU, and one only. **Eq. (2.4)**: its determinant is a product.
# 2. **Eq. (2.2) and (2.8)**: the inverse of a layer and of the network.
# 3. **Eq. (2.6) and (2.9)**: two activations, invertible on the real numbers.
# 4. **Eq. (2.13)**: a cross-entropy to be minimised.
#
# Our proofs, and what has to be corrected, are on the page [Theory](../../book/lunet/theory.md). Here each statement is asked of
# random instances, in double precision or in exact numbers. The referee is not our code: elimination in fractions, NumPy, autograd,
# counting on a grid, or the printed formula itself. A *failure* is an instance that contradicts the printed words, read by the letter; where the text around them
# says how they are meant, the page says so.

# %% tags=["parameters"]
profile = "book"  # type: str  smoke, book or paper
statements = None  # type: str  statements to ask, as "existence,equation-2.2", None for the profile's
sizes = None  # type: str  sizes of the matrices that may have an LU, as "2,4,8", None for the profile's
instances = None  # type: int  random instances of each statement, None for the profile's

# %% tags=["hide-input"]
import time

import numpy as np
import pandas as pd
from matplotlib import pyplot

from fourmasks.experiments.profiles import resolve
from fourmasks.lunet.theory.instances import GRID
from fourmasks.lunet.theory.plan import EXPERIMENT, PROFILES, run
from fourmasks.lunet.theory.referees import printed_2_9, solutions
from fourmasks.pages import figures as page
from fourmasks.pages.tables import run_rows
from fourmasks.records.store import load_records, records_directory

page.begin("lunet/theory")
config = resolve(PROFILES, profile, statements=statements, sizes=sizes, instances=instances)
records = run(config, profile)

# %% tags=["hide-input"]
# In the paper's order: its place, or that of our page on theory, and the statement.
STATEMENTS = {
    "equation-2.2": ("Eq. (2.2)", "the printed formula inverts a layer"),
    "existence": ("Section 2.2", "a non-singular matrix has an LU"),
    "uniqueness": ("Section 2.2", "the LU is unique"),
    "equation-2.4": ("Eq. (2.4)", "the determinant is the product of the diagonal"),
    "equation-2.6": ("Eq. (2.6)", "LeakySoftplus takes every value once"),
    "classical-activations": ("Section 2.3", "it has neither drawback of the classical ones"),
    "equation-2.8": ("Eq. (2.8)", "inverses in reverse order invert the network"),
    "equation-2.9": ("Eq. (2.9)", "the general form takes every value once"),
    "equation-2.9-gradient": ("Eq. (2.9)", "its slope is nowhere zero"),
    "equation-2.13": ("Eq. (2.13)", "the loss is bounded below"),
    "equation-2.9-units": ("ours", "Eq. (2.9), β > 0, is (2.6) in other units"),
    "log-determinant": ("ours", "log-determinant of the network"),
}
CONTRADICTED = "Instances tried, and how many contradict the statement as printed and as corrected"


def asked(records, *places):
    """Return how many instances a statement was asked of, and how many contradict it, printed and corrected."""
    columns = {"instances": "instances", "failures": "failures", "corrected_failures": "corrected"}
    rows = run_rows(records, EXPERIMENT, ("statement", "size")).reindex(columns=["statement", *columns])
    found = rows.groupby("statement").sum(min_count=1).rename(columns=columns)
    found = found.loc[[name for name in STATEMENTS if name in found.index]]
    found.index = pd.MultiIndex.from_tuples(
        [STATEMENTS[name] for name in found.index], names=["place", "statement"]
    )
    return found[found.index.isin(places, "place")] if places else found


def shares_of(records):
    """Return by size how many non-singular matrices there were, how many without an LU, and their share."""
    columns = {"size": "d", "instances": "matrices", "failures": "without LU"}
    rows = run_rows(records, EXPERIMENT, ("statement", "size")).reindex(columns=columns).dropna()
    found = rows.astype(int).rename(columns=columns).set_index("d").sort_index()
    return found.assign(share=found["without LU"] / found["matrices"])


# %% [markdown]
# ## Which matrices have an LU?
#
# Section 2.2 takes it that a square matrix which is not singular has an LU without row exchanges, and one only. We draw matrices with entries $-1$, $0$ and $1$, keep the non-singular ones, and eliminate in fractions. A
# pivot that is zero is then exactly zero.

# %% tags=["hide-input", "nbval-check-output"]
shares = shares_of(records)
page.table(shares, digits=2, caption="Non-singular matrices without an LU: the larger, the more")

# %% tags=["hide-input"]
if len(shares):
    figure, axis = pyplot.subplots(figsize=(6.0, 3.4))
    axis.plot(shares.index, shares["share"])
    axis.set(xlabel="d", ylabel="share without an LU", ylim=(0, 1))
    page.show(
        figure,
        alt="The share of non-singular matrices without an LU rises with their size. The table above holds the numbers.",
        caption="Non-singular matrices with entries -1, 0 and 1: the share that has no LU without row exchanges.",
        provenance=page.provenance(
            [r for r in records if r.parameters["statement"] == "existence"],
            profile=profile,
            data="random matrices",
        ),
    )

# %% [markdown]
# For $d = 2$ the share can be counted: of 48 non-singular matrices 12 have a zero in the corner and no LU, one quarter. So existence
# fails, and more often the larger the matrix. Uniqueness holds. *Corrected* is the condition of {prf:ref}`lunet-existence`: there is an LU
# exactly if no leading minor is zero. Minors are computed exactly too. Matrices with continuous entries almost all have an LU. But near
# those that have none the factors are of no use, as that page shows.

# %% tags=["hide-input", "nbval-check-output"]
page.table(asked(records, "Section 2.2", "Eq. (2.4)"), digits=0, caption=CONTRADICTED)

# %% [markdown]
# ## The inverse
#
# Random layers, with either activation. The points that go in are known, so that no second inverse is needed to judge the first. Eq. (2.2)
# as printed, $U^{-1} L^{-1} \phi^{-1}(z - b)$, misses them. With $b$ outside of $\phi^{-1}$, *corrected*, it finds them, and every $z$ has a point that goes
# to it. With that inverse Eq. (2.8) is right.

# %% tags=["hide-input", "nbval-check-output"]
page.table(asked(records, "Eq. (2.2)", "Eq. (2.8)"), digits=0, caption=CONTRADICTED)

# %% [markdown]
# ## The activation
#
# Eq. (2.9) is said to be invertible on the real numbers, with a slope that is never zero. It has $\alpha$ in $(0, 1)$; of $\beta$ the paper says nothing.

# %% tags=["hide-input"]
start = time.perf_counter()
betas, x = (0.5, 0.0, -0.5, -1.0, -1.5), np.linspace(-8, 8, 321)
figure, axis = pyplot.subplots(figsize=(6.0, 3.8))
for beta, dash in zip(betas, ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1))), strict=True):
    axis.plot(x, printed_2_9(x, 0.5, beta), linestyle=dash, marker="", label=f"β = {beta:g}")
axis.axhline(0, color="#777777", linewidth=0.8)
axis.set(xlabel="x", ylabel="φ(x)", ylim=(-6, 10))
axis.legend(fontsize=9)
page.show(
    figure,
    alt="Graphs of the activation for five values of beta: rising through all heights for 0.5, falling through all for -1.5, never"
    " below zero for 0 and -1, and a valley with two arms that rise for -0.5. The table below counts how often three heights are met.",
    caption="Eq. (2.9) with α = 0.5. A line at any height should meet a graph once. It does for β = 0.5 and β = -1.5.",
    provenance=page.provenance_of_fit(
        profile=profile, data="the printed formula", seed=0, device="cpu", seconds=time.perf_counter() - start
    ),
)

# %% [markdown]
# How often is a value $y$ taken? Counted on a grid from $-600$ to $600$; 1 everywhere is a bijection.

# %% tags=["hide-input", "nbval-check-output"]
targets = (-4, -1, 4)
counts = {beta: solutions(printed_2_9(GRID, 0.5, beta), np.array(targets)) for beta in betas}
page.table(
    pd.DataFrame.from_dict(counts, orient="index", columns=[f"y = {y}" for y in targets]).rename_axis("β"),
    caption="How often Eq. (2.9) takes a value y: 1 everywhere is a bijection",
)

# %% [markdown]
# For $\beta = 0$ and $\beta = -1$ negative values are not taken. In between, values are taken twice or not at all, and there is a place of slope zero. *Corrected* is
# {prf:ref}`lunet-activation`: a bijection for $\beta > 0$ and for $\beta < -1$, and for no other. So a hypothesis is missing, and with it the statement holds.
#
# The random instances have $\alpha$ from 0.05 to 0.95 and $\beta$ from $-2$ to 2, in steps of 0.05 and 0.1. How many fail depends on that choice. Eq. (2.6), for $\alpha$ in $(0, 1)$, is a bijection,
# and what Section 2.3 says of it holds: leaky ReLU has no curvature, softplus takes positive values only, LeakySoftplus has neither drawback.

# %% tags=["hide-input", "nbval-check-output"]
page.table(asked(records, "Eq. (2.6)", "Section 2.3", "Eq. (2.9)"), digits=0, caption=CONTRADICTED)

# %% [markdown]
# ## The cross-entropy
#
# In Eq. (2.12) $Y_{ij}$ is the rating. Eq. (2.13) has the same letter, and the text directly before it says that there it is a "binary interaction signal". So the column
# *corrected* is the statement: $Y$ is 1 or 0, and the loss is not negative. The column *failures* shows why one must not put the rating in: a bound is drawn, from $-1$ to $-10^6$,
# then predictions nearer and nearer to 1 for pairs with a rating, and to 0 for others; the loss falls below the bound, unless all ratings are 1.

# %% tags=["hide-input", "nbval-check-output"]
page.table(asked(records, "Eq. (2.13)"), digits=0, caption=CONTRADICTED)

# %% [markdown]
# ## What we add
#
# The paper prefers Eq. (2.9) to (2.6) for the "finer control of the gradient" in training. What the network can be is the same: for each random network with (2.9) and $\beta > 0$ we write down one with (2.6)
# that is the same function ({prf:ref}`lunet-units`). And the log-determinant of a network ({prf:ref}`lunet-likelihood`) is that of autograd's Jacobian.

# %% tags=["hide-input", "nbval-check-output"]
page.table(asked(records, "ours"), digits=0, caption=CONTRADICTED)

# %% [markdown]
# ## More instances
#
# The same from records of the `paper` profile, kept in `data/records/lunet`. The command that makes them is
# `fourmasks run lunet/theory --profile paper`; it takes about a minute.

# %% tags=["hide-input", "nbval-check-output"]
kept = [r for r in load_records(EXPERIMENT, records_directory(EXPERIMENT, "paper")) if r.profile == "paper"]
all_asked = asked(kept)
page.table(all_asked, digits=0, caption=CONTRADICTED)

# %% tags=["hide-input", "nbval-check-output"]
failed, corrected = all_asked["failures"] > 0, all_asked["corrected"].dropna()
print(
    f"{failed.sum()} of {len(failed)} statements fail; {(corrected == 0).sum()} of {len(corrected)} corrections hold. Those that fail:"
)
for place, words in all_asked.index[failed]:
    print(f"  {place}: {words}")

# %% tags=["hide-input", "nbval-check-output"]
page.table(shares_of(kept), digits=3, caption="Non-singular matrices without an LU, from more instances")
