# %% [markdown]
# # The masks compared
#
# MMF puts masks on factors, PIA-VAE on the input, LU-Net puts triangles on weights, and the sparse paper asks when a mask makes factors unique. So we ask its question of the other three.
#
# - *MMF, fixed masks.* One mask on each side leaves what plain factorization leaves: any invertible matrix may stand between the factors ({claim}`four-masks-one`). Two or more leave nothing but scalings, for cosine,
#   sigmoid, sine and tanh masks ({claim}`four-masks-two`). This is what Theorem 2 of the MMF paper says of rotations, and more: at random points *no* direction is left.
# - *MMF, learned masks.* Learned shifts are more to move. With one mask each of them is a direction more, since the factors of its row make up for it. With four or more, nothing is left but scalings, except
#   for triangle masks.
# - *MMF, masks cut to supports.* Where the smaller values of a mask become zeros, what is left is a support, and the theorems apply. Triangle and sigmoid masks then leave unique factors, up to scaling
#   ({claim}`four-masks-supports`).
# - *PIA-VAE, a mask on the input.* In a linear autoencoder it makes the weights unique ({claim}`four-masks-inputs-weights`), as a penalty would, and none of their factors: any invertible matrix may stand between
#   encoder and decoder ({claim}`four-masks-inputs-factors`). Dropout of the input, as in Multi-VAE, is the same mask.
# - *LU-Net.* A lower and an upper triangle are the only ones of their product, up to scaling ({claim}`four-masks-triangles-closable`), unless a pivot is zero ({claim}`four-masks-triangles-pivot`).
#
# There is chance in the points only.

# %% tags=["parameters", "hide-input"]
profile = "book"  # type: str  smoke, book or paper
families = None  # type: str  mask families, as "cosine,gaussian", None for the profile's
ranks = None  # type: str  R, as "2,4", None for the profile's
n_masks = None  # type: str  K, as "1,2", None for the profile's
seeds = None  # type: int  number of random points, None for the profile's

# %% tags=["hide-input"]
from fourmasks.claims.ledger import ledger
from fourmasks.experiments.profiles import resolve
from fourmasks.four.masks import figures, plan, tables
from fourmasks.pages import figures as page
from fourmasks.pages.tables import cost
from fourmasks.records.store import book_records

page.begin("four/masks")
config = resolve(plan.PROFILES, profile, families=families, ranks=ranks, n_masks=n_masks, seeds=seeds)
paper = book_records(plan.MASKS, plan.SUPPORTS, plan.INPUTS, plan.TRIANGLES)
kept = tables.points(paper)

# %% [markdown]
# ## The method in code
#
# Parameters of MMF can move in a direction, to first order, where the derivative of the product vanishes. The rank of the Jacobian counts such directions. $R$ of them are scalings, which no mask takes away.

# %%
from fourmasks.four.masks.run import run_masks

for n in (1, 2):
    found = run_masks("cosine", rank=3, n_masks=n, shifts="fixed", users=12, items=11, seed=0)["metrics"]
    print(f"K = {n}: {found['freedom']:.0f} directions, {found['beyond']:.0f} of them no scalings")

# %% [markdown]
# ## How much freedom masks leave
#
# Factors are drawn from the normal distribution and shifts uniformly, on 40 rows and 36 columns.

# %% tags=["hide-input"]
if len(kept):
    page.show(
        figures.freedom(kept, 8),
        alt="Directions beyond scaling against the number of masks, on logarithmic axes: with fixed shifts on the left, with learned"
        " ones on the right, a line for each family of masks. The tables hold the numbers.",
        caption="Directions that are no scalings at R = 8, means over five points. Gaussian and triangle masks, so small in places that entries are lost, leave more; the lines of the other four lie on one another.",
        provenance=page.provenance(paper, profile="paper", data="random factors and shifts"),
    )

