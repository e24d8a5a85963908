# %% [markdown]
# # Which supports make the factors unique?
#
# The paper {cite:p}`sparse2021` proves when a sparse factorization $Z = X Y^{\top}$ is unique up to the order and the
# scaling of the columns. It leaves a question open, and it has no experiments. Here:
#
# 1. **Decisions.** What the code decides, and what proves an answer.
# 2. **Referees.** Every theorem against something that does not know it: linear systems, Gröbner bases, all factors
# over a small field.
# 3. **The gap.** Theorem 4.13 is necessary, Theorem 4.26 is sufficient. What lies between, how often, and the
# smallest examples.
# 4. **Corollary 5.12.** Against its definition; and how large a matrix may be for an exact Kruskal rank.
#
# The mask is the support, so the question of this book has an easy form here: *which* masks do the work? The
# statements are on the page [Theory](../../book/sparse/theory.md). Everything is exact; rows, columns and atoms count
# from 1.

# %% tags=["parameters"]
profile = "book"  # type: str  smoke, book or paper
sizes = None  # type: tuple[int, ...]  rows and columns in the phase diagrams, as "4,8", None for the profile's
ranks = None  # type: tuple[int, ...]  numbers of atoms there, None for the profile's
densities = None  # type: tuple[float, ...]  densities of the supports there, None for the profile's
laws = None  # type: str  laws of the random supports: entries, columns or both, None for the profile's
census = None  # type: str  sizes that are sorted completely, as "2x3x2,3x3x3", None for the profile's
limit = None  # type: float  seconds that an exact Kruskal rank may take, None for the profile's
seed = None  # type: int  of everything random, None for the profile's

# %% tags=["hide-input"]
import numpy as np
import pandas as pd
from matplotlib import pyplot

from fourmasks.claims.ledger import ledger, summary
from fourmasks.experiments.profiles import resolve
from fourmasks.pages import figures as page
from fourmasks.pages.tables import run_rows
from fourmasks.records.store import load_records, records_directory
from fourmasks.sparse.examples import pictures
from fourmasks.sparse.gap import plan as gap_plan
from fourmasks.sparse.gap.run import CLASSES, CONTRADICTIONS
from fourmasks.sparse.identifiability import corollary, statements
from fourmasks.sparse.identifiability import plan as referee_plan
from fourmasks.sparse.referees.jacobian import generic_identifiability
from fourmasks.sparse.referees.polynomial import unique_decomposition
from fourmasks.sparse.referees.solution_count import solutions_at_random
from fourmasks.sparse.supports.classes import supports_of
from fourmasks.sparse.supports.families import globally_sparse
from fourmasks.sparse.supports.pair import SupportPair
from fourmasks.sparse.supports.pairs import only
from fourmasks.sparse.theorems.closure import closable, sufficient_condition
from fourmasks.sparse.theorems.degeneration import non_degeneration
from fourmasks.sparse.theorems.kruskal import kruskal_rank
from fourmasks.sparse.theorems.necessary import generic_conditions, necessary_conditions
from fourmasks.sparse.theorems.right import unique_right_factor

page.begin("sparse/identifiability")
given = {"sizes": sizes, "ranks": ranks, "densities": densities, "laws": laws, "census": census}
gap_config = resolve(gap_plan.PROFILES, profile, **given, seed=seed)
referee_config = resolve(referee_plan.PROFILES, profile, seed=seed)
statement_config = resolve(statements.PROFILES, profile, seed=seed)
corollary_config = resolve(corollary.PROFILES, profile, limit=limit, seed=seed)


def kept(*experiments):
    """Return the committed records of the paper profile."""
    found = [r for name in experiments for r in load_records(name, records_directory(name, "paper"))]
    return [record for record in found if record.profile == "paper"]


# %% [markdown]
# (sparse-nb-decisions)=
# ## Decisions
#
# Every decision has three parts: the answer, the statement that gives it, and a witness. A *no* comes with a second
# solution. It can be checked without trusting any theorem.
#
# Two factors on crowded supports: all columns of $X$ may enter the first column of $Z$, but there are three of them,
# of length two.

