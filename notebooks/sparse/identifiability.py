# %% [markdown]
# # Which supports make the factors unique?
#
# The paper {cite:p}`sparse2021` has two conditions on the supports. One is necessary for unique factors (Theorem
# 4.13), one is sufficient (Theorem 4.26), and it leaves open what lies between (Section 6). Both hold: no random
# support contradicts them ({claim}`sparse-theorem413-gap`, {claim}`sparse-theorem426-gap`). As the paper says, neither
# is tight ({claim}`sparse-section6-necessary`, {claim}`sparse-section6-sufficient`). On our random supports the gap
# between them grows with the size of the matrix. The sufficient condition sees most supports with locally unique factors.
# The necessary one misses ever more of the supports on which uniqueness fails. Decisions are exact, except that the rank of the Jacobian
# is taken at a random point.
#
# ```{claims}
# sparse-theorem413-gap
# sparse-theorem426-gap
# sparse-section6-sufficient
# sparse-section6-necessary
# ```
#
# Whether the paper's other statements hold is on the page [Do the statements hold?](statements.ipynb), definitions and
# proofs on the page [Theory](../../book/sparse/theory.md). Rows, columns and atoms count from 1, in messages of the code from 0.

# %% tags=["parameters", "hide-input"]
profile = "book"  # type: str  smoke, book or paper
sizes = None  # type: tuple[int, ...]  rows and columns in the phase diagrams, as "4,8", None for the profile's
ranks = None  # type: tuple[int, ...]  numbers of atoms there, None for the profile's
densities = None  # type: tuple[float, ...]  densities of the supports there, None for the profile's
laws = None  # type: str  laws of the random supports: entries, columns or both, None for the profile's
census = None  # type: str  sizes that are sorted completely, as "2x3x2,3x3x3", None for the profile's
seed = None  # type: int  of everything random, None for the profile's
supports = None  # type: str  supports of your own, a .npz file with the arrays left and right, None for none

# %% tags=["hide-input"]
import numpy as np
import pandas as pd

from fourmasks.claims.files import load_claims
from fourmasks.claims.ledger import ledger
from fourmasks.data.own_matrix import read_supports
from fourmasks.experiments.profiles import resolve
from fourmasks.pages import figures as page
from fourmasks.pages.tables import cost
from fourmasks.records.store import book_records
from fourmasks.sparse.completion.fast import complete
from fourmasks.sparse.examples import pictures
from fourmasks.sparse.gap import figures, plan, tables
from fourmasks.sparse.referees.jacobian import generic_identifiability
from fourmasks.sparse.referees.polynomial import unique_decomposition
from fourmasks.sparse.referees.solution_count import solutions_at_random
from fourmasks.sparse.supports.families import globally_sparse
from fourmasks.sparse.supports.pair import SupportPair
from fourmasks.sparse.supports.pairs import only
from fourmasks.sparse.theorems.closure import closable, sufficient_condition
from fourmasks.sparse.theorems.kruskal import kruskal_rank
from fourmasks.sparse.theorems.necessary import generic_conditions, necessary_conditions
from fourmasks.sparse.theorems.right import unique_right_factor

page.begin("sparse/identifiability")
given = {"sizes": sizes, "ranks": ranks, "densities": densities, "laws": laws, "census": census}
config = resolve(plan.PROFILES, profile, **given, seed=seed)
kept = {name: book_records(name) for name in (plan.PHASES, plan.CENSUS)}
frame = tables.phases(kept[plan.PHASES])

# %% [markdown]
# ## The method in code
#
# Ask both theorems about your supports, and a referee that uses neither. These are the supports of Example 4.16:

# %% tags=["nbval-check-output"]
pair = SupportPair([[1, 1], [1, 1]], [[1, 0], [1, 1], [0, 1]])
sufficient, necessary = closable(pair), generic_conditions(pair)
print(f"Theorem 4.26: {sufficient.holds}, Theorem 4.13: {necessary.holds}")
print(f"solutions at a random point: {solutions_at_random(pair, seed=1)}")

# %% [markdown]
# (sparse-nb-decisions)=
# ### A *no* comes with a second solution
#
# Every decision has an answer, the statement that gives it, and a witness. The witness of a *no* is a second solution,
# which can be checked without trusting any theorem. Here three columns of $X$, of length two, may enter the first column
# of $Z$. They are dependent, and moving along the dependence changes $Y$ but not the product.

# %% tags=["hide-input", "nbval-check-output"]
crowded = SupportPair([[1, 1, 1], [1, 1, 1]], [[1, 1, 1], [1, 0, 0], [0, 1, 0]])
X, Y = np.array([[1, 2, 1], [3, 1, 1]]), np.array([[1, 1, 2], [4, 0, 0], [0, 3, 0]])
decision = necessary_conditions(X, Y, crowded)
second = decision.witness.second
print(f"unique: {decision.holds}; {decision.why}")
print("\nX and Y, and the second solution:\n")
print(pictures.matrices_text([X, Y, *second]))
print(f"\nthe same product: {bool((second[0] @ second[1].T == X @ Y.T).all())}")

