# %% [markdown]
# # Do the statements hold?
#
# The paper {cite:p}`sparse2021` proves its statements, and has no experiments. We ask each of them of random instances
# that are also decided without it: by linear systems, Gröbner bases, or all factors over a small field. The
# theorems on fixed supports hold: Theorem 4.13 is {claim}`sparse-theorem413-algebra`, Theorem 4.26 {claim}`sparse-theorem426-algebra`. Some
# statements fail as printed, as Lemma 3.6 ({claim}`sparse-lemma36`), Theorem 3.14 in one direction
# ({claim}`sparse-theorem314-necessary`) and Proposition 4.29 (ii) ({claim}`sparse-proposition429ii`). Every failure has an
# exact counterexample, and none touches Theorems 4.8, 4.13 and 4.26. Where a statement comes out as printed, random instances have
# not refuted it, which is less than a proof.
#
# ```{claims}
# sparse-theorem413-algebra
# sparse-theorem426-algebra
# sparse-lemma36
# sparse-theorem314-necessary
# sparse-lemmak1
# sparse-proposition429ii
# ```
#
# The counterexamples, and what holds instead, are under {ref}`Misprints and open choices <misprints-sparse>`.
# Definitions and proofs are on the page [Theory](../../book/sparse/theory.md).

# %% tags=["parameters", "hide-input"]
profile = "book"  # type: str  smoke, book or paper
limit = None  # type: float  seconds that an exact Kruskal rank may take, None for the profile's
seed = None  # type: int  of everything random, None for the profile's

# %% tags=["hide-input"]
from fourmasks.claims.files import load_claims
from fourmasks.claims.ledger import ledger
from fourmasks.experiments.profiles import resolve
from fourmasks.pages import figures as page
from fourmasks.pages.tables import cost, run_rows
from fourmasks.records.store import book_records
from fourmasks.sparse.identifiability import corollary, figures, statements, tables
from fourmasks.sparse.identifiability import plan as referees
from fourmasks.sparse.supports.families import globally_sparse
from fourmasks.sparse.theorems.right import unique_right_factor

page.begin("sparse/statements")
referee_config = resolve(referees.PROFILES, profile, seed=seed)
statement_config = resolve(statements.PROFILES, profile, seed=seed)
corollary_config = resolve(corollary.PROFILES, profile, limit=limit, seed=seed)
names = [*referees.EXPERIMENTS.values(), statements.EXPERIMENT, corollary.EXPERIMENT, corollary.TIMING]
kept = book_records(*names)
claims = [claim for claim in load_claims("sparse") if claim.experiment in names]
rows = {row["id"]: row for row in ledger("sparse")}
verdicts = {}
for claim in claims:
    if claim.experiment == statements.EXPERIMENT:
        verdicts.setdefault(claim.match["statement"], rows[claim.id]["verdict"])

# %% [markdown]
# ## The method in code
#
# A theorem is a function that decides, and says why. Here the left factor is known, and one or two entries may be
# anywhere in $Y$:

# %% tags=["nbval-check-output"]
X, Y = [[1, 0, 1], [0, 1, 1]], [[0, 0, 1]]
for entries in (1, 2):
    decision = unique_right_factor(X, Y, globally_sparse((1, 3), entries))
    print(f"{entries} entries: unique {decision.holds}; {decision.why}")

# %% [markdown]
# (sparse-nb-referees)=
# ## The theorems against referees
#
# Random instances, each decided twice: by the theorem, and by a referee that does not know it. A contradiction would be
# an error of the theorem, of the code, or of the referee. Where a statement had to be mended, its mended form is meant.

# %% tags=["hide-input", "nbval-check-output"]
page.table(
    tables.refereed(kept),
    caption="No theorem contradicts its referee on any random instance",
)

# %% [markdown]
# (sparse-nb-statements)=
# ## The smaller statements, as printed
#
# A counterexample is an instance that fulfils the assumptions and contradicts the statement. How many there are says
# how the instances were drawn, not how wrong a statement is: one is enough.

# %% tags=["hide-input", "nbval-check-output"]
page.table(
    tables.printed(kept, verdicts),
    caption="Each statement as the paper prints it, and as we mended it: on how many instances it was tried and fails",
)