# %% tags=["nbval-check-output"]
supports = SupportPair([[1, 1, 1], [1, 1, 1]], [[1, 1, 1], [1, 0, 0], [0, 1, 0]])
X, Y = np.array([[1, 2, 1], [3, 1, 1]]), np.array([[1, 1, 2], [4, 0, 0], [0, 3, 0]])
decision = necessary_conditions(X, Y, supports)
second = decision.witness.second
print(f"unique: {decision.holds}; {decision.why}")
print(f"non-degenerate: {non_degeneration(X, Y, only(supports)).holds}")
print("\nX and Y, and the second solution:\n")
print(pictures.matrices_text([X, Y, *second]))
print(f"\nthe same product: {bool((second[0] @ second[1].T == X @ Y.T).all())}")

# %% [markdown]
# With the left factor known, uniqueness is a matter of independent columns (Theorem 3.14, Proposition 3.16). Two
# entries may be anywhere in $Y$. Columns 1, 2 and 3 of $X$ are dependent, and the witness uses it:

# %% tags=["nbval-check-output"]
X, Y = [[1, 0, 1], [0, 1, 1]], [[0, 0, 1]]
decision = unique_right_factor(X, Y, globally_sparse((1, 3), 2))
print(f"unique: {decision.holds}; {decision.why}: {[str(v) for v in decision.witness.factor[0]]}")
found = kruskal_rank(X)
print(f"Kruskal rank {found.value}, dependent columns {[int(column) + 1 for column in found.dependent]}")

# %% [markdown]
# Where a criterion does not tell, the answer is neither yes nor no. Example 4.16 is not closable, so Theorem 4.26
# does not apply; but it is unique, as a Gröbner basis shows.

# %% tags=["nbval-check-output"]
squares = SupportPair([[1, 1], [1, 1]], [[1, 0], [1, 1], [0, 1]])
X, Y = [[1, 2], [3, 1]], [[1, 0], [2, 3], [0, 1]]
for name, decision in {
    "Theorem 4.26": sufficient_condition(X, Y, squares),
    "Theorem 4.13": necessary_conditions(X, Y, squares),
    "Gröbner basis": unique_decomposition(X, Y, only(squares)),
}.items():
    print(f"{name}: {decision.holds}; {decision.why}")

# %% [markdown]
# (sparse-nb-referees)=
# ## Referees
#
# Random instances, each decided twice: by the theorem, and by a referee that does not know it. A contradiction would
# be an error of the theorem, of the code, or of the referee. Where a statement of the paper had to be mended, its
# mended form is meant. The random laws are those of `fourmasks.sparse.supports.random_instances`.

# %%
found = referee_plan.run(referee_config, profile)

# %% tags=["hide-input", "nbval-check-output"]
REFEREED = {
    "fixed": ("4.13, 4.26", "rank of the Jacobian"),
    "algebra": ("4.11, 4.13, 4.26", "Gröbner bases"),
    "right": ("3.14 mended, 3.16, 3.17", "all linear systems"),
    "uniform": ("5.6, 5.8, 5.10, 5.12 mended", "single factors"),
    "families": ("2.15, 4.8, 4.9, 5.5", "all factors over a field"),
}


def refereed(records):
    """Return what was refereed, by what, how often, and the contradictions; a row for each kind of instance."""
    rows = {}
    for kind, said in REFEREED.items():
        runs = [r.metrics for r in records if r.experiment == referee_plan.EXPERIMENTS[kind]]
        rows[kind] = *said, *(int(sum(m[name] for m in runs)) for name in ("instances", "contradictions"))
    columns = ["statements", "referee", "instances", "contradictions"]
    return page.table(
        pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("kind"),
        caption="Random instances, each decided by the theorem and by a referee: how often they contradict each other",
    )


refereed(found)

# %% [markdown]
# With more instances, from the records of the `paper` profile:

# %% tags=["hide-input", "nbval-check-output"]
more = kept(*referee_plan.EXPERIMENTS.values())
refereed(more) if more else print("no records of the paper profile yet")

# %% [markdown]
# (sparse-nb-statements)=
# ## Statements, as printed
#
# The smaller statements one by one, *as the paper prints them*. Those that fail have a counterexample on the page
# [Misprints and open choices](../../book/misprints.md); the entries `mended`, `repeated` and `corrected` are what
# holds instead.

# %%
asked = statements.run(statement_config, profile)


