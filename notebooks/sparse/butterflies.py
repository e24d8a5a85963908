# %% [markdown]
# # Fast transforms, found by completion
#
# Why would one care for unique sparse factors? Because fast transforms are such products. The Hadamard matrix and the
# discrete Fourier transform of size $n = 2^q$ are products of $q$ *butterfly* factors with two entries in each row.
# The paper {cite:p}`sparse2021` names them as its application, and shows no computation. Here Algorithm 1 gets the
# dense matrix and the supports, and finds the factors.
#
# 1. **Cuts.** Where a butterfly product is cut in two, the atoms tile the matrix: the supports alone make the factors
# unique.
# 2. **Accuracy** of two factors, and of all $\log_2 n$, for Hadamard, Fourier (DFT) and cosine (DCT-II) transforms,
# $n = 8$ to 1024.
# 3. **Time**, beside two libraries where they are installed; and what applying the factors saves.
# 4. **Errors** in the matrix, which completion carries along.
#
# The control is the support itself: the last part of the second section asks whether the cosine transform has *any*
# order of rows and columns in which it is a butterfly product. Definitions are on the page
# [Theory](../../book/sparse/theory.md).

# %% tags=["parameters"]
profile = "book"  # type: str  smoke, book or paper
transforms = None  # type: str  hadamard, dft, dct2 or several, None for the profile's
sizes = None  # type: tuple[int, ...]  sizes n, powers of two, as "8,64,512", None for the profile's
vectors = None  # type: tuple[int, ...]  numbers of vectors that are transformed, None for the profile's
seeds = None  # type: int  number of seeds of errors and chains, None for the profile's

# %% tags=["hide-input"]
import numpy as np
from matplotlib import pyplot
from matplotlib.colors import to_rgb

from fourmasks.claims.files import load_claims
from fourmasks.claims.ledger import ledger, summary
from fourmasks.experiments.profiles import resolve
from fourmasks.pages import figures as page
from fourmasks.pages.tables import run_rows
from fourmasks.records.store import load_records, records_directory
from fourmasks.sparse.butterflies import baselines, plan, tables
from fourmasks.sparse.butterflies.butterfly import cut_supports, factorize
from fourmasks.sparse.butterflies.transforms import dct2, folding, hadamard
from fourmasks.sparse.completion.fast import complete
from fourmasks.sparse.examples.pictures import colour
from fourmasks.sparse.theorems.uniform import disjoint

page.begin("sparse/butterflies")
config = resolve(plan.PROFILES, profile, transforms=transforms, sizes=sizes, vectors=vectors, seeds=seeds)
absent = baselines.missing()
print(
    "all libraries are installed"
    if not absent
    else f"not installed: {', '.join(absent)}; {baselines.INSTALL}"
)

# %%
found = plan.run(config, profile)


def kept(kind):
    """Return the committed records of the paper profile."""
    name = plan.EXPERIMENTS[kind]
    return [r for r in load_records(name, records_directory(name, "paper")) if r.profile == "paper"]


def made(kind):
    """Return the live records of a kind of run."""
    return [record for record in found if record.experiment == plan.EXPERIMENTS[kind]]


# %% [markdown]
# (sparse-nb-cuts)=
# ## Cuts
#
# Cut a product of four butterfly factors, $n = 16$, in the middle: $X$ is the product of the first two, $Y^{\top}$
# that of the last two. Each atom, a column of $X$ times a row of $Y^{\top}$, has a rectangle of its own.

# %% tags=["hide-input"]
cut = cut_supports(16, 2)
tones = np.array([to_rgb(colour(atom)) for atom in cut.masks().argmax(axis=0).flat]).reshape(16, 16, 3)
figure, axes = pyplot.subplots(1, 3, figsize=(9.5, 3.3))
panels = {"X": cut.left, "Yᵀ": cut.right.T, "atoms of the product": tones}
for axis, (title, image) in zip(axes, panels.items(), strict=True):
    axis.imshow(image, cmap="Greys", vmin=0, vmax=1.3)
    axis.set(title=title, xticks=[], yticks=[])
    axis.grid(False)
page.show(
    figure,
    alt="Three panels of size 16 by 16: the support of X, diagonal stripes in four by four blocks; that of Y transposed,"
    " four square blocks on the diagonal; and the product, tiled without gaps by sixteen rectangles of four columns and"
    " every fourth row, one for each atom.",
    caption="A cut of a butterfly product of size 16. On the right neighbouring cells of one colour need not be one atom: six"
    " colours serve sixteen. What matters is that every cell has exactly one.",
    provenance=page.provenance(made("structure"), profile=profile, data="butterfly supports"),
)

