# %% [markdown]
# # The paper's examples and figures
#
# The paper {cite:p}`sparse2021` has no experiments. Its figures and examples can be computed exactly, and here they
# are:
#
# 1. **Examples 2.1 to 2.3, 3.5 and 3.13**: families of supports, and what becomes of them when columns are dropped or
# grouped.
# 2. **Figures 1 to 3**: what can be seen of overlapping supports, and how completion goes on from there.
# 3. **Figure 4 and Example 4.28**: Algorithm 1, step by step, in fractions.
# 4. **Example 4.16**: with letters in place of numbers.
#
# A matrix is written $Z = X Y^{\top}$. The supports of $X$ and $Y$ are the mask: they say which entries may be other
# than zero. The $i$-th columns of both make the $i$-th *atom*, a rank-one matrix on a rectangle. Rows, columns and
# atoms count from 1, as in the paper. The statements are on the page [Theory](../../book/sparse/theory.md).

# %% tags=["parameters"]
profile = "book"  # type: str  smoke, book or paper
bound = None  # type: int  Example 4.16: largest size of the integers tried, None for the profile's
chain = 4  # type: int  number of atoms of the chain that Algorithm 1 goes along
seed = 0  # type: int  of the numbers in that chain

# %% tags=["hide-input"]
import hashlib
import html

import numpy as np
import pandas as pd
import sympy
from IPython.display import display
from matplotlib import pyplot
from matplotlib.colors import to_rgb
from matplotlib.patches import Rectangle

from fourmasks.claims.ledger import ledger, summary
from fourmasks.experiments.profiles import resolve
from fourmasks.pages import figures as page
from fourmasks.records.store import load_records, records_directory
from fourmasks.sparse.completion.literal import stages
from fourmasks.sparse.completion.rank_one_masks import completable, completions, other_completion
from fourmasks.sparse.examples import pictures, plan
from fourmasks.sparse.examples import run as trials
from fourmasks.sparse.referees import symbolic
from fourmasks.sparse.referees.polynomial import unique_decomposition
from fourmasks.sparse.supports.instances import EXAMPLE_Z, example_supports, planted_factors, staircase
from fourmasks.sparse.supports.lifting import unlift
from fourmasks.sparse.supports.pair import SupportPair
from fourmasks.sparse.supports.pairs import only
from fourmasks.sparse.theorems.closure import closable, complete_across, complete_components, observable

page.begin("sparse/examples")
config = resolve(plan.PROFILES, profile, bound=bound)
found = plan.run(config, profile)


def provenance(*names):
    """Return the line for a figure from the records of some examples."""
    used = [record for record in found if record.parameters["example"] in names]
    return page.provenance(used, profile=profile, data="the paper's example")


def facts(*names, caption="What the experiment counted"):
    """Return what the experiment found of some examples: a row for each number."""
    metrics = {record.parameters["example"]: record.metrics for record in found}
    values = {
        (name, number): int(metrics[name][number]) for name in names for number in sorted(metrics[name])
    }
    return page.table(pd.Series(values, name="value").rename_axis(["example", "number"]), caption=caption)


# %% [markdown]
# (sparse-nb-families)=
# ## Examples 2.1 to 2.3: families of supports
#
# Supports with few entries in all (2.1), in each column or row (2.2), or in both (2.3). All three are *stable by
# permutation*: exchange columns, and you are still in the family. Here all maximal supports of size $3 \times 3$ are
# listed, for all bounds, and permuted. Butterfly factors have two entries in each row and column, sizes 2 to 64. One
# fixed pair of them is *not* stable, as the paper's footnote says.

# %% tags=["hide-input", "nbval-check-output"]
facts(
    "2.1",
    "2.2",
    "2.3",
    "2.3-butterfly",
    caption="All families of size 3 × 3 are stable by permutation: none is unstable",
)