# %% tags=["hide-input", "nbval-check-output"]
def answers(records):
    """Return how often each statement was asked and failed, in the paper's order, and say which ones failed."""
    rows = run_rows(records, statements.EXPERIMENT, ["statement"]).set_index("statement")
    table = rows.loc[list(statements.CHECKS), ["instances", "counterexamples"]].astype(int)
    failing = table.index[table["counterexamples"] > 0]
    print(f"{len(failing)} of {len(table)} statements have counterexamples: {', '.join(failing) or 'none'}.")
    return page.table(
        table, caption="Each statement as the paper prints it: instances tried, and counterexamples"
    )


answers(asked)

# %% [markdown]
# With more instances, from the records of the `paper` profile:

# %% tags=["nbval-check-output"]
more = kept(statements.EXPERIMENT)
if more:
    answers(more)
else:
    print("no records of the paper profile yet")

# %% [markdown]
# None of these failures touches a main theorem. Theorem 4.13 rests on Lemma K.1, but has a proof without it.

# %% [markdown]
# (sparse-nb-gap)=
# ## The gap
#
# Take a tuple of supports, and factors in general position on them. There are four cases.
#
# - **Closable**: Theorem 4.26 says that the factors are unique.
# - **Crowded**: Theorem 4.13 says that they are not.
# - **Gap, isolated**: neither theorem tells, and solutions are isolated. The referee is the rank of the Jacobian of
#   $(X, Y) \mapsto X Y^{\top}$ at a random point, modulo a large prime.
# - **Gap, moving**: neither tells, and there are curves of solutions.
#
# Isolated is not yet unique. There may be several solutions, finitely many. For tiny sizes a Gröbner basis counts
# them.

# %% [markdown]
# (sparse-nb-smallest)=
# ### All supports of a size
#
# First the supports of small products, one from each class under permutations of rows, columns and atoms, and
# transposition. All rows and columns are in some atom. `unique` and `several` split the isolated ones, as far as few
# enough entries are shared for a Gröbner basis; `most` is the largest number of solutions.

# %%
sorted_out = gap_plan.run(gap_config, profile)


# %% tags=["hide-input", "nbval-check-output"]
def of_census(records):
    """Return the records of the census, the smallest sizes first."""
    own = [r for r in records if r.experiment == gap_plan.CENSUS]
    return sorted(
        own, key=lambda r: (sum(r.parameters["shape"]), r.parameters["rank"], r.parameters["shape"])
    )


def census_table(records):
    """Return a row for each size: the classes of its supports, by phase."""
    rows = run_rows(of_census(records), gap_plan.CENSUS, ["shape", "rank"]).rename(columns={"rank": "atoms"})
    rows["rows"], rows["columns"] = rows["shape"].str[0], rows["shape"].str[1]
    names = ["classes", *CLASSES, "unique", "several", "most"]
    return page.table(
        rows.set_index(["rows", "columns", "atoms"]).reindex(columns=names).astype(int),
        caption="All supports of a size, up to permutation: how many are in the gap between the theorems",
    )


census_table(sorted_out)

# %% [markdown]
# The smallest of each kind in the gap:

# %% tags=["hide-input"]
words = {
    "unique": "unique, but not closable",
    "several": "several solutions, finitely many",
    "moving": "conditions of Theorem 4.13 hold, but a continuum of solutions",
}
smallest = {}
for name in words:
    with_one = [r for r in of_census(sorted_out) if f"{name}_rows" in r.curves]
    if with_one:
        sides = (with_one[0].curves[f"{name}_{side}"] for side in ("rows", "columns"))
        smallest[name] = supports_of(*sides, with_one[0].parameters["rank"])
for name, example in smallest.items():
    page.show(
        pictures.supports_figure(example),
        alt=f"Supports of the left factor, of the right factor and of their product, a grid of {example.shape[0]} by"
        f" {example.shape[1]} cells with {example.rank} atoms. The table below lists the rectangles.",
        caption=f"The smallest supports in the gap of this kind: {words[name]}. Stars are observable, question marks shared.",
        provenance=page.provenance(
            [r for r in sorted_out if r.experiment == gap_plan.CENSUS],
            profile=profile,
            data="all supports of small sizes",
        ),
    )

# %% tags=["hide-input", "nbval-check-output"]
for name, example in smallest.items():
    page.table(pictures.supports_table(example), caption=f"The smallest in the gap: {words[name]}").show()

# %% [markdown]
# The decisions on each of them, and the number of solutions at a random point:

# %% tags=["nbval-check-output"]
for name, example in smallest.items():
    solutions = solutions_at_random(example, seed=1)
    print(f"{words[name]}:")
    print(f"  Theorem 4.26: {closable(example).why}")
    print(f"  Theorem 4.13: holds for almost all factors: {generic_conditions(example).holds}")
    print(f"  Jacobian: {generic_identifiability(example).why}")
    print(f"  solutions: {'infinitely many' if solutions is None else solutions}")

# %% [markdown]
# (sparse-nb-three)=
# Each can be understood by hand.
#
# - **A row and a column that cross**, in a $2 \times 2$ matrix: the entry where they cross may be split between them
#   in any way, and each part stays of rank one. Theorem 4.13 does not notice. It fixes one factor and asks for the
#   other, and each of the two *is* told by the other.
# - **Two squares that share a column** are Example 4.16.
# - **Three squares on the pairs of three rows and columns.** Each off-diagonal entry is seen. In each square the two
#   diagonal entries have a known product; on each diagonal position two of them have a known sum. Going round the
#   triangle, an unknown $t$ becomes a fraction $(\alpha t + \beta) / (\gamma t + \delta)$ that has to be $t$ again: a
#   quadratic equation, with two solutions. So the Jacobian has full rank, and the factors are not unique.

# %% [markdown]
# (sparse-nb-phases)=
# ### Random supports: phase diagrams
#
# How wide is the gap? The supports of both factors are random. Law `entries`: each entry is there with a given
# probability, the *density*, independently of all others, and a column that comes out empty is drawn again. Law
# `columns`, in the `paper` profile: each column has the same number of entries, density times its length, in random
# places.


# %% tags=["hide-input"]
def phases(records):
    """Return a row for each cell: law, size, atoms, density, instances, shares of the phases, contradictions."""
    rows = run_rows(records, gap_plan.PHASES, ["law", "shape", "rank", "density"])
    rows = rows.rename(columns={"rank": "atoms"}).assign(size=rows["shape"].str[0])
    rows["contradictions"] = rows.reindex(columns=CONTRADICTIONS).sum(axis=1)
    cell = ["law", "size", "atoms", "density"]
    frame = rows.reindex(columns=[*cell, "instances", *CLASSES, "countable", "contradictions"])
    return frame.astype({"instances": int, "contradictions": int}).sort_values(cell, ignore_index=True)


TITLES = {
    "closable": "closable (Theorem 4.26)",
    "isolated": "gap: isolated solutions",
    "moving": "gap: solutions move",
    "crowded": "crowded (Theorem 4.13 fails)",
}


def phase_maps(frame):
    """Draw the share of each phase by density and number of atoms, for one law: a row of maps for each size."""
    sizes = sorted(frame["size"].unique())
    size = (11, 0.3 * frame["atoms"].nunique() * len(sizes) + 1.1 * len(sizes) + 0.8)
    figure, axes = pyplot.subplots(len(sizes), len(CLASSES), figsize=size, squeeze=False)
    for row, side in zip(axes, sizes, strict=True):
        part = frame[frame["size"] == side]
        for axis, phase in zip(row, CLASSES, strict=True):
            table = part.pivot_table(index="atoms", columns="density", values=phase)
            image = axis.imshow(table, vmin=0, vmax=1, aspect="auto", origin="lower")
            for (y, x), share in np.ndenumerate(table.to_numpy()):
                tone = "black" if share > 0.5 else "white"
                axis.text(x, y, f"{100 * share:.0f}", ha="center", va="center", fontsize=7, color=tone)
            axis.set_xticks(range(len(table.columns)), [f"{density:g}" for density in table.columns])
            axis.set_yticks(range(len(table.index)), table.index)
            axis.tick_params(labelsize=8, length=0)
            axis.grid(False)
        row[0].set_ylabel(f"{side} x {side}\natoms")
    for axis, phase in zip(axes[0], CLASSES, strict=True):
        axis.set_title(TITLES[phase], fontsize=11)
    for axis in axes[-1]:
        axis.set_xlabel("density")
    figure.colorbar(image, ax=axes, label="share of tuples", shrink=0.8)
    return figure