# %% [markdown]
# (sparse-nb-gap)=
# ## The gap
#
# Take a pair of supports in which no column is empty on one side only, and factors in general position on them. There are four cases.
#
# - **Closable**: Theorem 4.26 says that the factors are unique.
# - **Crowded**: Theorem 4.13 says that they are not.
# - **Gap, isolated**: neither theorem tells, and solutions are isolated. The referee is the rank of the Jacobian of
#   $(X, Y) \mapsto X Y^{\top}$ at a random point, modulo a large prime.
# - **Gap, moving**: neither tells, and there are curves of solutions.
#
# (sparse-nb-phases)=
# ### Random supports: how wide is it?
#
# The supports of both factors are random. Under the law `entries` each entry is there with a given probability, the
# *density*, and a column that comes out empty is drawn again. Under the law `columns` each column has the same number
# of entries, density times its length.

# %% tags=["hide-input", "nbval-check-output"]
page.table(
    tables.widths(frame),
    caption="The gap widens with the size, and there the necessary condition sees few of the supports that fail",
)

# %% tags=["hide-input"]
of_entries = frame[frame["law"] == "entries"]
page.show(
    figures.phase_maps(of_entries),
    alt="Rows of four maps, one row for each size. Colour gives the share of random tuples that are closable, in"
    " the gap with isolated solutions, in the gap with moving solutions, and crowded, by density and number of atoms. A"
    " table under Details holds the shares.",
    caption="Share of random supports in each phase. Going right in a row of a map, tuples leave the first map"
    " for the second, then for the third; many atoms of low density are crowded. In the second map the sufficient"
    " theorem is silent though factors are locally unique.",
    provenance=page.provenance(kept[plan.PHASES], profile="paper", data="random supports, law entries"),
)

# %% [markdown]
# What bounds the closable region is easy to see: completion starts from observable entries, and dense supports have
# none. There the factors may still be determined, by equations that tie several atoms together at once, as in Example
# 4.16.
#
# (sparse-nb-smallest)=
# ### The smallest supports in the gap
#
# Isolated is not yet unique: there may be several solutions, finitely many. So all supports of small sizes were sorted,
# one from each class under permutations and transposition, and for tiny ones a Gröbner basis counted the solutions.
# These are the smallest of each kind.

# %% tags=["hide-input", "nbval-check-output"]
KINDS = {
    "moving": "a continuum of solutions, though Theorem 4.13 holds",
    "unique": "unique, though not closable",
    "several": "several solutions, finitely many",
}
smallest = tables.smallest(kept[plan.CENSUS], KINDS)
answers = {}
for kind, example in smallest.items():
    count = solutions_at_random(example, seed=1)
    answers[KINDS[kind]] = (
        f"{example.shape[0]} × {example.shape[1]}",
        example.rank,
        *(
            "yes" if f(example).holds else "no"
            for f in (closable, generic_conditions, generic_identifiability)
        ),
        "infinitely many" if count is None else count,
    )
columns = ["size", "atoms", "Theorem 4.26 applies", "Theorem 4.13 holds", "full Jacobian", "solutions"]
page.table(
    pd.DataFrame.from_dict(answers, orient="index", columns=columns).rename_axis("kind"),
    caption="The smallest supports of each kind in the gap, and how many solutions they have at a random point",
)

# %% [markdown]
# (sparse-nb-three)=
# Each can be understood by hand.
#
# - **A row and a column that cross**, in a $2 \times 2$ matrix: the entry where they cross may be split between them
#   in any way, and each part stays of rank one. Theorem 4.13 does not notice. It fixes one factor and asks for the
#   other, and each of the two *is* told by the other.
# - **Two squares that share a column** are Example 4.16.
# - **Three squares on the pairs of three rows and columns.** Going round the triangle, an unknown $t$ becomes a
#   fraction $(\alpha t + \beta) / (\gamma t + \delta)$ that has to be $t$ again: a quadratic equation, with two
#   solutions. So the Jacobian has full rank, and the factors are not unique
#   ({prf:ref}`the proof <sparse-triangle>`).
#
# ## Does the mask do the work?
#
# Yes: the mask is the support, and for factors in general position it alone decides. So the question has an easy form
# here: *which* masks do the work? Closable ones do by Theorem 4.26, crowded ones do not. Of those between, the second
# map shows where the mask does its work locally without the theorem's knowing. Without any mask, with full supports,
# no factorization with two atoms or more is unique, because every invertible change of basis is another one.
#
# ## What could not be settled
#
# Whether the isolated solutions of *large* supports are unique: the Jacobian tells isolated from moving, and only for
# tiny sizes could solutions be counted. Whether a condition that is both necessary and sufficient can be checked as
# quickly as the paper's two, we do not know either.
#
# ## Run it yourself
#
# The cell sorts fewer and smaller supports, on one core.