# %% [markdown]
# (sparse-nb-signatures)=
# ## Examples 3.5 and 3.13: signatures and fingerprints
#
# With the left factor fixed, its zero columns are dropped, and its collinear columns are put together. For the
# supports of the right factor the first leaves a *signature*, the second a *fingerprint*. Of columns with at most $s$
# entries, the paper says, the signature is the same family on fewer columns, and the fingerprint on pairs has at most
# $2s$ entries in each column. Both by listing everything:

# %% tags=["hide-input", "nbval-check-output"]
facts("3.5", "3.13", caption="Signatures and fingerprints by listing everything: no counterexample")

# %% [markdown]
# (sparse-nb-figure-1)=
# ## Figure 1: what is observable
#
# Three rectangles in a $4 \times 4$ matrix. An entry that is in one rectangle only can be read off $Z$: it is
# *observable*. Where rectangles overlap, $Z$ shows a sum.

# %% tags=["hide-input"]
supports = example_supports()
page.show(
    pictures.supports_figure(supports),
    alt="Three grids of cells: the support of the left factor, of the right factor transposed, and of their product."
    " Cells carry the numbers of their atoms; in the product, a star marks an entry in one rectangle and a question mark"
    " an entry in several. The table below lists them.",
    caption="Figure 1. Each colour is an atom: a column on the left, a row in the middle, a rectangle on the right. Stars are"
    " observable, question marks are sums.",
    provenance=provenance("figure-1"),
)

# %% tags=["hide-input", "nbval-check-output"]
page.table(
    pictures.supports_table(supports),
    caption="Figure 1 in numbers: what each atom covers, alone and with others",
)

# %% tags=["hide-input", "nbval-check-output"]
facts("figure-1", caption="Figure 1: positions that are observable and shared")

# %% [markdown]
# Nine positions are observable, four are shared; so the rectangles are not disjoint. Still the tuple is *closable*:
# all entries can be found. What that means is shown in the next two figures.

# %% [markdown]
# (sparse-nb-figure-2)=
# ## Figure 2: completing one rank-one matrix
#
# A rank-one matrix without zeros, some entries of it known. Rows and columns are the vertices of a graph, known
# entries its edges. If the graph is connected, all other entries follow, and otherwise they do not (Proposition
# 4.18). The masks are ours.


# %% tags=["hide-input"]
def graph(axis, supports, atom, before, after):
    """Draw the bipartite graph of an atom: known edges full, new ones dashed, missing ones dotted."""
    rows, columns = supports.rectangle(atom)
    known = ("-", pictures.colour(atom), 2.0)
    for k in rows:
        for l in columns:  # noqa: E741
            style = known if before[k, l] else ("--", INK, 2.0) if after[k, l] else (":", "#BBBBBB", 1.4)
            line, tone, width = style
            axis.plot([0, 1], [k, l], linestyle=line, color=tone, linewidth=width, marker="", zorder=1)
    for place, lines, letter, shape in ((0, rows, "r", "o"), (1, columns, "c", "s")):
        axis.scatter([place] * len(lines), lines, s=330, marker=shape, color="white", edgecolor=INK, zorder=2)
        for line in lines:
            axis.text(place, line, f"{letter}{line + 1}", ha="center", va="center", fontsize=8, zorder=3)
    axis.set(xlim=(-0.25, 1.25), ylim=(max(supports.shape) - 0.5, -0.5))
    axis.set_axis_off()


INK = pictures.INK
masks = [np.array(mask, bool) for mask in trials.MASKS]
names = ["connected", "two parts"]
height = 0.62 * max(max(mask.shape) for mask in masks) + 0.8
figure, axes = pyplot.subplots(1, 2 * len(masks), figsize=(10, height))
for squares, lines, mask, name in zip(axes[::2], axes[1::2], masks, names, strict=True):
    for (row, column), known in np.ndenumerate(mask):
        pictures.paint(squares, row, column, [pictures.colour(1) if known else pictures.EMPTY])
        squares.text(column, row, "*" if known else "?", ha="center", va="center", color=INK)
    pictures.frame(squares, mask.shape)
    squares.set_title(name)
    graph(lines, SupportPair(*(np.ones((size, 1), bool) for size in mask.shape)), 0, mask, mask)