frame = phases(sorted_out)
for law, part in frame.groupby("law"):
    page.show(
        phase_maps(part),
        alt=f"Law {law}: rows of four maps, one row for each size. Colour and number give the share of random tuples that"
        " are closable, in the gap with isolated solutions, in the gap with moving solutions, and crowded, by density and"
        " number of atoms. The table below holds the shares in percent.",
        caption="Share of random supports in each phase, in percent. Going right in a row of a map, tuples leave the first map"
        " for the second, then for the third; many atoms of low density are crowded. The second map is where"
        " the sufficient theorem is silent though factors are locally unique.",
        provenance=page.provenance(
            [r for r in sorted_out if r.experiment == gap_plan.PHASES],
            profile=profile,
            data=f"random supports, law {law}",
        ),
    )

# %% tags=["hide-input", "nbval-check-output", "output_scroll"]
first = frame[frame["law"] == frame["law"].iloc[0]]
shares = first.pivot(index=["size", "atoms"], columns="density", values=list(CLASSES)).stack(0)
page.table(
    (100 * shares).round().astype(int).rename_axis(index=["size", "atoms", "phase"]),
    caption="Share of random supports in each phase (%), by density",
)


# %% tags=["hide-input", "nbval-check-output"]
def totals(frame):
    """Return the phases summed to numbers of tuples: a row for each law and size."""
    counts = frame[list(CLASSES)].mul(frame["instances"], axis=0).round().astype(int)
    cells = frame[["law", "size", "instances"]].join(counts).join(frame["contradictions"])
    return cells.groupby(["law", "size"]).sum()


def say_how_wide(frame):
    """Print how wide the gap is, on which side of it the Jacobian is, and what counting parameters explains."""
    sums = {"gap": "isolated + moving", "fixed": "closable + isolated", "free": "moving + crowded"}
    table = totals(frame).eval("\n".join(f"{name} = {terms}" for name, terms in sums.items()))
    for (law, size), n in table.iterrows():
        share, isolated = n.gap / n.instances, n.isolated / max(n.gap, 1)
        print(f"{law}, {size} x {size}: {n.gap} of {n.instances} tuples ({share:.0%}) are in the gap,")
        print(f"  {n.isolated} of them ({isolated:.0%}) with isolated solutions.")
        print(f"  Theorem 4.26 sees {n.closable} of {n.fixed} tuples with isolated solutions.")
        print(f"  Theorem 4.13 sees {n.crowded} of {n.free} tuples whose solutions move.")
    beyond = ((1 - frame["countable"]) * frame["instances"]).sum()
    print(
        f"Of {table['free'].sum()} tuples whose solutions move {beyond:.0f} have more parameters than entries"
    )
    print(f"  to explain; {table['moving'].sum()} keep the conditions of Theorem 4.13.")


say_how_wide(frame)

# %% [markdown]
# What bounds the closable region is easy to see: completion starts from observable entries, and dense supports have
# none. There the factors may still be determined, by equations that tie several atoms together at once, as in Example
# 4.16.
#
# The same from the `paper` profile: three sizes, two laws, more instances.

# %% tags=["hide-input"]
large = phases(kept(gap_plan.PHASES))
for law, part in large.groupby("law") if len(large) else ():
    page.show(
        phase_maps(part),
        alt=f"Law {law}, profile paper: rows of four maps for three sizes, as in the figure above. The sums are in the table"
        " below.",
        caption=f"The phases at more sizes and densities, law {law}. Compare the rows: how far the second map reaches.",
        provenance=page.provenance(
            kept(gap_plan.PHASES), profile="paper", data=f"random supports, law {law}"
        ),
    )
if not len(large):
    print("no records of the paper profile yet")

# %% tags=["hide-input", "nbval-check-output"]
if len(large):
    say_how_wide(large)
page.table(
    totals(large if len(large) else frame),
    caption="Random supports of each phase, counted over all densities",
)

# %% tags=["hide-input", "nbval-check-output"]
more = kept(gap_plan.CENSUS)
census_table(more) if more else print("no records of the paper profile yet")

# %% [markdown]
# (sparse-nb-corollary)=
# ## Corollary 5.12
#
# Uniform right identifiability: with this left factor *every* right factor in a family is unique. For families with
# few entries by row (i), by column (ii), both (iii) and in all (iv) the corollary asks for a Kruskal rank. Here all
# left factors of tiny sizes, up to order and scaling of their columns, all bounds and all right factors are tried,
# over the field of 5 elements.

# %%
checked = corollary.run(corollary_config, profile)

