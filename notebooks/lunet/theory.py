# %% [markdown]
# # Theory, checked by computer
#
# Section 2 of the paper {cite:p}`lunet2026` states what makes the network invertible, and gives no proofs. We ask each statement of random instances, in double precision or in exact numbers.
#
# - *Existence.* That a matrix which is "square and non-singular" has a factorization "without the need for pivoting" (Section 2.2) is {claim}`lunet-section2-2-existence`: many have none without row exchanges, the more the larger they are. For the network it does not matter: its mask makes $L$ and $U$ the parameters, so that nothing has to be factorized. Uniqueness is {claim}`lunet-section2-2-uniqueness`.
# - *The inverse.* Eq. (2.2) as printed is {claim}`lunet-equation2-2-inverse`: the bias stands in the wrong place. Corrected it holds, and with it Eq. (2.8).
# - *The activation.* Eq. (2.9) is invertible only for $\beta > 0$ or $\beta < -1$, which the paper does not say. For the values that we use it is {claim}`lunet-equation2-9-bijection`.
#
# ```{claims}
# lunet-section2-2-existence
# lunet-section2-2-uniqueness
# lunet-equation2-2-inverse
# lunet-equation2-8-inverse
# lunet-equation2-9-bijection
# lunet-equation2-13-binary
# ```

# %% tags=["parameters", "hide-input"]
profile = "book"  # type: str  smoke, book or paper
statements = None  # type: str  statements to ask, as "existence,equation-2.2", None for the profile's
sizes = None  # type: str  sizes of the matrices that may have an LU, as "2,4,8", None for the profile's
instances = None  # type: int  random instances of each statement, None for the profile's

# %% tags=["hide-input"]
import time

import numpy as np
import pandas as pd
from matplotlib import pyplot

from fourmasks.claims.ledger import ledger
from fourmasks.experiments.profiles import resolve
from fourmasks.lunet.theory import tables
from fourmasks.lunet.theory.instances import GRID
from fourmasks.lunet.theory.plan import EXPERIMENT, PROFILES, run
from fourmasks.lunet.theory.referees import printed_2_9, solutions
from fourmasks.pages import figures as page
from fourmasks.pages.tables import cost
from fourmasks.records.store import book_records

page.begin("lunet/theory")
config = resolve(PROFILES, profile, statements=statements, sizes=sizes, instances=instances)
kept = book_records(EXPERIMENT)
CONTRADICTED = "Instances tried, and how many contradict the statement as printed and as corrected"

# %% [markdown]
# ## The method in code
#
# A small matrix that is not singular and has no LU:

# %% tags=["nbval-check-output"]
import torch

from fourmasks.lunet.flows.factorization import factorize

try:
    factorize(torch.tensor([[0.0, 1.0], [1.0, 0.0]], dtype=torch.float64))
except ValueError as error:
    print(error)

# %% [markdown]
# ## The statements of Section 2
#
# The referee is not our code: elimination in fractions, NumPy, autograd, counting on a grid, or the printed formula itself. A *failure* is an instance that contradicts the printed words, read by the letter. *Corrected* is
# what the page [Theory](../../book/lunet/theory.md) proves in their place. Of Eq. (2.13) *corrected* is what its text says, and *failures* is another reading, which the text excludes.

# %% tags=["hide-input", "nbval-check-output"]
page.table(tables.asked(kept, ledger("lunet")), caption=CONTRADICTED)

# %% [markdown]
# ## Which matrices have an LU?
#
# We draw matrices with entries $-1$, $0$ and $1$, keep the non-singular ones, and eliminate in fractions. A pivot that is zero is then exactly zero. For $d = 2$ the share can be counted: of 48 non-singular
# matrices 12 have a zero in the corner and no LU. There is an LU exactly if no leading minor is zero ({prf:ref}`lunet-existence`). Matrices with continuous entries almost all have one, but near those that have none
# the factors are of no use.

# %% tags=["hide-input"]
shares = tables.shares(kept)
if len(shares):
    figure, axis = pyplot.subplots(figsize=(6.0, 3.4))
    axis.plot(shares.index, shares["share"])
    axis.set(xlabel="d", ylabel="share without an LU", ylim=(0, 1))
    page.show(
        figure,
        alt="The share of non-singular matrices without an LU rises with their size. The table below holds the numbers.",
        caption="The larger the matrix, the more often it has no LU. Non-singular matrices with entries -1, 0 and 1, without row exchanges.",
        provenance=page.provenance(
            [r for r in kept if r.parameters["statement"] == "existence"],
            profile="paper",
            data="random matrices",
        ),
    )