page.show(
    figure,
    alt="Two masks of size 4 by 4 with their bipartite graphs. The first, a staircase, has a path through all rows and"
    " columns. The second, two squares, has two parts without an edge between them.",
    caption="Figure 2. Full lines are known entries. On the left a path leads from every row to every column, on the right"
    " nothing ties the upper square to the lower one.",
    provenance=provenance("figure-2"),
)

# %% [markdown]
# On the right a second matrix agrees with every known entry: double the first two rows, halve the first two columns.

# %% tags=["nbval-check-output"]
matrix = sympy.Matrix([1, 2, 3, 4]) * sympy.Matrix([[1, 3, 2, 1]])
for mask, name in zip(masks, names, strict=True):
    print(f"{name}: {completable(mask).why}")
other = other_completion(matrix.tolist(), masks[1])
print(pictures.matrices_text([matrix.tolist(), other]))

# %% [markdown]
# How many completions are there? Over the field of 5 elements all of them can be counted.

# %% tags=["nbval-check-output"]
residues = np.outer([1, 2, 3, 4], [4, 1, 2, 3]) % 5
for mask, name in zip(masks, names, strict=True):
    print(f"{name}: {completions(residues, mask, 5)} of rank at most one over the field of 5 elements")

# %% [markdown]
# (sparse-nb-figure-3)=
# ## Figure 3: completion inside and across
#
# Each atom has such a graph; its edges are the observable entries. *Inside* a graph, connected parts are completed.
# *Across* graphs, an entry that is missing in one atom and known in all others that have it follows from $Z$.

# %% tags=["hide-input"]
start = observable(supports)
inside = complete_components(start)
across = complete_across(inside, supports)
steps = [("inside", start, inside), ("across", inside, across)]
size = (2.3 * supports.rank + 0.4, 0.62 * max(supports.shape) * len(steps) + 0.8)
figure, axes = pyplot.subplots(len(steps), supports.rank, figsize=size)
for row, (name, before, after) in zip(axes, steps, strict=True):
    for atom, axis in enumerate(row):
        graph(axis, supports, atom, before[atom], after[atom])
        axis.set_title(f"atom {atom + 1}")
    middle = sum(row[0].get_ylim()) / 2
    row[0].text(-0.45, middle, name, rotation=90, ha="center", va="center", fontsize=11)
    row[0].set_xlim(-0.6, 1.25)
page.show(
    figure,
    alt="Two rows of three bipartite graphs, one column for each atom. Full lines are known entries, dashed ones are added"
    " in this step, dotted ones are missing. The table below lists the edges.",
    caption="Figure 3. Dashed edges are new: first those that complete a connected part, then those that only one atom"
    " lacked.",
    provenance=provenance("figure-3"),
)

# %% tags=["hide-input", "nbval-check-output"]
rows = {}
for step, before, after in steps:
    for atom, mask in enumerate(supports.masks()):
        added, missing = (np.argwhere(edges) for edges in (after[atom] & ~before[atom], mask & ~after[atom]))
        rows[step, atom + 1] = int(before[atom].sum()), pictures.cells(added), pictures.cells(missing)
edges = pd.DataFrame.from_dict(rows, orient="index", columns=["edges", "added", "missing"])
page.table(
    edges.set_axis(pd.MultiIndex.from_tuples(rows, names=["step", "atom"])),
    caption="Figure 3 in numbers: edges known before each step, added by it, and still missing",
)

# %% [markdown]
# The edges added across are those of the paper's caption: (2, 2) in the first graph and (3, 3) in the second.
# Repeated until nothing changes, the two operations add every edge: the tuple is closable.

# %% tags=["nbval-check-output"]
print(closable(supports).why)
for name, edges in closable(supports).witness.stages:
    print(f"{name}: {int(edges.sum())} of {int(supports.masks().sum())} entries")

# %% [markdown]
# (sparse-nb-figure-4)=
# ## Figure 4: Algorithm 1, step by step
#
# The same with numbers, on the matrix of Example 4.28. Go through the six stages with the buttons, or with the arrow
# keys once a button is chosen.


