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
# counting on a grid, or the printed formula itself. A *failure* is an instance that contradicts the statement as printed.

# %% tags=["parameters"]
profile = "book"  # type: str  smoke, book or paper
statements = None  # type: str  statements to ask, as "existence,equation-2.2", None for the profile's
sizes = None  # type: str  sizes of the matrices that may have an LU, as "2,4,8", None for the profile's
instances = None  # type: int  random instances of each statement, None for the profile's

# %%
import time

from fourmasks.experiments.profiles import resolve
from fourmasks.lunet.theory import tables
from fourmasks.lunet.theory.plan import EXPERIMENT, PROFILES, run
from fourmasks.pages import figures as page
from fourmasks.records.store import load_records, records_directory

page.use_style()
config = resolve(PROFILES, profile, statements=statements, sizes=sizes, instances=instances)
records = run(config, profile)
found = tables.statement_table(records)


def asked(*places):
    """Return the rows of some places."""
    return page.table(found[found.index.get_level_values("place").isin(places)])


# %% [markdown]
# ## Which matrices have an LU?
#
# Section 2.2 takes it that a square matrix which is not singular has an LU without row exchanges, and one only. We draw matrices with entries $-1$, $0$ and $1$, keep the non-singular ones, and eliminate in fractions. A
# pivot that is zero is then exactly zero.

# %%
# NBVAL_CHECK_OUTPUT
shares = tables.share_table(records)
page.table(shares, digits=2)

# %% tags=["hide-input"]
if len(shares):
    page.show(
        tables.share_figure(shares),
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

# %%
# NBVAL_CHECK_OUTPUT
asked("Section 2.2", "Eq. (2.4)")

# %% [markdown]
# ## The inverse
#
# Random layers, with either activation. The points that go in are known, so that no second inverse is needed to judge the first. Eq. (2.2)
# as printed, $U^{-1} L^{-1} \phi^{-1}(z - b)$, misses them. With $b$ outside of $\phi^{-1}$, *corrected*, it finds them, and every $z$ has a point that goes
# to it. With that inverse Eq. (2.8) is right.

# %%
# NBVAL_CHECK_OUTPUT
asked("Eq. (2.2)", "Eq. (2.8)")

# %% [markdown]
# ## The activation
#
# Eq. (2.9) is said to be invertible on the real numbers, with a slope that is never zero. It has $\alpha$ in $(0, 1)$; of $\beta$ the paper says nothing.

# %% tags=["hide-input"]
start = time.perf_counter()
betas = (0.5, 0.0, -0.5, -1.0, -1.5)
page.show(
    tables.activation_figure(0.5, betas),
    alt="Graphs of the activation for five values of beta: rising through all heights for 0.5, falling through all for -1.5, never"
    " below zero for 0 and -1, and a valley with two arms that rise for -0.5. The table below counts how often three heights are met.",
    caption="Eq. (2.9) with α = 0.5. A line at any height should meet a graph once. It does for β = 0.5 and β = -1.5.",
    provenance=page.provenance_of_fit(
        profile=profile, data="the printed formula", seed=0, device="cpu", seconds=time.perf_counter() - start
    ),
)

# %% [markdown]
# How often is a value $y$ taken? Counted on a grid from $-600$ to $600$; 1 everywhere is a bijection.

# %%
# NBVAL_CHECK_OUTPUT
page.table(tables.beta_table(0.5, betas, (-4, -1, 4)))

# %% [markdown]
# For $\beta = 0$ and $\beta = -1$ negative values are not taken. In between, values are taken twice or not at all, and there is a place of slope zero. *Corrected* is
# {prf:ref}`lunet-activation`: a bijection for $\beta > 0$ and for $\beta < -1$, and for no other. The paper's "base configuration" $\alpha = 1$, $\beta = 0$ is softplus.
#
# The random instances have $\alpha$ from 0.05 to 0.95 and $\beta$ from $-2$ to 2, in steps of 0.05 and 0.1. How many fail depends on that choice. Eq. (2.6), for $\alpha$ in $(0, 1)$, is a bijection,
# and what Section 2.3 says of it holds: leaky ReLU has no curvature, softplus takes positive values only, LeakySoftplus has neither drawback.

# %%
# NBVAL_CHECK_OUTPUT
asked("Eq. (2.6)", "Section 2.3", "Eq. (2.9)")

# %% [markdown]
# ## The cross-entropy
#
# In Eq. (2.12) $Y_{ij}$ is the rating. Eq. (2.13) has the same letter. A bound is drawn, from $-1$ to $-10^6$, then predictions nearer and nearer to 1 for
# pairs with a rating, and to 0 for others. With ratings in place of $Y$ the loss falls below the bound, unless all ratings are 1. *Corrected*: $Y$ is 1 or 0, the
# signal that the text before the equation speaks of. Then the loss is not negative.

# %%
# NBVAL_CHECK_OUTPUT
asked("Eq. (2.13)")

# %% [markdown]
# ## What we add
#
# The paper prefers Eq. (2.9) to (2.6) for the control that a second parameter gives. For each random network with (2.9) and $\beta > 0$ we write down one with (2.6)
# that is the same function ({prf:ref}`lunet-units`). And the log-determinant of a network ({prf:ref}`lunet-likelihood`) is that of autograd's Jacobian.

# %%
# NBVAL_CHECK_OUTPUT
asked("ours")

# %% [markdown]
# ## More instances
#
# The same from records of the `paper` profile, kept in `data/records/lunet`. The command that makes them is
# `fourmasks run lunet/theory --profile paper`; it takes about a minute.

# %%
# NBVAL_CHECK_OUTPUT
kept = [r for r in load_records(EXPERIMENT, records_directory(EXPERIMENT, "paper")) if r.profile == "paper"]
all_asked = tables.statement_table(kept)
page.table(all_asked)

# %%
# NBVAL_CHECK_OUTPUT
print(tables.failing_sentence(all_asked))

# %%
# NBVAL_CHECK_OUTPUT
page.table(tables.share_table(kept), digits=3)