# %% [markdown]
# ## The activation
#
# Eq. (2.9) is said to be invertible on the real numbers, with a slope that is never zero. It has $\alpha$ in $(0, 1)$; of $\beta$ the paper says nothing. For $\beta = 0$ and $\beta = -1$ negative values are not taken. In
# between, values are taken twice, not at all, or, the smallest, once ({prf:ref}`lunet-activation`).

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
    caption="A line at any height should meet a graph once: it does for β = 0.5 and β = -1.5 only. Eq. (2.9) with α = 0.5.",
    provenance=page.provenance_of_fit(
        profile=profile, data="the printed formula", seed=0, device="cpu", seconds=time.perf_counter() - start
    ),
)

# %% [markdown]
# ## What could not be settled
#
# - The paper prefers Eq. (2.9) to (2.6) for a "finer control of the gradient". What the network can be is the same ({prf:ref}`lunet-units`); whether it trains better was not tried.
# - How many random instances of Eq. (2.9) fail depends on which $\beta$ are drawn: ours are from $-2$ to 2.
#
# ## Run it yourself
#
# The same with fewer instances. `fourmasks run lunet/theory --profile paper` makes those above.

# %%
records = run(config, profile)

# %% tags=["hide-input", "nbval-check-output"]
page.table(
    tables.asked(records), caption="Live: instances tried, and how many contradict the statement", folded=True
).show()
page.table(cost({"instances": kept}), caption="What the paper's setting took").show()

# %% [markdown]
# ## Details
#
# :::{dropdown} How each statement is asked
#
# *The inverse*: random layers, with either activation. The points that go in are known, so that no second inverse is needed to judge the first. Eq. (2.2) as printed, $U^{-1} L^{-1} \phi^{-1}(z - b)$, misses them. With $b$
# outside of $\phi^{-1}$ it finds them, and every $z$ has a point that goes to it.
#
# *The activation*: $\alpha$ from 0.05 to 0.95 and $\beta$ from $-2$ to 2, in steps of 0.05 and 0.1. How often a value is taken is counted on a grid from $-600$ to $600$. Eq. (2.6), for $\alpha$ in $(0, 1)$, is a bijection,
# and what Section 2.3 says of it holds: leaky ReLU has no curvature, softplus takes positive values only, LeakySoftplus has neither drawback.
#
# *The cross-entropy*: in Eq. (2.12) $Y_{ij}$ is the rating. Eq. (2.13) has the same letter, and the text directly before it says that there it is a "binary interaction signal". So *corrected* is the statement: $Y$ is 1 or 0, and
# the loss is not negative. *Failures* shows why one must not put the rating in: a bound is drawn, from $-1$ to $-10^6$, then predictions nearer and nearer to 1 for pairs with a rating, and to 0 for others; the loss falls below
# the bound, unless all ratings are 1.
#
# *Ours*: for each random network with (2.9) and $\beta > 0$ we write down one with (2.6) that is the same function. The log-determinant of a network ({prf:ref}`lunet-likelihood`) is that of autograd's Jacobian.
# :::

# %% tags=["hide-input", "nbval-check-output"]
page.table(
    shares, digits=3, caption="Non-singular matrices without an LU: the larger, the more", folded=True
).show()
targets = (-4, -1, 4)
counts = {beta: solutions(printed_2_9(GRID, 0.5, beta), np.array(targets)) for beta in betas}
page.table(
    pd.DataFrame.from_dict(counts, orient="index", columns=[f"y = {y}" for y in targets]).rename_axis("β"),
    caption="How often Eq. (2.9) takes a value y: 1 everywhere is a bijection",
    folded=True,
).show()
OWN = {claim for *_, claim in tables.STATEMENTS.values()} | {
    "lunet-equation2-1-invertible",
    "lunet-section2-4-convergence",
    "lunet-equation2-7",
    "lunet-equation2-10",
    "lunet-equation2-11",
}
page.verdicts(
    [row for row in ledger("lunet") if row["id"] in OWN],
    caption="All claims of Section 2: what the paper says, what we measured, and the verdict",
    folded=True,
)
