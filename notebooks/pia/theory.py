# %% [markdown]
# # Theory, checked by computer
#
# The paper {cite:p}`pia2026` explains masks and PIA by a chain of statements.
#
# 1. **Theorem 2.3**: a step on one user helps another if the two are near in latent space.
# 2. **Lemma 2.4**: users near in the input are near in latent space.
# 3. **Theorem 2.5**: users who overlap in latent space pay for it, and the KL term pulls them together.
# 4. **Eq. 6 and 7**: less information, smaller distances; masks lower information.
# 5. **Theorem 2.6**: masks bring users closer, and drive them apart.
# 6. **Propositions 3.1 and 3.2**: PIA shrinks the spread over masks.
#
# The statements, our proofs and what they leave out are on the page [Theory](../../book/pia/theory.md). Here they are
# computed: first where everything is known, then on trained networks, where the chain has to hold if it is to
# explain anything, and in the end on random instances, many of each.

# %% tags=["parameters"]
profile = "book"  # type: str  smoke, book or paper
dataset = None  # type: str  interactions, as "simulated" or "ml-100k,ml-1m", None for the profile's
theory = None  # type: str  networks to look at, as "multi-vae,multi-vae+pia", None for the profile's
seeds = None  # type: int  number of seeds, each with a division of the users, None for the profile's
epochs = None  # type: int  epochs at most, None for the profile's
pair_users = None  # type: int  users whose pairs are measured, None for the profile's
mask_rate = None  # type: float  share of the items that a mask hides, None for the profile's
instances = None  # type: int  random instances of each statement, None for the profile's
device = "auto"  # type: str  cpu, cuda, mps, or auto for what is there

# %%
import time

import numpy as np

from fourmasks.claims.ledger import as_table, ledger, summary
from fourmasks.experiments.profiles import resolve
from fourmasks.pages import figures as page
from fourmasks.pia.theorems import figures as theorem_figures
from fourmasks.pia.theorems import plan as theorem_plan
from fourmasks.pia.theorems import tables as theorem_tables
from fourmasks.pia.theorems import worked
from fourmasks.pia.trained import plan as trained_plan
from fourmasks.pia.trained import tables as trained_tables
from fourmasks.pia.trained import theory_tables
from fourmasks.records.store import load_records, records_directory
from fourmasks.system.device import banner, resolve_device

page.use_style()
config = resolve(
    trained_plan.PROFILES,
    profile,
    dataset=dataset,
    theory=theory,
    seeds=seeds,
    epochs=epochs,
    pair_users=pair_users,
    mask_rate=mask_rate,
)
theorem_config = resolve(theorem_plan.PROFILES, profile, instances=instances)
device = str(resolve_device(device))
print(banner(device))


def computed(start):
    """Return the provenance of a figure that was computed on the spot."""
    seconds = time.perf_counter() - start
    return page.provenance_of_fit(
        profile=profile, data="by construction", seed=0, device="cpu", seconds=seconds
    )


# %% [markdown]
# ## Theorem 2.3, where everything is known
#
# Two users have five of twelve items each. The decoder is a linear softmax with small random weights. User $u$ stays
# where it is, at distance one from the origin. User $v$ moves away: outwards, sideways, or inwards through the origin.
# Solid lines show $\langle g_u, g_v \rangle$, by how much a step on $v$ helps $u$. Dotted ones are what the theorem grants: it sees
# help where its line is above zero.

# %% tags=["hide-input"]
start = time.perf_counter()
steps = np.linspace(0.05, 1.9, 12)
moves = {f"{shared} of 5 items in common": worked.influence(shared, steps) for shared in (0, 3, 4)}
page.show(
    theorem_figures.influence(moves),
    alt="Three panels, for pairs with no, three and four of five items in common: help by distance in three directions, with"
    " the theorem's bound dotted. The table below holds the numbers.",
    caption="Help by distance. Without common items a step does harm at every distance. With four, help grows as v moves"
    " outwards, while the theorem's line falls.",
    provenance=computed(start),
)

