# %% [markdown]
# # Fast transforms, found by completion
#
# Fast transforms are products of sparse factors. The Hadamard matrix and the discrete Fourier transform of size
# $n = 2^q$ are products of $q$ *butterfly* factors with two entries in each row. The paper {cite:p}`sparse2021` names
# them as its application, and shows no computation. Here Algorithm 1 gets the dense matrix and the supports. It finds
# the factors of the Hadamard matrix exactly ({claim}`sparse-section1-hadamard`), and those of the Fourier and the cosine
# transform up to rounding ({claim}`sparse-section1-dft`, {claim}`sparse-section1-dct`). The reason is that the atoms of
# butterfly products are disjoint ({claim}`sparse-section51-disjoint`). Where atoms overlap, the paper says that
# completion might be unstable. Errors do grow along a chain of atoms, nearly as much with least squares; whether they grow at every step is {claim}`sparse-section6-unstable`.
#
# ```{claims}
# sparse-section1-hadamard
# sparse-section1-dft
# sparse-section1-dct
# sparse-section51-disjoint
# sparse-section6-unstable
# ```
#
# Definitions are on the page [Theory](../../book/sparse/theory.md).

# %% tags=["parameters", "hide-input"]
profile = "book"  # type: str  smoke, book or paper
transforms = None  # type: str  hadamard, dft, dct2 or several, None for the profile's
sizes = None  # type: tuple[int, ...]  sizes n, powers of two, as "8,64,512", None for the profile's
vectors = None  # type: tuple[int, ...]  numbers of vectors that are transformed, None for the profile's
seeds = None  # type: int  number of seeds of errors and chains, None for the profile's

# %% tags=["hide-input"]
import numpy as np

from fourmasks.claims.files import load_claims
from fourmasks.claims.ledger import ledger
from fourmasks.experiments.profiles import resolve
from fourmasks.pages import figures as page
from fourmasks.pages.tables import cost, run_rows
from fourmasks.records.store import book_records
from fourmasks.sparse.butterflies import baselines, figures, plan, tables
from fourmasks.sparse.butterflies.butterfly import cut_supports, factorize
from fourmasks.sparse.butterflies.transforms import dct2, folding, hadamard
from fourmasks.sparse.completion.fast import complete

page.begin("sparse/butterflies")
config = resolve(plan.PROFILES, profile, transforms=transforms, sizes=sizes, vectors=vectors, seeds=seeds)
kept = {kind: book_records(name) for kind, name in plan.EXPERIMENTS.items()}
FIELDS = {
    "factorization": ["transform", "size", "method", "factors"],
    "application": ["transform", "size", "vectors"],
    "structure": ["size"],
    "disturbed": ["transform", "noise", "size", "least_squares", "seed"],
    "chain": ["length", "seed"],
}


def rows(kind, records=None):
    """Return a row for each run of a kind, of the paper profile if no records are given."""
    return run_rows(kept[kind] if records is None else records, plan.EXPERIMENTS[kind], FIELDS[kind])


# %% [markdown]
# ## The method in code

# %% tags=["nbval-check-output"]
matrix = hadamard(16).matrix
found = factorize(matrix, tolerance=baselines.TOLERANCE)
entries = [(factor.toarray() != 0).sum(axis=1).max() for factor in found.factors]
same = np.array_equal(found.toarray(), matrix)
print(f"{len(entries)} factors, {max(entries)} entries in a row; product right: {same}")

# %% [markdown]
# (sparse-nb-cuts)=
# ## Why it works: the atoms are disjoint
#
# Cut a product of four butterfly factors, $n = 16$, in the middle: $X$ is the product of the first two, $Y^{\top}$
# that of the last two. Each atom, a column of $X$ times a row of $Y^{\top}$, has a rectangle of its own. So every entry
# is observable, nothing has to be completed, and the supports make the factors unique (Corollary 4.27).

# %% tags=["hide-input"]
cut = cut_supports(16, 2)
page.show(
    figures.cut_figure(cut),
    alt="Three panels of size 16 by 16: the support of X, diagonal stripes in four by four blocks; that of Y transposed,"
    " four square blocks on the diagonal; and the product, tiled without gaps by sixteen rectangles of four columns and"
    " every fourth row, one for each atom.",
    caption="A cut of a butterfly product of size 16. On the right every cell has exactly one atom. Neighbouring cells of one"
    " colour need not be one atom: six colours serve sixteen.",
    provenance=page.provenance(kept["structure"], profile="paper", data="butterfly supports"),
)