# %% tags=["hide-input"]
def contribution(axis, supports, stage, before, atom):
    """Draw what a stage knows of a contribution: numbers, new ones framed, ? for missing ones."""
    mask, known = supports.masks()[atom], stage.known[atom]
    strength = np.where(known, 0.45, 0.15)[..., None]
    full = 1 - strength * (1 - np.array(to_rgb(pictures.colour(atom))))
    axis.imshow(np.where(mask[..., None], full, to_rgb(pictures.EMPTY)))
    axis.hlines(np.arange(1, len(mask)) - 0.5, -0.5, mask.shape[1] - 0.5, color="white", linewidth=1.5)
    axis.vlines(np.arange(1, mask.shape[1]) - 0.5, -0.5, len(mask) - 0.5, color="white", linewidth=1.5)
    for row, column in np.argwhere(mask):
        text = str(stage.C[atom, row, column]) if known[row, column] else "?"
        axis.text(column, row, text, ha="center", va="center", fontsize=10, color=INK)
    for row, column in np.argwhere(mask & known & ~before[atom]):
        corner = column - 0.44, row - 0.44
        axis.add_patch(Rectangle(corner, 0.88, 0.88, fill=False, edgecolor=INK, linewidth=1.8))
    pictures.frame(axis, supports.shape)


def stages_figure(supports, run, which, graphs=False):
    """Draw the contributions at stages of a run of Algorithm 1, a row of panels each; graphs under each."""
    per, (m, n) = 2 if graphs else 1, supports.shape
    width, height = 0.62 * n * supports.rank + 1.2, (0.62 * max(m, n) + 0.35) * per * len(which) + 0.4
    # Fixed margins: a layout that is computed takes seconds for so many panels, and all steps are to agree.
    margins = {
        "left": 0.6 / width,
        "right": 1 - 0.1 / width,
        "bottom": 0.35 / height,
        "top": 1 - 0.4 / height,
    }
    figure, axes = pyplot.subplots(
        per * len(which), supports.rank, figsize=(width, height), squeeze=False, layout="none",
        gridspec_kw=margins | {"wspace": 0.12, "hspace": 0.18},
    )  # fmt: skip
    for turn, number in enumerate(which):
        stage, before = run[number], run[max(number - 1, 0)].known
        for atom, mask in enumerate(supports.masks()):
            contribution(axes[per * turn, atom], supports, stage, before, atom)
            if graphs:
                edges = before[atom] & mask, stage.known[atom] & mask
                graph(axes[per * turn + 1, atom], supports, atom, *edges)
        axes[per * turn, 0].set_ylabel(stage.name, fontsize=11)
    for atom, axis in enumerate(axes[0]):
        axis.set_title(f"contribution {atom + 1}")
    return figure


def in_words(run, number):
    """Return what a stage shows, for a reader who cannot see its figure."""
    stage, before = run[number], run[max(number - 1, 0)].known
    parts = [f"Stage {number + 1}, {stage.name}."]
    for atom, known in enumerate(stage.known):
        fresh = np.argwhere(known & ~before[atom])
        values = ", ".join(f"{pictures.cells([place])} is {stage.C[(atom, *place)]}" for place in fresh)
        left = pictures.cells(np.argwhere(~known))
        parts.append(f"Contribution {atom + 1}: {values or 'nothing new'}; missing: {left}.")
    return " ".join(parts)