# %%
# NBVAL_CHECK_OUTPUT
rows = moves["4 of 5 items in common"]
page.table(rows[rows["distance"].isin(steps[::4])].set_index(["direction", "distance"]), digits=3)

# %% [markdown]
# What the two have in common decides the sign, and the distance decides nothing by itself. Now to real decoders.
#
# ## Theorem 2.3 on trained networks
#
# For pairs of users of the training: does a small step on $v$ lower the loss of $u$? And is the pair inside the sharing radius?
# Three kinds of pairs, those of the paper's Figure 1: *random* ones, the *near* (nearest in L1 with a common item), and the *related*
# ($u$'s items are nearly all among $v$'s). Inputs are whole (`clean`) or masked, both users by masks of their own.
#
# The theorem asks for a Lipschitz constant for all places. For a linear softmax there is none. So we give it the smallest that its
# proof could do with on the samples at hand. Pairs outside the radius even then are outside.
#
# Gradients have as many numbers as the decoder has weights. Their scalar products do not need them: layer by layer they
# are products of errors and inputs (`fourmasks.pia.theory.pair_gradients`).

# %%
records = trained_plan.run(config, profile, device, [trained_plan.THEORY])
live = theory_tables.trained(records)
name = config.dataset[0]

# %% tags=["hide-input"]
shown = theory_tables.drawn_pairs(records, name, ["multi-vae-clean", "multi-vae", "multi-vae+pia"])
page.show(
    theorem_figures.pairs(shown),
    alt="One row of three panels for each network: cosine of two users' gradients by the distance of their posteriors and by"
    " the cosine of their items, and the theorem's penalty by distance. The table below has shares and medians.",
    caption=f"Pairs of users, {name}, seed 0, whole inputs. Left and middle: above zero a step helps. Right: below the line the"
    " theorem says so. Compare which of the first two panels orders the points.",
    provenance=page.provenance(records, profile=profile, data=name),
)

# %% [markdown]
# `helped`: share of pairs that a step helps. `inside`: share inside the radius. `radius`: share with a radius above zero. `penalty` and
# `content`: medians of $D_{u,v}$ and $\Delta_x(u, v)$ over $\lVert g_u \rVert$. A pair is inside if the first is below 1.

# %%
# NBVAL_CHECK_OUTPUT
page.table(theory_tables.sharing_table(live), digits=2)

# %%
# NBVAL_CHECK_OUTPUT
print("\n".join(theory_tables.sharing_sentences(live)))

# %% [markdown]
# What goes with help, over all pairs of some users: the rank correlation of the cosine of the gradients with the distance of the
# posteriors (the paper's reading: strongly negative), and with the cosine of the items. Then the share of pairs helped if the decoder
# alone moves, as in the theorem, and if all weights move and all terms of the objective count; `same_sign` is how often the two agree.

# %%
# NBVAL_CHECK_OUTPUT
page.table(trained_tables.summary(live, theory_tables.INFLUENCE, digits=2))

# %% [markdown]
# ## Lemma 2.4: the encoder's constant
#
# The largest ratio of a change of the posterior to a change of the input, $\sqrt h$: over pairs of users, and over users with
# and without one item. Both are shares of the mean distance of two users. `reach` is the number of different
# items from which on the lemma allows that mean distance. Beyond it, it says nothing.

# %%
# NBVAL_CHECK_OUTPUT
page.table(trained_tables.summary(live, theory_tables.LIPSCHITZ, digits=2))

# %% [markdown]
# ## Theorem 2.5: the price of overlap
#
# Two users have five items each and three in common, so $h = 4$; their posteriors are $\mathcal N(\pm m, 1)$ on the line. The price is
# computed in three ways: by quadrature of Eq. (3), by its closed form $c\,(\log 2 - \operatorname{JSD})$, and as what the best decoder
# really pays if its parameters are at most 5 or 20 in size.