# %% tags=["nbval-check-output"]
print(disjoint(cut).why)
print(f"atoms at each entry of the product: {sorted(set(cut.masks().sum(axis=0).ravel().tolist()))}")

# %% [markdown]
# Disjoint rank-one supports are closable (Corollary 4.27): every entry is observable, and nothing has to be
# completed. So the supports make the factors unique, for *every* product in which no column of a factor vanishes. For
# all cuts of several sizes: positions that several atoms share, and positions that none has.

# %% tags=["hide-input", "nbval-check-output"]
structure = run_rows(found, plan.EXPERIMENTS["structure"], ["size"]).astype(int).set_index("size")
page.table(
    structure[["shared", "uncovered"]],
    caption="Positions that several atoms share, and positions that no atom has: none of either",
)

# %% [markdown]
# The Hadamard matrix of size 16, cut in exact arithmetic, and then into all four factors:

# %% tags=["nbval-check-output"]
exact = complete(hadamard(16).matrix.astype(int), cut_supports(16, 2))
X, Y = exact.factors()
print(f"{exact.outcome}; X Yᵀ = H: {np.array_equal(X @ Y.T, hadamard(16).matrix)}")
print(f"entries of X: {sorted({str(value) for value in X.ravel()})}")
print(f"sizes of the contributions: {sorted({str(abs(v)) for v in exact.values})}")

# %% tags=["hide-input"]
factors = [
    factor.toarray() for factor in factorize(hadamard(16).matrix, tolerance=baselines.TOLERANCE).factors
]
figure, axes = pyplot.subplots(1, len(factors), figsize=(2.4 * len(factors), 2.8))
for number, (axis, factor) in enumerate(zip(axes, factors, strict=True), start=1):
    axis.imshow(np.abs(factor), cmap="cividis", vmin=0, vmax=np.abs(factors).max())
    axis.set(title=f"factor {number}", xticks=[], yticks=[])
    axis.grid(False)
page.show(
    figure,
    alt="Four panels of size 16 by 16 with the sizes of the entries of the four factors. Each has two entries in every row"
    " and column, ever closer to the diagonal from the first to the last.",
    caption="The four factors of the Hadamard matrix of size 16, found from the dense matrix by three cuts.",
    provenance=page.provenance(made("factorization"), profile=profile, data="Hadamard matrix, n = 16"),
)

# %% tags=["nbval-check-output"]
for number, factor in enumerate(factors, start=1):
    rows, columns = ((factor != 0).sum(axis=axis) for axis in (1, 0))
    print(
        f"factor {number}: {rows.min()} to {rows.max()} entries in a row, {columns.min()} to {columns.max()} in a column"
    )

# %% [markdown]
# (sparse-nb-transforms)=
# ## Accuracy
#
# Relative errors of the products of the factors found, in the Frobenius norm: two factors, and all. The DFT's columns
# are in bit-reversed order. The DCT-II is the real part of a butterfly product, a Fourier transform with turned rows.


# %% tags=["hide-input"]
STYLES = {
    "hadamard": {"color": page.PALETTE[0], "marker": "o"},
    "dft": {"color": page.PALETTE[1], "marker": "s"},
    "dct2": {"color": page.PALETTE[2], "marker": "D"},
}
LINES = {baselines.OURS: "-", "lazylinop": "--", "pyfaust": ":"}


def set_sizes(axis, sizes, title):
    """Label an axis of sizes n, both logarithmic."""
    axis.set(title=title, xlabel="n", xscale="log", yscale="log")
    axis.set_xticks(sorted(set(sizes)), sorted(set(sizes)), rotation=45)
    axis.minorticks_off()


def by_size(frame, metric, label):
    """Draw a metric of the factorizations against the size: left two factors, right all log2 n."""
    figure, axes = pyplot.subplots(1, 2, figsize=(9.5, 3.4), sharey=True)
    for axis, factors in zip(axes, ("two", "all"), strict=True):
        chosen = frame[frame["factors"] == factors]
        for (transform, method), part in chosen.groupby(["transform", "method"], sort=False):
            part = part.sort_values("size")
            values = np.maximum(part[metric], 1e-17)  # an error of zero is drawn there
            style = STYLES[transform] | {"linestyle": LINES[method]}
            axis.plot(part["size"], values, label=f"{transform}, {method}", **style)
        set_sizes(axis, frame["size"], f"{factors} factors")
    axes[0].set_ylabel(label)
    axes[0].legend(fontsize=9)
    return figure


what = ["transform", "size", "method", "factors"]
accuracy = run_rows(found, plan.EXPERIMENTS["factorization"], what)
page.show(
    by_size(accuracy, "error", "relative error"),
    alt="Relative error against the size n, both on logarithmic axes: left for two factors, right for all. All points lie"
    " below 10 to the power of minus 14. An error of zero is drawn at the lower edge.",
    caption="Relative errors. The Hadamard matrix is found without any rounding; the others up to rounding, a little more"
    " when there are more factors.",
    provenance=page.provenance(made("factorization"), profile=profile, data="fast transforms"),
)