def style(name, count):
    """Return the rules: all pictures in one place, the chosen one visible; the last button plays them."""
    here, seconds = f"#{name}", 1.6  # for each picture
    shown = f"{here}>input:nth-of-type({{}}):checked~.steps>"
    chosen = "".join(f"{shown.format(k)}:nth-child({k}){{visibility:visible}}" for k in range(1, count + 1))
    playing = shown.format(count + 1)
    delays = "".join(
        f"{playing}:nth-child({k}){{animation-delay:{(k - 1) * seconds:g}s}}" for k in range(1, count + 1)
    )
    return (
        f"{here}>input{{position:absolute;opacity:0}}"
        f"{here}>label{{display:inline-block;margin:0 .3em .4em 0;padding:.1em .6em;cursor:pointer;"
        "border:1px solid currentColor;border-radius:.25em}"
        f"{here}>input:checked+label{{font-weight:700;box-shadow:inset 0 -.25em 0 currentColor}}"
        f"{here}>input:focus-visible+label{{outline:2px solid currentColor;outline-offset:2px}}"
        f"{here}>.steps{{display:grid}}{here}>.steps>*{{grid-area:1/1;visibility:hidden}}{chosen}"
        f"{playing}*{{animation:{name} {count * seconds:g}s step-end infinite}}{delays}"
        f"@keyframes {name}{{0%{{visibility:visible}}{100 / count:.4f}%{{visibility:hidden}}"
        "100%{visibility:hidden}}"
    )


def show_steps(run, supports, graphs, caption, provenance):
    """Display the stages as pictures that radio buttons choose, without a script; the last button plays them.

    The buttons themselves are invisible, a bar on its label shows which is chosen: a button could otherwise
    stand on another line than its label. Where a viewer drops style sheets all pictures are seen.
    """
    images = []
    for number in range(len(run)):
        figure = stages_figure(supports, run, [number], graphs)
        images.append(page.element(figure, in_words(run, number), crop=False))  # all of one size
        pyplot.close(figure)
    name = "fm-" + hashlib.sha256("".join((*images, caption)).encode()).hexdigest()[:10]
    buttons = [*(f"{number}. {stage.name}" for number, stage in enumerate(run, start=1)), "play"]
    inputs = "".join(
        f'<input type="radio" name="{name}" id="{name}-{number}"{" checked" if number == 1 else ""}>'
        f'<label for="{name}-{number}">{html.escape(text)}</label>'
        for number, text in enumerate(buttons, start=1)
    )
    text = (
        f'<figure class="fm-figure" id="{name}"><style>{style(name, len(images))}</style>{inputs}'
        f'<div class="steps fm-plot" tabindex="0">{"".join(images)}</div><figcaption>{html.escape(caption)}'
        f"{page.below(provenance)}</figcaption></figure>"
    )
    display({"text/html": text, "text/plain": caption}, raw=True)


run = list(stages(EXAMPLE_Z, supports))
show_steps(
    run,
    supports,
    graphs=True,
    caption="Figure 4, one stage at a time. Above, the three contributions: a question mark is missing, a frame is new. Below,"
    " their graphs: a dashed edge is new.",
    provenance=provenance("figure-4", "4.28"),
)

# %% [markdown]
# And all six at once. In the table under the figure a place has three numbers: contribution, row and column.

# %% tags=["hide-input"]
page.show(
    stages_figure(supports, run, range(len(run))),
    alt="Six rows of three grids, one row for each stage of Algorithm 1, one column for each contribution. Question marks"
    " become numbers from row to row. The table below lists what each stage finds.",
    caption="Figure 4. From top to bottom: initialization, observable entries, then inside and across in turn. After the"
    " last stage nothing is missing.",
    provenance=provenance("figure-4", "4.28"),
)


# %% tags=["hide-input", "nbval-check-output"]
def stage_table(run):
    """Return what each stage finds, with the values, and how many entries are missing after it."""
    rows = {}
    for number, stage in enumerate(run):
        fresh = np.argwhere(stage.known & ~run[number - 1].known) if number else ()
        values = ", ".join(f"{pictures.cells([place])} = {stage.C[tuple(place)]}" for place in fresh)
        rows[f"{number + 1} {stage.name}"] = values or pictures.NOTHING, int((~stage.known).sum())
    table = pd.DataFrame.from_dict(rows, orient="index", columns=["found", "missing"]).rename_axis("stage")
    return page.table(table, caption="What each stage finds, and how many entries are missing after it")


stage_table(run)

# %% [markdown]
# (sparse-nb-example-4-28)=
# ## Example 4.28: the decomposition
#
# $Z$, and the three contributions that Algorithm 1 finds, in exact numbers. They are all non-zero on their
# rectangles, so that Theorem 4.26 says: there is no other decomposition. A Gröbner basis of the equations of all
# decompositions, over the complex numbers, says the same without the theorem.