# %% tags=["hide-input"]
start = time.perf_counter()
gaps = worked.compromise(np.linspace(0, 4, 9))
best = worked.separation(np.linspace(0.1, 6, 30))
page.show(
    theorem_figures.compromise(gaps, best, n_different=4),
    alt="Left: the price of overlap falls with the separation of two posteriors, for two likelihoods. Right: the best"
    " separation falls with beta and is zero from a threshold on. The table below holds the numbers.",
    caption="Left: quadrature (line), closed form (crosses), and a decoder with parameters up to 5 (dotted), which never gets"
    " down to the infimum. Right: dashed lines are half of the price. From there on the best posteriors are the prior.",
    provenance=computed(start),
)

# %%
# NBVAL_CHECK_OUTPUT
page.table(gaps[gaps["separation"].isin([0.0, 1.0, 2.0, 4.0])].set_index(["family", "separation"]), digits=4)

# %% [markdown]
# ### The transport inequality, Eq. (4)
#
# $W_1$ on the line in closed form, by SciPy {cite:p}`virtanen2020scipy` from 20,000 quantiles of each, and the bound.

# %%
# NBVAL_CHECK_OUTPUT
pairs = [(0, 1, 0, 1), (2, 1, -2, 1), (1, 0.5, -1, 2), (0, 0.1, 3, 0.1), (3, 0.5, 3, 0.5)]
page.table(worked.transport(pairs).set_index(["q_u", "q_v"]), digits=3)

# %% [markdown]
# Sharp for opposite sides and unit variances, the second row. For equal posteriors far from the prior, the last row, it allows what
# is not there.
#
# ## Eq. 6 and 7: masks, information, distances
#
# Eq. (7) splits the mean KL into the information that the latent place has about the masked input, and the KL of all users together to
# the prior. The paper argues that masks lower the first and tend to lower the second. First one user, then twelve, under
# one fixed encoder; 30 masks each.

# %%
# NBVAL_CHECK_OUTPUT
keeps = (0.1, 0.25, 0.5, 0.75, 0.9, 1.0)
page.table(worked.information(keeps, n_users=1, n_masks=30).set_index("keep"), digits=3)

# %%
# NBVAL_CHECK_OUTPUT
page.table(worked.information(keeps, n_users=12, n_masks=30).set_index("keep"), digits=3)

# %% [markdown]
# A mask is a source of information by itself: for one user there is none without masks. For several users a few hidden
# items *raise* the information. On the trained networks, as they are, with masks of several strengths:

# %% tags=["hide-input"]
page.show(
    theorem_figures.transport(theory_tables.transport_table(records), list(config.dataset)),
    alt="Left: mean KL to the prior by the share of items kept, one line for each network. Right: mean distance of two users, and"
    " far above it the bound of Eq. 6, dashed. The table below holds the numbers.",
    caption="Left: the mean KL, Eq. (7). Right: the mean distance of two users' masked posteriors, and dashed the bound of"
    " Eq. (6). Read from right to left: more is hidden.",
    provenance=page.provenance(records, profile=profile, data=", ".join(config.dataset)),
)

# %%
# NBVAL_CHECK_OUTPUT
page.table(theory_tables.transport_table(records), digits=2)

# %%
# NBVAL_CHECK_OUTPUT
print("\n".join(theory_tables.transport_sentences(records)))

# %% [markdown]
# ## Theorem 2.6: the distance after masking
#
# The masked distance $D'$ of two users follows a law that can be written down. The figure shows both of its tails, 20,000 drawn pairs of
# masks, and the theorem's bounds, for half of the items kept.