# %% tags=["hide-input"]
ours = accuracy[accuracy["method"] == baselines.OURS]
errors = ours.pivot_table(index="size", columns=["transform", "factors"], values="error", sort=False)
page.table(
    errors.map(lambda error: f"{error:.0e}" if error else "0"),
    caption="Relative errors of the products of the factors that Algorithm 1 finds",
)

# %% tags=["nbval-check-output"]
print(f"{(accuracy['error'] < 1e-13).sum()} of {len(accuracy)} relative errors are below 1e-13.")

# %% [markdown]
# ### Is the cosine transform itself a butterfly product?
#
# The paper's introduction counts the cosine transform among the matrices that the butterfly model of
# {cite:t}`dao2019butterfly` has exactly. That model allows products of two, and the construction above as a real part is another way, so
# what follows is no objection. Could the real matrix be *one* butterfly product, if its rows and columns
# are put into the right order? The last factor must pair columns that are proportional on two halves of the rows. All
# pairs that could be are found, in the whole matrix and then in its odd rows, where the remaining factors must work.

# %% tags=["hide-input", "nbval-check-output"]
page.table(
    structure[["cosine_pairs", "odd_pairs"]],
    caption="Pairs of columns of the DCT that a last butterfly factor could have, in the matrix and in its odd rows",
)

# %% [markdown]
# The first step works: columns $k$ and $n - 1 - k$ pair up. In the odd rows no pair is left. From $n = 8$ on the
# cosine transform is not one real butterfly product in any order. It has one exact butterfly factor, its last:

# %% tags=["nbval-check-output"]
C = dct2(16).matrix[:, folding(16)]
X, Y = complete(C, cut_supports(16, 3), tolerance=baselines.TOLERANCE).factors()
print(
    f"error {round(float(np.abs(X @ Y.T - C).max()), 12) + 0}, entries of Y in a column: {(Y != 0).sum(axis=0).max()}"
)
try:
    factorize(C, tolerance=baselines.TOLERANCE)
except ValueError as error:
    print(str(error).split(":")[0])

# %% [markdown]
# ## Time
#
# Seconds of one core for the factorization. The libraries lazylinop and pyfaust {cite:p}`zheng2023efficient` know
# butterfly supports and take singular vectors of blocks. Algorithm 1 takes any supports.

# %% tags=["hide-input"]
page.show(
    by_size(accuracy, "cpu_seconds", "seconds"),
    alt="Seconds against the size n, both on logarithmic axes: left for two factors, right for all. Full lines are"
    " Algorithm 1, dashed and dotted ones the libraries where they are installed. The table below holds the numbers.",
    caption="Time of the factorizations. A matrix of size n has n² entries, and a line of slope two is proportional to them.",
    provenance=page.provenance(made("factorization"), profile=profile, data="fast transforms"),
)

# %% tags=["hide-input"]
cell = ["transform", "factors", "size"]
page.table(
    accuracy.pivot_table(index=cell, columns="method", values="cpu_seconds", sort=False),
    digits=4,
    caption="Seconds of one core for a factorization, on this machine",
    best="lowest",
    along="rows",
)

# %% [markdown]
# Against the libraries, where they were installed: our time over theirs, at the largest size; the records of the
# `paper` profile where there are any.

# %% tags=["hide-input"]
page.table(
    tables.over_baselines(run_rows(kept("factorization") or found, plan.EXPERIMENTS["factorization"], what)),
    digits=2,
    caption="Our time over that of each library, at the largest size: above 1 ours is slower",
)

# %% [markdown]
# ### What the factors save
#
# $q$ factors have $2n$ entries each, $2 n \log_2 n$ in all, where the matrix has $n^2$. Does that make the transform
# faster? Here a dense product by NumPy stands against $q$ sparse ones by SciPy, in Python.

# %% tags=["hide-input"]
applied = run_rows(found, plan.EXPERIMENTS["application"], ["transform", "size", "vectors"])
counts = sorted(applied["vectors"].unique())
size = (4.6 * len(counts), 3.4)
figure, axes = pyplot.subplots(1, len(counts), figsize=size, sharey=True, squeeze=False)
saved = applied.groupby("size")["entries_saved"].mean()
for axis, number in zip(axes[0], counts, strict=True):
    for transform, part in applied[applied["vectors"] == number].groupby("transform", sort=False):
        part = part.sort_values("size")
        axis.plot(part["size"], part["speedup"], label=transform, **STYLES[transform])
    axis.plot(saved.index, saved, color="#888888", linestyle=":", marker="", label="entries saved")
    axis.axhline(1, color="#888888", linewidth=1, marker="")
    set_sizes(axis, saved.index, f"{number} vector{'' if number == 1 else 's'}")
