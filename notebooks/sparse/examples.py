# %% [markdown]
# # The paper's examples and figures
#
# The paper {cite:p}`sparse2021` has no experiments. It has worked examples and figures, and these can be computed
# exactly. They come out as printed: what may be seen of overlapping supports (Figure 1,
# {claim}`sparse-figure1`), how completion goes on from there (Figure 3, {claim}`sparse-figure3`), and the steps of
# Algorithm 1 (Figure 4, {claim}`sparse-figure4`). Its result in Example 4.28 is the only decomposition, as a Gröbner
# basis finds without the theorem ({claim}`sparse-example428`). There is no chance in any of it, so we are as sure as
# exact arithmetic is. One letter of Example 4.16 is a {ref}`misprint <misprints-sparse>`.
#
# ```{claims}
# sparse-figure1-closable
# sparse-figure3
# sparse-figure4
# sparse-example428
# sparse-example416-letters
# ```
#
# A matrix is written $Z = X Y^{\top}$. The supports of $X$ and $Y$ are the mask: they say which entries may be other
# than zero. The $i$-th columns of both make the $i$-th *atom*, a rank-one matrix on a rectangle. Rows, columns and
# atoms count from 1, as in the paper. The statements are on the page [Theory](../../book/sparse/theory.md).

# %% tags=["parameters", "hide-input"]
profile = "book"  # type: str  smoke, book or paper
bound = None  # type: int  Example 4.16: largest size of the integers tried, None for the profile's
chain = 4  # type: int  number of atoms of the chain that Algorithm 1 goes along
seed = 0  # type: int  of the numbers in that chain

# %% tags=["hide-input"]
import numpy as np
import sympy

from fourmasks.claims.ledger import ledger
from fourmasks.experiments.profiles import resolve
from fourmasks.pages import figures as page
from fourmasks.pages.tables import cost
from fourmasks.records.store import book_records
from fourmasks.sparse.completion.fast import complete
from fourmasks.sparse.completion.literal import stages
from fourmasks.sparse.completion.rank_one_masks import completable, completions, other_completion
from fourmasks.sparse.examples import figures, pictures, plan, tables
from fourmasks.sparse.examples import run as trials
from fourmasks.sparse.examples.steps import show_steps
from fourmasks.sparse.referees import symbolic
from fourmasks.sparse.referees.polynomial import unique_decomposition
from fourmasks.sparse.supports.instances import EXAMPLE_Z, example_supports, planted_factors, staircase
from fourmasks.sparse.supports.lifting import unlift
from fourmasks.sparse.supports.pairs import only
from fourmasks.sparse.theorems.closure import closable, complete_across, complete_components, observable

page.begin("sparse/examples")
config = resolve(plan.PROFILES, profile, bound=bound)
kept = book_records(plan.EXPERIMENT)
verdicts = [row for row in ledger("sparse") if row["place"].startswith(("Figure", "Example", "Algorithm"))]


def provenance(*names):
    """Return the line for a figure from the records of some examples."""
    used = [record for record in kept if record.parameters["example"] in names]
    return page.provenance(used, profile="paper", data="the paper's example")


# %% [markdown]
# ## The method in code
#
# Algorithm 1 gets a matrix and the supports, and finds the factors, here those of Example 4.28:

# %% tags=["nbval-check-output"]
supports = example_supports()
found = complete(EXAMPLE_Z, supports)
X, Y = found.factors()
same = np.array_equal(X @ Y.T, EXAMPLE_Z)
print(f"{found.outcome}; X Yᵀ = Z: {same}")

# %% [markdown]
# (sparse-nb-figure-1)=
# ## Figure 1: what is observable
#
# Three rectangles in a $4 \times 4$ matrix. An entry that is in one rectangle only can be read off $Z$: it is
# *observable*. Where rectangles overlap, $Z$ shows a sum. Nine positions are observable, four are shared. Still the
# tuple is *closable*: all entries can be found.

# %% tags=["hide-input"]
page.show(
    pictures.supports_figure(supports),
    alt="Three grids of cells: the support of the left factor, of the right factor transposed, and of their product."
    " Cells carry the numbers of their atoms; in the product, a star marks an entry in one rectangle and a question mark"
    " an entry in several. A table under Details lists them.",
    caption="Figure 1. Each colour is an atom: a column on the left, a row in the middle, a rectangle on the right. Stars are"
    " observable, question marks are sums.",
    provenance=provenance("figure-1"),
)