# %% tags=["hide-input"]
start = time.perf_counter()
laws = {f"h = {h}, s = {s}": worked.masked_distance(h, s, 0.5) for h, s in ((20, 0), (20, 10), (10, 20))}
page.show(
    theorem_figures.masked_distance(laws),
    alt="Two rows of three panels: the probabilities that a masked pair is closer than delta, and that it is not, exact and drawn,"
    " which agree, and the bounds, which are near zero but where one of h and s is. The table below holds numbers.",
    caption="Exact law (line), drawn masks (points), bounds (dashed). Compare the dashed line with the points as soon as the users"
    " share items.",
    provenance=computed(start),
)

# %%
# NBVAL_CHECK_OUTPUT
page.table(laws["h = 20, s = 10"].iloc[4:25:5].set_index("delta"), digits=4)

# %% [markdown]
# How loose are they? The exact probability at $\delta = h$, which asks whether the pair comes closer, over the bound. Where $s < h$ the
# bound on the right is zero, and there is no line.

# %% tags=["hide-input"]
start = time.perf_counter()
tails = worked.looseness(((10, 2), (10, 10), (40, 10), (40, 40)), np.linspace(0.05, 0.95, 19))
page.show(
    theorem_figures.looseness(tails),
    alt="Exact probability over bound on a logarithmic axis, by the share of items kept, for four pairs of users. The table below"
    " holds numbers.",
    caption="How many times the exact probability is the bound. The more two users share, the less the bounds say, most of all"
    " near one half, where masks are used.",
    provenance=computed(start),
)

# %%
# NBVAL_CHECK_OUTPUT
page.table(tails[tails["keep"].round(2).isin([0.1, 0.5, 0.9])].set_index(["h", "s", "keep"]), digits=4)

# %% [markdown]
# ## Proposition 3.1: the alignment loss
#
# Eq. (9) by drawing $z$ 200,000 times, and the sum and the three terms of Eq. (10), for three random users.

# %%
# NBVAL_CHECK_OUTPUT
page.table(worked.alignment_identity().set_index("items"), digits=1)

# %% [markdown]
# ## Proposition 3.2: spread over masks
#
# ### On quadratic losses
#
# Five random problems with one Hessian for all masks: $\tau$, $\tau^2$, what alignment does to norm and trace of the covariance and to the
# mean squared distance from the centroid, and the least $c$ with $V_{\text{after}} \preceq c\, V_{\text{before}}$. The first
# three are at most $\tau^2$. The last is not: the order that the paper's main text states does not hold.

# %%
# NBVAL_CHECK_OUTPUT
page.table(worked.surrogates(5, strength=0.5), digits=3)

# %% [markdown]
# One encoder for two users sees the masked input alone. If both have the same minimiser, nothing depends on the mask. Alignment to the
# users' own centroids then *makes* a spread. Alignment to zero does not.

# %%
# NBVAL_CHECK_OUTPUT
page.table(worked.one_encoder(strength=0.5, keep=0.5), digits=4)

# %% [markdown]
# ### On trained networks: is there a quadratic loss?
#
# The objective as a function of the encoder's mean is the same for all masks of a user. For a few users:
#
# - `hessian_variation`: distance of its Hessians at masked views from their mean, over the size of that mean.
# - `smallest_curvature`: smallest over largest eigenvalue; below zero it is not convex.
# - `minimiser_spread`: spread of the minimisers found from the masked views, over that of the views. The proposition takes the
#   two for the same.
# - `left_over`: loss in nats, for each item of the user, that the encoder's output leaves above the minimum.

# %%
# NBVAL_CHECK_OUTPUT
page.table(trained_tables.summary(live, theory_tables.SURROGATE, digits=2))

# %% [markdown]
# ### On trained networks: does the spread shrink?
#
# Networks with alignment, beside Multi-VAE without it on the same seed. `tau_squared` is what the proposition promises, from the
# largest eigenvalues of the Hessians without alignment. `trace` and `norm` are what happened, `kept` the share of users for whom the promise
# is kept. `unit` is $\beta / (\beta + 2 \lambda_A)$: the factor by which alignment changes the unit of latent space. `relative` is the spread over masks in
# units of the spread of users, again beside that without alignment: above 1 masked views are *harder* to tell apart.