# %%
found = plan.run(config, profile)

# %% tags=["hide-input", "nbval-check-output"]
page.table(
    tables.widths(tables.phases(found)),
    caption="The width of the gap again, on the supports that were drawn for this page",
)

# %% [markdown]
# To decide about supports of your own, save them with `numpy.savez("mine.npz", left=..., right=...)`, one column for each
# atom, and give the file: `fourmasks run sparse/identifiability -p supports mine.npz`. A third array, `matrix`, is factorized on
# them by Algorithm 1. The theorems speak of atoms. Where a column is empty on one side only, its atom is zero, and the other side's column is free.

# %% tags=["hide-input"]
if supports is not None:
    left, right, matrix = read_supports(supports)
    own = SupportPair(left, right)
    decisions = {
        "Theorem 4.26, sufficient: atoms unique": closable(own),
        "Theorem 4.13, necessary: atoms unique": generic_conditions(own),
        "Jacobian: factors locally unique": generic_identifiability(own, seed=config.seed),
    }
    rows = {name: {"holds": one.holds, "why": one.why} for name, one in decisions.items()}
    if matrix is not None:
        exact = matrix.dtype.kind in "iu"
        found_factors = complete(matrix, own, tolerance=None if exact else 1e-9 * float(np.abs(matrix).max()))
        rows["Algorithm 1 on the matrix"] = {
            "holds": found_factors.outcome,
            "why": str(found_factors.conflict or ""),
        }
    page.table(
        pd.DataFrame(rows).T, caption="What the theorems, a referee and Algorithm 1 say of your supports"
    ).show()

# %% [markdown]
# `fourmasks run sparse/identifiability --profile paper` makes all of the above again:

# %% tags=["hide-input", "nbval-check-output"]
parts = {"random supports": kept[plan.PHASES], "all supports of small sizes": kept[plan.CENSUS]}
page.table(cost(parts), caption="What the paper profile takes")

# %% [markdown]
# ## Details
#
# **Two more decisions.** In the first the left factor is known, and two entries may be anywhere in $Y$; columns 1, 2 and
# 3 of $X$ are dependent, and the witness uses it. The second is Example 4.16, on which Theorem 4.26 is silent and a
# Gröbner basis is not.

# %% tags=["hide-cell", "nbval-check-output"]
X, Y = [[1, 0, 1], [0, 1, 1]], [[0, 0, 1]]
decision = unique_right_factor(X, Y, globally_sparse((1, 3), 2))
print(f"unique: {decision.holds}; {decision.why}: {[str(v) for v in decision.witness.factor[0]]}")
rank = kruskal_rank(X)
print(f"Kruskal rank {rank.value}, dependent columns {[int(column) + 1 for column in rank.dependent]}")

# %% tags=["hide-cell", "nbval-check-output"]
X, Y = [[1, 2], [3, 1]], [[1, 0], [2, 3], [0, 1]]
for name, decision in {
    "Theorem 4.26": sufficient_condition(X, Y, pair),
    "Theorem 4.13": necessary_conditions(X, Y, pair),
    "Gröbner basis": unique_decomposition(X, Y, only(pair)),
}.items():
    print(f"{name}: {decision.holds}; {decision.why}")

# %% tags=["hide-input"]
for kind, example in smallest.items():
    page.show(
        pictures.supports_figure(example),
        alt=f"Supports of the left factor, of the right factor and of their product, a grid of {example.shape[0]} by"
        f" {example.shape[1]} cells with {example.rank} atoms. The next tables list the rectangles.",
        caption=f"The smallest supports of their kind: {KINDS[kind]}. Stars are observable, question marks shared.",
        provenance=page.provenance(kept[plan.CENSUS], profile="paper", data="all supports of small sizes"),
        folded=True,
    )
of_columns = frame[frame["law"] == "columns"]
page.show(
    figures.phase_maps(of_columns),
    alt="Rows of four maps as in the figure above, for the law columns. A table holds the sums.",
    caption="The phases under the other law, columns. The order of the phases is the same under both laws.",
    provenance=page.provenance(kept[plan.PHASES], profile="paper", data="random supports, law columns"),
    folded=True,
)

# %% tags=["hide-input", "nbval-check-output"]
details = {
    **{
        f"In numbers, the smallest: {KINDS[kind]}": pictures.supports_table(one)
        for kind, one in smallest.items()
    },
    "All supports of a size, up to permutation: how many are in the gap": tables.census(kept[plan.CENSUS]),
    "Share of random supports in each phase (%), by density": tables.shares(of_entries).droplevel("law"),
    "Random supports of each phase, over all densities, and contradictions to the theorems": tables.totals(
        frame
    ),
}
for caption, table in details.items():
    page.table(table, caption=caption, folded=True).show()
about = {claim.id for claim in load_claims("sparse") if claim.experiment in kept}
page.verdicts(
    [row for row in ledger("sparse") if row["id"] in about],
    caption="All verdicts on the gap, with what they rest on",
    folded=True,
)