# %% tags=["nbval-check-output"]
C = run[-1].C
print(pictures.matrices_text([EXAMPLE_Z]), "\n\n=\n")
print(pictures.matrices_text(C))
X, Y = unlift(C)
print("\nX and Y, the first entry of each column of X being 1:\n")
print(pictures.matrices_text([X, Y]))
print(f"\n{closable(supports).why}; {unique_decomposition(X, Y, only(supports)).why}")

# %% tags=["hide-input", "nbval-check-output"]
facts("figure-2", "figure-3", "figure-4", "4.28", caption="The figures and Example 4.28, counted")

# %% [markdown]
# ### A chain
#
# How long can the way be? Squares of size 2 in a chain, each overlapping the next in a corner. Only the first and the
# last atom show three entries. The others wait for a neighbour.

# %% tags=["hide-input"]
links = staircase(chain, 2, 1)
A, B = planted_factors(links, np.random.default_rng(seed), "integer")
along = list(stages(A @ B.T, links))
show_steps(
    along,
    links,
    graphs=False,
    caption="A chain of squares. Completion starts at both ends and meets in the middle: one step inside an atom, one"
    " across to its neighbour.",
    provenance=provenance("figure-4"),
)

# %% tags=["hide-input", "nbval-check-output"]
stage_table(along)

# %% [markdown]
# (sparse-nb-example-4-16)=
# ## Example 4.16: with letters
#
# Two squares side by side that share their middle column. The contributions have letters for entries:

# %% tags=["nbval-check-output"]
solved = symbolic.example()
print(pictures.matrices_text([part.tolist() for part in solved.contributions]))

# %% [markdown]
# Take any other decomposition of the sum. Its outer columns are those of $Z$. Call the inner column of its first
# matrix $(p, q)$; that of the second is what is left of $Z$. Both matrices have rank one: two $2 \times 2$ minors
# vanish. Since the outer columns are not zero, that is all there is to ask, and both equations are linear in $p$ and
# $q$:

# %% tags=["nbval-check-output"]
for equation in solved.equations:
    print(f"{equation} = 0")
print(f"determinant: {solved.determinant}")
print(f"p = a x, q = b x solves them: {solved.holds_at_the_given()}")

# %% [markdown]
# So if $ad - bc \ne 0$, that is if $(a, b)$ and $(c, d)$ are independent, there is one solution, the given one. If
# not, then $(c, d) = \lambda (a, b)$, and a whole line solves them:

# %% tags=["nbval-check-output"]
print(f"p = {solved.line[0]}, q = {solved.line[1]}, any t, solves them: {solved.line_solves()}")

# %% [markdown]
# That is the example's equivalence, proved by the computer. The middle column is not observable in either square, so
# that the tuple is *not* closable: Theorem 4.26 is silent, Theorem 4.13 decides. As a check on both, all small
# integers in place of the letters: `mismatches` counts the cases in which independence, the conditions of Theorem
# 4.13, and uniqueness by a Gröbner basis are not all the same.

# %% tags=["hide-input", "nbval-check-output"]
print(closable(symbolic.example_supports()).why)
facts("4.16", caption="Example 4.16 for all small integers: no case in which the three answers differ")

# %% [markdown]
# ## Verdicts
#
# Figures and examples beside ours, from the records of the `paper` profile, where Example 4.16 runs through more
# integers.

# %% tags=["nbval-check-output"]
kept = load_records(plan.EXPERIMENT, records_directory(plan.EXPERIMENT, "paper"))
kept = [record for record in kept if record.profile == "paper"]
print(f"{len(kept)} records of the paper profile" if kept else "no records of the paper profile yet")

# %% tags=["hide-input", "nbval-check-output", "output_scroll"]
mine = [row for row in ledger("sparse") if row["place"].startswith(("Figure", "Example"))]
print(", ".join(f"{verdict}: {count}" for verdict, count in summary(mine).items()))
page.verdicts(mine)