# %% [markdown]
# (sparse-nb-figure-3)=
# ## Figure 3: completion inside and across
#
# Each atom has a graph of its rows and columns, whose edges are its observable entries. *Inside* a graph, connected
# parts are completed. *Across* graphs, an entry that is missing in one atom and known in all others that have it
# follows from $Z$. The edges added across are those of the paper's caption, (2, 2) in the first graph and (3, 3) in
# the second. Repeated until nothing changes, the two operations add every edge.

# %% tags=["hide-input"]
start = observable(supports)
inside = complete_components(start)
across = complete_across(inside, supports)
steps = [("inside", start, inside), ("across", inside, across)]
page.show(
    figures.completion_figure(supports, steps),
    alt="Two rows of three bipartite graphs, one column for each atom. Full lines are known entries, dashed ones are added"
    " in this step, dotted ones are missing. A table under Details lists the edges.",
    caption="Figure 3. Dashed edges are new: first those that complete a connected part, then those that only one atom"
    " lacked.",
    provenance=provenance("figure-3"),
)

# %% [markdown]
# (sparse-nb-figure-4)=
# ## Figure 4: Algorithm 1, step by step
#
# The same with numbers, on the matrix of Example 4.28. Go through the six stages with the buttons, or with the arrow
# keys once a button is chosen.

# %% tags=["hide-input"]
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
# (sparse-nb-example-4-28)=
# ## Example 4.28: the decomposition
#
# $Z$, the three contributions that Algorithm 1 finds, and the factors, in exact numbers. No contribution has a zero in
# its rectangle, so Theorem 4.26 says that there is no other decomposition. A Gröbner basis of the equations of all
# decompositions, over the complex numbers, says the same without the theorem.

# %% tags=["hide-input", "nbval-check-output"]
C = run[-1].C
X, Y = unlift(C)
print(pictures.matrices_text([EXAMPLE_Z]), "\n\n=\n")
print(pictures.matrices_text(C))
print("\nX and Y, the first entry of each column of X being 1:\n")
print(pictures.matrices_text([X, Y]))
print(f"\nTheorem 4.26: {closable(supports).why}")
print(f"Gröbner basis: {unique_decomposition(X, Y, only(supports)).why}")

# %% [markdown]
# (sparse-nb-example-4-16)=
# ## Example 4.16: with letters
#
# Two squares side by side share their middle column. The tuple is *not* closable, so Theorem 4.26 is silent, and yet
# the factors are unique, exactly if $ad - bc \ne 0$. The computer proves it. Take any other decomposition. Its outer
# columns are those of $Z$. Call the inner column of its first matrix $(p, q)$; that of the second is what is left of
# $Z$. Both have rank one, so two $2 \times 2$ minors vanish, and both equations are linear in $p$ and $q$:

# %% tags=["hide-input", "nbval-check-output"]
solved = symbolic.example()
print(pictures.matrices_text([part.tolist() for part in solved.contributions]), "\n")
for equation in solved.equations:
    print(f"{equation} = 0")
print(f"\ndeterminant: {solved.determinant}")
print(f"p = a x, q = b x solves them: {solved.holds_at_the_given()}")
print(
    f"if (c, d) = λ (a, b), then p = {solved.line[0]}, q = {solved.line[1]}, any t, does: {solved.line_solves()}"
)

# %% [markdown]
# So if $(a, b)$ and $(c, d)$ are independent there is one solution, the given one. If not, then $(c, d) = \lambda
# (a, b)$, and a whole line solves them. The same with all small integers in place of the letters is in the next table.
#
# (sparse-nb-families)=
# (sparse-nb-signatures)=
# ## All figures and examples
#
# Examples 2.1 to 2.3 name families of supports: few entries in all, in each column or row, or in both. They are
# *stable by permutation*: exchange columns, and you are still in the family. One fixed pair of supports is not, as the
# paper's footnote says. Examples 3.5 and 3.13 say what becomes of a family when the left factor is fixed, and its zero
# columns are dropped (a *signature*) or its collinear columns are put together (a *fingerprint*). All were checked by
# listing everything.