axes[0, 0].set_ylabel("dense time / time by factors")
axes[0, 0].legend(fontsize=9)
page.show(
    figure,
    alt="One panel for each number of vectors: dense time over time by factors, against the size n, on logarithmic axes, a line"
    " for each transform. A dotted line is the ratio of the numbers of entries, a full grey line is one.",
    caption="How many times faster the factors are applied than the dense matrix. Below the grey line they are slower. The"
    " dotted line is what the number of entries promises.",
    provenance=page.provenance(made("application"), profile=profile, data="fast transforms, random vectors"),
)

# %% tags=["hide-input", "nbval-check-output"]
page.table(
    applied.groupby("size")[["entries_saved"]].mean(),
    digits=2,
    caption="How many times fewer entries the factors have than the matrix",
)

# %% tags=["hide-input"]
columns = ["transform", "vectors"]
page.table(
    applied.pivot_table(index="size", columns=columns, values="speedup", sort=False),
    digits=2,
    caption="How many times faster the factors are than the dense product, on this machine",
)

# %% [markdown]
# From which size on the factors are faster, up to the largest; a dash where they are slower there. `speedup` is that
# of the largest size.

# %% tags=["hide-input"]
page.table(tables.break_even(applied), digits=2, caption="From which size on the factors are faster")

# %% tags=["nbval-check-output"]
print(f"largest relative difference of the results: {round(float(applied['difference'].max()), 13) + 0:g}")

# %% [markdown]
# (sparse-nb-errors)=
# ## Errors in the matrix
#
# The paper warns that completing one entry after another may be unstable, and leaves stability open (Section 6). Two
# measurements. First, errors are added to the transforms, and all factors are looked for. `completion` takes what
# Algorithm 1 gives; `least squares` refines each cut, which for disjoint atoms is a best rank-one approximation. The
# numbers are errors of the product over errors of the matrix: below 1, factors are *better* than the matrix that they
# were found from.


# %% tags=["hide-input", "nbval-check-output"]
def amplifications(records):
    """Return means over seeds, completion and least squares side by side."""
    cell = ["transform", "noise", "size"]
    rows = run_rows(records, plan.EXPERIMENTS["disturbed"], [*cell, "least_squares", "seed"])
    table = rows.pivot_table(index=cell, columns="least_squares", values="amplification", sort=False)
    return table.rename(columns={False: "completion", True: "least squares"}).rename_axis(columns="method")


AMPLIFIED = "Error of the product over error of the matrix, means over seeds: below 1 the factors are better"
page.table(amplifications(found), digits=2, caption=AMPLIFIED)

# %% [markdown]
# Second, a chain of $2 \times 2$ atoms, each of which waits for its neighbour. The numbers are decimal logarithms of
# the most by which errors of $Z$ can grow in the contributions, to first order; means over seeds.


# %% tags=["hide-input", "nbval-check-output"]
def growth(records):
    """Return means over seeds for each length of the chain."""
    rows = run_rows(records, plan.EXPERIMENTS["chain"], ["length", "seed"])
    return rows.groupby("length")[["log_completion", "log_least_squares"]].mean()


GROWN = "Decimal logarithm of the most by which errors can grow along a chain, means over seeds"
page.table(growth(found), digits=2, caption=GROWN)

# %% [markdown]
# Where atoms are disjoint there is nothing to pass on, and least squares averages errors out. Along a chain errors
# grow with its length. Least squares is the best linear rule that is right without errors {cite:p}`plackett1950some`,
# so what is left there is the conditioning of the factors, not a fault of the algorithm.
#
# From the records of the `paper` profile, more sizes and seeds:

# %% tags=["hide-input", "nbval-check-output"]
more = kept("disturbed"), kept("chain")
if all(more):
    page.table(amplifications(more[0]), digits=2, caption=AMPLIFIED).show()
    page.table(growth(more[1]), digits=2, caption=GROWN).show()
else:
    print("no records of the paper profile yet")

# %% [markdown]
# ## Verdicts
#
# The paper's statements on fast transforms and on errors beside ours, from the records of the `paper` profile.

# %% tags=["hide-input", "nbval-check-output", "output_scroll"]
experiments = tuple(plan.EXPERIMENTS.values())
about = {claim.id for claim in load_claims("sparse") if claim.experiment in experiments}
mine = [row for row in ledger("sparse") if row["id"] in about]
print(", ".join(f"{verdict}: {count}" for verdict, count in summary(mine).items()))
page.verdicts(mine)