# %% [markdown]
# (sparse-nb-transforms)=
# ## Accuracy
#
# Relative errors of the product of the factors, in the Frobenius norm, for two factors and for all. The DFT's columns
# are in bit-reversed order. The DCT-II is the real part of a butterfly product, a Fourier transform with turned rows.
# The libraries lazylinop and pyfaust {cite:p}`zheng2023efficient` know butterfly supports and take singular vectors of
# blocks; Algorithm 1 takes any supports.

# %% tags=["hide-input", "nbval-check-output"]
accuracy = rows("factorization").sort_values(["transform", "factors", "size"], ascending=[True, False, True])
page.table(
    tables.largest_errors(accuracy),
    caption="The factors are right up to rounding at every size; the largest relative error over the sizes 8 to 1024",
)

# %% tags=["hide-input"]
page.show(
    figures.by_size(accuracy[accuracy["method"] == baselines.OURS], "error", "relative error"),
    alt="Relative error of Algorithm 1 against the size n, both on logarithmic axes: left for two factors, right for all. All"
    " points lie below 10 to the power of minus 14. An error of zero is drawn at the lower edge.",
    caption="Relative errors of Algorithm 1. The Hadamard matrix is found without any rounding, at the lower edge; the others"
    " up to rounding, a little more when there are more factors.",
    provenance=page.provenance(kept["factorization"], profile="paper", data="fast transforms"),
)

# %% [markdown]
# ## What it costs, and what the factors save
#
# Algorithm 1 is not the fastest way to factors of these transforms: the libraries, which know butterflies, take less
# time.

# %% tags=["hide-input", "nbval-check-output"]
page.table(
    tables.over_baselines(accuracy),
    digits=2,
    caption="Our time over that of each library, at the largest size: above 1 ours is slower",
)

# %% [markdown]
# $q$ factors have $2 n \log_2 n$ entries in all, where the matrix has $n^2$. With a dense product by NumPy against $q$
# sparse ones by SciPy, in Python, the factors pay for the larger matrices only.

# %% tags=["hide-input"]
applied = rows("application")
page.show(
    figures.speed_figure(applied),
    alt="One panel for each number of vectors: dense time over time by factors, against the size n, on logarithmic axes, a line"
    " for each transform. A dotted line is the ratio of the numbers of entries, a full grey line is one.",
    caption="How many times faster the factors are applied than the dense matrix. Below the grey line they are slower. The"
    " dotted line is what the number of entries promises.",
    provenance=page.provenance(kept["application"], profile="paper", data="fast transforms, random vectors"),
)

# %% [markdown]
# ## Does the mask do the work?
#
# Yes: under the wrong support there is nothing to find. The cosine transform shows it. The paper's introduction counts it
# among the matrices that the butterfly model of {cite:t}`dao2019butterfly` has exactly. That model allows products of
# two, and the construction as a real part is another way, so what follows is no objection. Could the real matrix be *one*
# butterfly product, with its rows and columns in the right order? Its last factor must pair columns that are proportional
# on two halves of the rows. Columns $k$ and $n - 1 - k$ pair up. In the odd rows, where the remaining factors must work,
# no pair is left.

# %% tags=["hide-input", "nbval-check-output"]
structure = rows("structure").astype(int).set_index("size").sort_index()
page.table(
    structure[["cosine_pairs", "odd_pairs"]].set_axis(["in the matrix", "in its odd rows"], axis="columns"),
    caption="Pairs of columns of the cosine transform that a butterfly factor could have: none in the odd rows",
)

# %% [markdown]
# So from $n = 8$ on, for the sizes tried, the cosine transform is not one real butterfly product in any order. It has one
# exact butterfly factor, its last; the search for all of them is refused:

# %% tags=["hide-input", "nbval-check-output"]
C = dct2(16).matrix[:, folding(16)]
X, Y = complete(C, cut_supports(16, 3), tolerance=baselines.TOLERANCE).factors()
right = float(np.abs(X @ Y.T - C).max()) < baselines.TOLERANCE
print(f"last factor: {(Y != 0).sum(axis=0).max()} entries in a column, product right: {right}")
try:
    factorize(C, tolerance=baselines.TOLERANCE)
except ValueError as error:
    print(f"all factors: {str(error).split(':')[0]}")

# %% [markdown]
# (sparse-nb-errors)=
# ## What errors in the matrix do
#
# The paper warns that completing one entry after another may be unstable, and leaves stability open (Section 6). Where
# atoms are disjoint there is nothing to pass on: errors of the transforms grow little, and least squares on the same
# supports, a best rank-one approximation of each atom, makes the factors *better* than the matrix that they were found
# from.