# %% tags=["hide-input", "nbval-check-output"]
WORDS = {
    "sparse-example21": "families with few entries in all that are not stable by permutation",
    "sparse-example22": "families with few entries by column or row that are not",
    "sparse-example23": "regular families that are not",
    "sparse-example23-fixed": "one fixed pair of butterfly supports: 1 if it is not",
    "sparse-example35": "signatures other than the paper says",
    "sparse-example313": "fingerprints other than the paper says",
    "sparse-figure1": "entries with another mark than the caption gives them",
    "sparse-figure1-closable": "1 if the supports are closable",
    "sparse-figure2-connected": "completions of a connected mask",
    "sparse-figure2-parted": "masks on which the count contradicts Proposition 4.18",
    "sparse-figure3": "edges added across other than in the caption",
    "sparse-figure4": "1 if the stages come in the figure's order",
    "sparse-algorithm1": "entries missing after the last stage",
    "sparse-example416-letters": "1 if the determinant is ad − bc",
    "sparse-example416-line": "1 if a line of solutions is there without independence",
    "sparse-example416-numbers": "integers on which independence, Theorem 4.13 and a Gröbner basis differ",
    "sparse-example428": "1 if the decomposition is the only one",
    "sparse-example428-nonzero": "zeros within the rectangles",
}
page.table(
    tables.beside(verdicts, WORDS),
    caption="Every figure and example comes out as the paper says",
)

# %% [markdown]
# (sparse-nb-figure-2)=
# ## Does the mask do the work? (Figure 2)
#
# Yes: the same numbers under another mask are not told. Take a rank-one matrix without zeros and show some of its
# entries. Rows and columns are the vertices of a graph, known entries its edges. If the graph is connected, all other
# entries follow, and otherwise they do not (Proposition 4.18). The masks are ours; both show almost the same number of
# entries.

# %% tags=["hide-input"]
masks = [np.array(mask, bool) for mask in trials.MASKS]
names = ["connected", "two parts"]
page.show(
    figures.masks_figure(masks, names),
    alt="Two masks of size 4 by 4 with their bipartite graphs. The first, a staircase, has a path through all rows and"
    " columns. The second, two squares, has two parts without an edge between them.",
    caption="Figure 2. Full lines are known entries. On the left a path leads from every row to every column, on the right"
    " nothing ties the upper square to the lower one.",
    provenance=provenance("figure-2"),
)

# %% [markdown]
# On the right a second matrix agrees with every known entry: double the first two rows, halve the first two columns.

# %% tags=["hide-input", "nbval-check-output"]
matrix = sympy.Matrix([1, 2, 3, 4]) * sympy.Matrix([[1, 3, 2, 1]])
residues = np.outer([1, 2, 3, 4], [4, 1, 2, 3]) % 5
for mask, name in zip(masks, names, strict=True):
    print(f"{name}: {completable(mask).why}")
    print(f"  completions over the field of 5 elements: {completions(residues, mask, 5)}")
print(pictures.matrices_text([matrix.tolist(), other_completion(matrix.tolist(), masks[1])]))

# %% [markdown]
# ## What could not be settled
#
# Nothing on this page is open. But Example 4.16 shows that the paper's sufficient condition is not necessary, and the
# examples do not say how often that happens. The page on
# [identifiability](identifiability.ipynb) measures it.
#
# ## Run it yourself
#
# The cell computes all examples again, on one core within seconds.

# %%
again = plan.run(config, profile)

# %% [markdown]
# With `fourmasks run sparse/examples --profile paper` Example 4.16 runs through more integers:

# %% tags=["hide-input", "nbval-check-output"]
page.table(
    cost({"all examples": kept}),
    caption="What the paper's examples take",
)

# %% [markdown]
# ## Details
#
# How long can the way of Algorithm 1 be? In a chain of squares of size 2, each overlapping the next in a corner, only the
# first and the last atom show three entries. The others wait for a neighbour.

# %% tags=["hide-input"]
page.show(
    figures.stages_figure(supports, run, range(len(run))),
    alt="Six rows of three grids, one row for each stage of Algorithm 1, one column for each contribution. Question marks"
    " become numbers from row to row. A table below lists what each stage finds.",
    caption="Figure 4 with all six stages at once. From top to bottom: initialization, observable entries, then inside and"
    " across in turn. After the last stage nothing is missing.",
    provenance=provenance("figure-4", "4.28"),
    folded=True,
)
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
    folded=True,
)

# %% tags=["hide-input", "nbval-check-output"]
details = {
    "Figure 1 in numbers: what each atom covers, alone and with others": pictures.supports_table(supports),
    "Figure 3 in numbers: edges known before each step, added by it, still missing": tables.edges(
        supports, steps
    ),
    "Figure 4 in numbers: what each stage finds, as (contribution, row, column)": tables.stages(run),
    "The chain in numbers: what each stage finds": tables.stages(along),
    "What the examples count, computed for this page": tables.counts(again),
}
for caption, frame in details.items():
    page.table(frame, caption=caption, folded=True).show()
page.verdicts(verdicts, caption="All verdicts on figures and examples, with what they rest on", folded=True)