# %%
# NBVAL_CHECK_OUTPUT
shrunk = theory_tables.contraction_runs(records)
page.table(shrunk.set_index(["dataset", "method", "seed"]), digits=2)

# %%
# NBVAL_CHECK_OUTPUT
print("\n".join(theory_tables.contraction_sentences(shrunk)) or "no network with alignment and one without")

# %% [markdown]
# ## On MovieLens
#
# The same from records of the `paper` profile: networks of the paper's size, three seeds, float32, gradients in float64. The command that makes
# the records, or what is missing of them, is `fourmasks run pia/theory --profile paper`.

# %%
kept = [
    record
    for record in load_records(trained_plan.THEORY, records_directory(trained_plan.THEORY, "paper"))
    if record.profile == "paper"
]
found = theory_tables.trained(kept)
names = list(dict.fromkeys(found["dataset"]))
if not kept:
    print("no records of the paper profile yet")

# %% [markdown]
# ### Theorem 2.3

# %% tags=["hide-input"]
for name in names:
    shown = theory_tables.drawn_pairs(kept, name, ["multi-vae-clean", "multi-vae", "multi-vae+pia"])
    if shown:
        page.show(
            theorem_figures.pairs(shown),
            alt=f"{name}: one row of three panels for each network: cosine of two users' gradients by distance and by items in"
            " common, and the theorem's penalty. The table below has shares and medians.",
            caption=f"Pairs of users, {name}, seed 0, whole inputs. Left and middle: above zero a step helps. Right: below the"
            " line the theorem says so.",
            provenance=page.provenance(
                [r for r in kept if r.parameters["dataset"] == name], profile="paper", data=name
            ),
        )

# %%
# NBVAL_CHECK_OUTPUT
page.table(theory_tables.sharing_table(found), digits=3)

# %%
# NBVAL_CHECK_OUTPUT
print("\n".join(theory_tables.sharing_sentences(found)) or "no runs yet")

# %%
# NBVAL_CHECK_OUTPUT
page.table(trained_tables.summary(found, theory_tables.INFLUENCE))

# %% [markdown]
# ### Lemma 2.4

# %%
# NBVAL_CHECK_OUTPUT
page.table(trained_tables.summary(found, theory_tables.LIPSCHITZ))

# %% [markdown]
# ### Eq. 6 and 7

# %% tags=["hide-input"]
if names:
    page.show(
        theorem_figures.transport(theory_tables.transport_table(kept), names),
        alt="For each data set, left: mean KL to the prior by the share of items kept. Right: mean distance of two users, and dashed"
        " the bound of Eq. 6. The table below holds the numbers.",
        caption="Eq. (7), left, and Eq. (6), right, on trained networks. Read from right to left: more is hidden.",
        provenance=page.provenance(kept, profile="paper", data=", ".join(names)),
    )

# %%
# NBVAL_CHECK_OUTPUT
page.table(theory_tables.transport_table(kept), digits=2)

# %%
# NBVAL_CHECK_OUTPUT
print("\n".join(theory_tables.transport_sentences(kept)) or "no runs yet")

# %% [markdown]
# ### Proposition 3.2

# %%
# NBVAL_CHECK_OUTPUT
page.table(trained_tables.summary(found, theory_tables.SURROGATE))

# %% tags=["hide-input"]
shrunk = theory_tables.contraction_runs(kept)
for name in dict.fromkeys(shrunk["dataset"]):
    page.show(
        theorem_figures.contraction(shrunk, name),
        alt=f"{name}: ratios of a network with alignment to one without, on a logarithmic axis. The table below holds the numbers.",
        caption=f"Spread over masks on {name}, with alignment over without. Compare what happened with the change of unit, and"
        " then look at the last marker, where the unit is taken out.",
        provenance=page.provenance(
            [r for r in kept if r.parameters["dataset"] == name], profile="paper", data=name
        ),
    )