# %% tags=["hide-input", "nbval-check-output"]
disturbed = rows("disturbed")
page.table(
    tables.amplifications(disturbed[disturbed["noise"] == disturbed["noise"].max()]).droplevel("noise"),
    digits=2,
    caption="Error of the product over error of the matrix, means over seeds: below 1 the factors are better",
)

# %% [markdown]
# In a chain of $2 \times 2$ atoms each waits for its neighbour, and errors grow with its length. Least squares is the
# best linear rule that is right without errors {cite:p}`plackett1950some`, so what is left there is in the
# problem, not a fault of the algorithm.

# %% tags=["hide-input", "nbval-check-output"]
page.table(
    tables.growth(rows("chain")),
    digits=2,
    caption="Decimal logarithm of the most by which errors can grow along a chain, to first order, means over seeds",
)

# %% [markdown]
# ## What could not be settled
#
# Whether completion becomes less stable with *every* added atom of a chain: the smallest step between the lengths tried
# is {claim}`sparse-section6-unstable measured`, with an interval of {claim}`sparse-section6-unstable interval`, so we
# cannot tell. Sine transforms and convolutions, which the paper also names, were {claim}`sparse-section1-dst`.
#
# ## Run it yourself
#
# The cell factorizes the transforms again, on one core. Libraries that are not installed are passed over; install them
# with `pip install '.[peers]'`.

# %%
again = plan.run(config, profile)

# %% tags=["hide-input"]
page.table(
    tables.largest_errors(rows("factorization", again)),
    caption="The largest relative errors, computed for this page",
)

# %% [markdown]
# `fourmasks run sparse/butterflies --profile paper` makes all of the above again:

# %% tags=["hide-input", "nbval-check-output"]
words = {
    "factorization": "factorizations",
    "application": "applying the factors",
    "structure": "cuts, and pairs of columns",
    "disturbed": "transforms with errors",
    "chain": "chains",
}
page.table(cost({said: kept[kind] for kind, said in words.items()}), caption="What the paper profile takes")

# %% [markdown]
# ## Details

# %% tags=["hide-input"]
page.show(
    figures.factors_figure([factor.toarray() for factor in found.factors]),
    alt="Four panels of size 16 by 16 with the sizes of the entries of the four factors. Each has two entries in every row"
    " and column, ever closer to the diagonal from the first to the last.",
    caption="The four factors of the Hadamard matrix of size 16, found from the dense matrix by three cuts.",
    provenance=page.provenance(kept["factorization"], profile="paper", data="Hadamard matrix, n = 16"),
    folded=True,
)
page.show(
    figures.by_size(accuracy, "cpu_seconds", "seconds"),
    alt="Seconds against the size n, both on logarithmic axes: left for two factors, right for all. Full lines are"
    " Algorithm 1, dashed and dotted ones the libraries. A table below holds the numbers.",
    caption="Time of the factorizations by size. A matrix of size n has n² entries, and a line of slope two is proportional to"
    " them.",
    provenance=page.provenance(kept["factorization"], profile="paper", data="fast transforms"),
    folded=True,
)

# %% tags=["hide-input", "nbval-check-output"]
cell = ["transform", "factors", "size"]
page.table(
    accuracy.pivot_table(index=cell, columns="method", values="cpu_seconds", sort=False),
    digits=4,
    caption="Seconds of one core for a factorization",
    best="lowest",
    along="rows",
    folded=True,
).show()
page.table(
    structure[["shared", "uncovered"]],
    caption="All cuts of a size: positions that several atoms share, and positions that no atom has",
    folded=True,
).show()
details = {
    "From which size on the factors are faster": tables.break_even(applied),
    "How many times faster the factors are than the dense product, by size": applied.pivot_table(
        index="size", columns=["transform", "vectors"], values="speedup", sort=False
    ),
    "Error of the product over error of the matrix, for all sizes of the errors": tables.amplifications(
        disturbed
    ),
}
for caption, frame in details.items():
    page.table(frame, digits=2, caption=caption, folded=True).show()
experiments = tuple(plan.EXPERIMENTS.values())
about = {claim.id for claim in load_claims("sparse") if claim.experiment in experiments}
page.verdicts(
    [row for row in ledger("sparse") if row["id"] in about],
    caption="All verdicts on fast transforms and on errors, with what they rest on",
    folded=True,
)