# %% tags=["hide-input", "nbval-check-output"]
for shifts, folded in (("fixed", False), ("learned", True)):
    page.table(
        tables.beyond(kept, shifts),
        caption=f"Directions beyond scaling, shifts {shifts}; beside them R² − R, all that may stand between plain factors",
        folded=folded,
    ).show()

# %% [markdown]
# Two things are worth knowing.
#
# - With $K = 1$ the masks of a row merge with the factors: $\hat X_{ij} = \sum_r (M^U_{ir} U_{ir}) (M^V_{jr} V_{jr})$ is plain factorization in other words. The Gaussian family leaves even more, because far from its centre
#   a Gaussian mask is so small that the entry is lost.
# - That no direction is left does not make factors unique. Two runs may end at different solutions: [two runs of Figure 7](../mmf/theory.ipynb) do, whatever the masks allow.
#
# ## Masks as supports
#
# Set to zero what is below half of a mask's height. With one mask on each side MMF is then a factorization on fixed supports, and the sparse paper's theorems can be asked. What is zero does the work: masks that are
# nowhere below half of their height change nothing, and with few dimensions that is the case of Gaussian and cosine masks. With more dimensions solutions are isolated in most cases; that they are the only ones is
# proved for triangle and sigmoid masks alone, and for the others neither proved nor refuted. With several masks the terms share their factors, and no theorem speaks of that.

# %% tags=["hide-input", "nbval-check-output"]
page.table(
    tables.supports(paper),
    caption="The share of entries that stay, and in how many of five random points each condition holds",
    digits=2,
)

# %% [markdown]
# ## A mask on the input
#
# A linear autoencoder predicts $(x_u \odot m) W$, where $W$ is the product of encoder and decoder. Its squared error, summed over users and averaged over masks, is quadratic in each column of $W$, with the matrix
# $\rho^2 X^{\top} X + \rho (1 - \rho) \operatorname{diag}(X^{\top} X)$. Without a mask, $\rho = 1$, directions of $W$ in which $X$ says nothing are flat, and $W = I$ repeats the input without error. With a mask none is
# flat, if somebody has each item. So this mask shrinks, as a ridge does that weighs popular items more; it does not identify. VAEs are not linear: for them this is a guide, and no statement.

# %% tags=["hide-input", "nbval-check-output"]
page.table(
    tables.inputs(paper),
    caption="Directions in which the mean loss stays: fewer users than items, so that the data alone leave weights free",
)

# %% [markdown]
# ## Triangles
#
# $L$ and $U^{\top}$ have supports that the sparse paper's theorems can be asked about. Theorem 4.26 says that its Algorithm 1 finds both from their product; the necessary conditions fail where a diagonal entry of $U$,
# a *pivot*, is zero. An invertible $U$ has no such entry. So the factors of LU-Net's layers are as unique as factors can be, and a layer loses that together with its inverse.

# %% tags=["hide-input", "nbval-check-output"]
page.table(
    tables.triangles(paper),
    caption="Of how many random pairs of triangles, of sizes 2 to 8, each condition holds; all but the necessary one ask the supports alone",
)

# %% [markdown]
# ## Run it yourself
#
# ```console
# $ fourmasks run four/masks                    # the small run below
# $ fourmasks run four/masks --profile paper    # makes what is missing of the records
# ```

# %%
records = plan.run(config, profile)

# %% tags=["hide-input", "nbval-check-output"]
page.table(
    tables.beyond(tables.points(records), "fixed"), caption="Live: directions beyond scaling, shifts fixed"
)

# %% [markdown]
# ## Details

# %% tags=["hide-input", "nbval-check-output"]
page.verdicts(
    [row for row in ledger("four") if row["place"] == "Masks"],
    caption="What we expected of the masks, what we measured, and the verdict",
    folded=True,
)

# %% tags=["hide-input", "nbval-check-output"]
page.table(cost({"random points": paper}), caption="What the runs took, on one thread of a CPU", folded=True)