# %% tags=["hide-input", "nbval-check-output"]
LABELS = {"row": "(i) row", "column": "(ii) column", "both": "(iii) both", "global": "(iv) global"}


def by_part(records):
    """Return the counts of each part of the corollary, summed over the sizes."""
    rows = run_rows(records, corollary.EXPERIMENT, ["part", "rows", "columns", "height"])
    names = ["instances", "uniform", "printed", "printed_contradictions", "mended_contradictions"]
    return page.table(
        rows.groupby("part")[names].sum().astype(int).loc[list(LABELS)].rename(index=LABELS),
        caption="Corollary 5.12 by parts: instances, how many are unique, and contradictions as printed and as mended",
    )


by_part(checked)

# %% [markdown]
# Part (iv) fails as printed, for $s = 1$. Columns that are collinear do no harm to a factor with one entry: it can
# only move from one of them to another, and that is a permutation. Mended, and with the cases that the corollary
# leaves out, no contradiction is left.

# %% tags=["hide-input", "nbval-check-output"]
more = kept(corollary.EXPERIMENT)
by_part(more) if more else print("no records of the paper profile yet")

# %% [markdown]
# (sparse-nb-kruskal)=
# ### How large may the matrix be?
#
# In general nothing better is known than to try all sets of columns. Question `rank` asks for the Kruskal rank of a
# matrix with half as many rows as columns, the worst case. Questions `s = 2` and `s = 3` ask what the corollary
# needs: are all sets of $2s$ columns independent? The matrices are random integers; the arithmetic is exact, modulo a
# prime first. Seconds are of one core.

# %%
timed = [r for r in checked if r.experiment == corollary.TIMING]
large = kept(corollary.TIMING)
used, bar = (large, corollary.PROFILES["paper"].limit) if large else (timed, corollary_config.limit)

# %% tags=["hide-input"]
timings = run_rows(used, corollary.TIMING, ["question", "columns"]).sort_values(["question", "columns"])
figure, axis = pyplot.subplots(figsize=(7, 3.6))
lines = zip(timings.groupby("question"), page.PALETTE, "osD", strict=False)
for (question, part), colour, marker in lines:
    asks = (
        "Kruskal rank, half as many rows"
        if question == "rank"
        else f"every factor with {question} entries unique?"
    )
    axis.plot(part["columns"], part["cpu_seconds"], color=colour, marker=marker, label=asks)
axis.axhline(bar, color="#888888", linestyle="--", linewidth=1.2, marker="")
axis.set(xlabel="columns", ylabel="seconds", yscale="log")
axis.legend()
page.show(
    figure,
    alt="Seconds on a logarithmic axis against the number of columns, a line for each question; a dashed line is the limit."
    " The table below holds the numbers.",
    caption="Time of exact computations with Kruskal ranks. The first line grows exponentially, the others like powers of"
    " the number of columns. Compare where they cross the dashed limit.",
    provenance=page.provenance(used, profile=used[0].profile, data="random integer matrices"),
)

# %% tags=["hide-input"]
counts = timings.astype({"sets": int, "rank": int}).set_index(["question", "columns"])
page.table(
    counts[["sets", "rank", "cpu_seconds"]],
    digits=3,
    caption="What a Kruskal rank takes by the number of columns, on this machine",
)

# %% tags=["hide-input"]
print(f"Within {bar:g} s:")
for question in timings["question"].unique():
    within = [r for r in used if r.parameters["question"] == question and r.metrics["cpu_seconds"] <= bar]
    if within:
        last = max(within, key=lambda record: record.parameters["columns"])
        columns, seconds = corollary.following(last)
        reached = f"{last.parameters['columns']} columns in {last.metrics['cpu_seconds']:.3g} s"
        print(f"{question}: {reached}; {columns} would take about {seconds:.3g} s.")
    else:
        print(f"{question}: no size.")

# %% [markdown]
# ## Verdicts
#
# The paper's statements beside what was found, from the records of the `paper` profile.

# %% tags=["hide-input", "nbval-check-output", "output_scroll"]
elsewhere = ("Figure", "Example", "Algorithm", "Section 1", "Section 5.1")
mine = [row for row in ledger("sparse") if not row["place"].startswith(elsewhere)]
print(", ".join(f"{verdict}: {count}" for verdict, count in summary(mine).items()))
page.verdicts(mine)