# %% [markdown]
# Lemmas K.3 and K.5 and Remark 4.14 fail with Lemma K.1, from which they are drawn. Theorem 4.13 rests on it in the
# paper, too, but has {prf:ref}`a proof <sparse-theorem-necessary>` without it.
#
# (sparse-nb-corollary)=
# ## Corollary 5.12
#
# Uniform right identifiability: with this left factor *every* right factor in a family is unique. For families with
# few entries by row (i), by column (ii), both (iii) and in all (iv) the corollary asks for a Kruskal rank. Here all
# left factors of tiny sizes, up to order and scaling of their columns, all bounds and all right factors are tried,
# over the field of 5 elements.

# %% tags=["hide-input", "nbval-check-output"]
parts = tables.by_part(kept)
own = {
    claim.match["part"]: rows[claim.id]["verdict"]
    for claim in claims
    if claim.experiment == corollary.EXPERIMENT
}
page.table(
    parts.assign(verdict=[own[part] for part in tables.PARTS]),
    caption="Part (iv) of Corollary 5.12 is contradicted as printed, and not as mended",
)

# %% [markdown]
# Part (iv) fails for $s = 1$. Columns that are collinear do no harm to a factor with one entry: it can only move from
# one of them to another, and that is a permutation.
#
# (sparse-nb-kruskal)=
# ### How large may the matrix be?
#
# Our function for the Kruskal rank tries all sets of columns. Question `rank` asks for the Kruskal rank of a matrix
# with half as many rows as columns, the worst case. Questions `s = 2` and `s = 3` ask what the corollary needs: are all
# sets of $2s$ columns independent? The matrices are random integers; the arithmetic is exact, on one core.

# %% tags=["hide-input"]
timed = [record for record in kept if record.experiment == corollary.TIMING]
bar = corollary.PROFILES["paper"].limit
timings = run_rows(timed, corollary.TIMING, ["question", "columns"]).sort_values(["question", "columns"])
page.show(
    figures.timing_figure(timings, bar),
    alt="Seconds on a logarithmic axis against the number of columns, a line for each question; a dashed line is the limit."
    " A table under Details holds the numbers.",
    caption="Time of exact computations with Kruskal ranks. That of question rank grows exponentially, the others like powers of"
    " the number of columns. The dashed line is the limit of time.",
    provenance=page.provenance(timed, profile="paper", data="random integer matrices"),
)

# %% [markdown]
# ## Does the mask do the work?
#
# On this page the control is the referee: it gets the same supports and factors, and none of the theorems. Corollary
# 5.12 shows what the mask is worth. A bound on the entries of $Y$ makes it unique for left factors that have dependent
# columns, and on which without the bound a linear system has many solutions.
#
# ## What could not be settled
#
# Random instances are small, and a statement that they do not refute may be false on larger ones. For the theorems
# there are {ref}`proofs <sparse-necessary>`. Some statements were not tried: they are definitions turned round, or speak
# of practice. They are in the ledger as not attempted.
#
# ## Run it yourself
#
# The cell asks again, of fewer instances, on one core.

# %%
found = [
    *referees.run(referee_config, profile),
    *statements.run(statement_config, profile),
    *corollary.run(corollary_config, profile),
]

# %% tags=["hide-input", "nbval-check-output"]
page.table(
    tables.refereed(found), caption="The theorems against their referees, on instances drawn for this page"
)

# %% [markdown]
# `fourmasks run sparse/statements --profile paper` makes all of the above again:

# %% tags=["hide-input", "nbval-check-output"]
of = {
    "theorems and referees": [r for r in kept if r.experiment in referees.EXPERIMENTS.values()],
    "statements as printed": [r for r in kept if r.experiment == statements.EXPERIMENT],
    "Corollary 5.12": [r for r in kept if r.experiment == corollary.EXPERIMENT],
    "Kruskal ranks": timed,
}
page.table(cost(of), caption="What the paper profile takes")

# %% [markdown]
# ## Details

# %% tags=["hide-input", "nbval-check-output"]
sets = timings.astype({"sets": int, "rank": int}).set_index(["question", "columns"])
details = {
    "The smaller statements again, on instances drawn for this page, with the verdicts from above": tables.printed(
        found, verdicts
    ),
    "The parts of Corollary 5.12 on the smaller sizes of this page": tables.by_part(found),
    "How many columns an exact Kruskal rank can have within the limit": tables.reach(timed, bar),
    "What a Kruskal rank takes by the number of columns": sets[["sets", "rank", "cpu_seconds"]],
}
for caption, frame in details.items():
    page.table(frame, digits=3, caption=caption, folded=True).show()
page.verdicts(
    [rows[claim.id] for claim in claims],
    caption="All verdicts on theorems and statements, with what they rest on",
    folded=True,
)