# %%
# NBVAL_CHECK_OUTPUT
page.table(shrunk.set_index(["dataset", "method", "seed"]), digits=3)

# %%
# NBVAL_CHECK_OUTPUT
print("\n".join(theory_tables.contraction_sentences(shrunk)) or "no runs yet")

# %% [markdown]
# ## All statements on random instances
#
# One example can refute a statement, not confirm it. Now many random instances of each. Nothing in them is estimated, but
# where masks are drawn to test the law itself: posteriors sit on finitely many points or on the line, integrals are quadratures, all masks
# are gone through. So a violation is one, up to rounding. From what laws instances are drawn is told in
# `fourmasks.pia.theorems.sharing_trials`, `posterior_trials` and `masking_trials`.
#
# - `with`: what the statement is tried with. *tanh* is a softmax on fixed features in $(-1, 1)$, a decoder that does have a
#   Lipschitz constant; *linear* is the plain softmax, with a constant for the pair at hand. *std* and *variance* are the encoder's second output. In
#   *general* and *commuting* the covariance over masks has axes of its own, or those of the Hessian. *printed* is Algorithm 1 with its line 16 as it is, *text* what the
#   text says, *restarted* what our networks do: the count of epochs starts again after each growth.
# - `median`, `largest`: left over right side of an inequality. 1 is a bound that is reached; far below 1 it says little.
# - `error`: the largest difference of the two sides of an equation.

# %%
checks = theorem_plan.run(theorem_config, profile)

# %% tags=["output_scroll"]
# NBVAL_CHECK_OUTPUT
page.table(theorem_tables.checks_table(checks), digits=3)

# %%
# NBVAL_CHECK_OUTPUT
print("\n".join(theorem_tables.failure_sentences(checks)))

# %% [markdown]
# Some of these statements are the paper's, some are readings of it, and some are ours. The verdicts below are on the first two.
#
# - *Radius zero*: no constant and no place would bring such a pair inside. A step that helps there helps unseen by the theorem.
# - *In every direction*: where $V$ has axes of its own, the order of matrices has no chance. It would need the steepest axis of the Hessian to be an axis of $V$.
# - *Masks lower the information*: the encoders are not trained. They show what the data-processing inequality does not say, not what training does.
#
# What else the trials measure: how steep decoders become, what is left of the bounds of Theorem 2.6 for users who share items and differ in
# others, how often the weight grows. *Constant* is the last term of Eq. (10), its gradient that by the anchors.

# %%
# NBVAL_CHECK_OUTPUT
page.table(theorem_tables.measures_table(checks), digits=3)

# %% [markdown]
# ### From the records of the paper profile
#
# The same with more instances. The verdicts rest on these.

# %%
tried = [
    record
    for record in load_records(theorem_plan.EXPERIMENT, records_directory(theorem_plan.EXPERIMENT, "paper"))
    if record.profile == "paper"
]
print(page.provenance(tried, profile="paper", data="random instances") if tried else "no records yet")

# %% tags=["output_scroll"]
# NBVAL_CHECK_OUTPUT
page.table(theorem_tables.checks_table(tried), digits=3)

# %%
# NBVAL_CHECK_OUTPUT
print("\n".join(theorem_tables.failure_sentences(tried)) or "no records yet")

# %%
# NBVAL_CHECK_OUTPUT
page.table(theorem_tables.measures_table(tried), digits=3)

# %% [markdown]
# ## Verdicts
#
# The paper's statements beside ours. The verdicts are computed from the records.

# %% tags=["output_scroll"]
# NBVAL_CHECK_OUTPUT
places = ("Theorem", "Lemma", "Equation", "Section 2.4", "Proposition", "Algorithm")
mine = [row for row in ledger("pia") if row["place"].startswith(places)]
print(", ".join(f"{verdict}: {count}" for verdict, count in summary(mine).items()))
as_table(mine)
