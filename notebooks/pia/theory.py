# %% [markdown]
# # Theory, checked by computer
#
# The paper {cite:p}`pia2026` explains masks and PIA by a chain of statements.
#
# 1. **Theorem 2.3**: a step on one user helps another if the two are near in latent space.
# 2. **Lemma 2.4**: users near in the input are near in latent space.
# 3. **Theorem 2.5**: users who overlap in latent space pay for it, and the KL term pulls them together.
# 4. **Eq. 6 and 7**: less information, smaller distances; masks tend to lower information.
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

# %% tags=["hide-input"]
import time

import numpy as np
import pandas as pd
import torch
from matplotlib import pyplot
from scipy.stats import norm, wasserstein_distance

from fourmasks.claims.ledger import ledger, summary
from fourmasks.experiments.profiles import resolve
from fourmasks.pages import figures as page
from fourmasks.pia.theorems import plan as theorem_plan
from fourmasks.pia.theory.contraction import (
    alignment,
    amortised,
    compare_spread,
    contraction_factor,
    shrinkage,
)
from fourmasks.pia.theory.divergences import Gaussian, decompose_kl, transport_bound, wasserstein_1_line
from fourmasks.pia.theory.exponential import (
    FAMILIES,
    best_decoder,
    best_separation,
    compromise_gap,
    jensen_shannon,
    price_of_overlap,
    reconstruction,
)
from fourmasks.pia.theory.masking import contraction, distance_law, expansion, masked_pairs
from fourmasks.pia.theory.sharing import User, linear_change, share
from fourmasks.pia.trained import plan as trained_plan
from fourmasks.pia.trained import tables
from fourmasks.pia.trained.sharing import KINDS
from fourmasks.records.store import load_records, records_directory
from fourmasks.system.device import banner, resolve_device

page.begin("pia/theory")
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


# %% tags=["hide-input"]
def computed(start):
    """Return the provenance of a figure that was computed on the spot."""
    seconds = time.perf_counter() - start
    return page.provenance_of_fit(
        profile=profile, data="by construction", seed=0, device="cpu", seconds=seconds
    )


def of_paper(experiment):
    """Return the records that were made for the profile `paper`."""
    found = load_records(experiment, records_directory(experiment, "paper"))
    return [record for record in found if record.profile == "paper"]


def two_users(n_shared, n_own, n_items):
    """Return two users (J,) with items in common and equally many of their own."""
    first, second = np.zeros((2, n_items))
    first[: n_shared + n_own] = 1
    second[:n_shared] = second[n_shared + n_own : n_shared + 2 * n_own] = 1
    return first, second


# %% [markdown]
# ## Theorem 2.3, where everything is known
#
# Two users have five of twelve items each. The decoder is a linear softmax with small random weights. User $u$ stays
# where it is, at distance one from the origin. User $v$ moves away: outwards, sideways, or inwards through the origin.
# Solid lines show $\langle g_u, g_v \rangle$, by how much a step on $v$ helps $u$. Dotted ones are what the theorem grants: it sees
# help where its line is above zero.

# %% tags=["hide-input"]
start = time.perf_counter()
steps, still = np.linspace(0.05, 1.9, 12), torch.zeros(2).double()
directions = {"outwards": (1.0, 0.0), "sideways": (0.0, 1.0), "inwards": (-1.0, 0.0)}
decoder, generator = torch.nn.Linear(2, 12).double(), torch.Generator().manual_seed(0)
with torch.no_grad():
    for parameter in decoder.parameters():
        parameter.copy_(0.3 * torch.randn(parameter.shape, generator=generator, dtype=torch.float64))


def influence(n_shared):
    """Return <g_u, g_v> and what the theorem grants by direction and distance; posteriors have no spread."""
    items, rows = [torch.as_tensor(user) for user in two_users(n_shared, 5 - n_shared, 12)], []
    place = torch.tensor([1.0, 0.0]).double()
    for name, direction in directions.items():
        for distance in steps:
            u = User(items[0], place, still)
            v = User(items[1], place + distance * torch.tensor(direction).double(), still)
            granted = -share(decoder, u, v, torch.zeros(1, 2).double()).bounds[-1]
            rows.append((name, distance, -linear_change(decoder, u, v), granted))
    return pd.DataFrame(rows, columns=["direction", "distance", "product", "granted"])


moves = {f"{shared} of 5 items in common": influence(shared) for shared in (0, 3, 4)}
figure, axes = pyplot.subplots(1, 3, figsize=(13.2, 3.6), sharex=True)
for axis, (title, table) in zip(axes, moves.items(), strict=True):
    for colour, (direction, part) in zip(page.PALETTE, table.groupby("direction", sort=False), strict=False):
        axis.plot(part["distance"], part["product"], color=colour, marker="", label=direction)
        axis.plot(part["distance"], part["granted"], color=colour, marker="", linestyle=":")
    axis.axhline(0, color="#444444", linewidth=0.8)
    axis.set(title=title, xlabel="distance of v from u")
axes[0].set_ylabel("how much a step on v helps u")
figure.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=3)
page.show(
    figure,
    alt="Three panels, for pairs with no, three and four of five items in common: help by distance in three directions, with"
    " the theorem's bound dotted. The table below holds the numbers.",
    caption="Help by distance. Without common items a step does harm at every distance. With four, help grows as v moves"
    " outwards, while the theorem's line falls.",
    provenance=computed(start),
)

# %% tags=["hide-input", "nbval-check-output"]
rows = moves["4 of 5 items in common"]
page.table(
    rows[rows["distance"].isin(steps[::4])].set_index(["direction", "distance"]),
    digits=3,
    caption="How much a step on one user helps another, beside what Theorem 2.3 grants",
)

# %% [markdown]
# What the two have in common decides the sign, and the distance decides nothing by itself. Now to real decoders.
#
# ## Theorem 2.3 on trained networks
#
# For pairs of users of the training: does a small step on $v$ lower the loss of $u$? And is the pair inside the sharing radius?
# Three kinds of pairs, those of the paper's Figure 1: *random* ones, the *near* (nearest in L1 with a common item), and the *related*
# ($u$'s items are nearly all among $v$'s). Inputs are whole (`clean`) or masked, both users by masks of their own.
#
# The theorem assumes a Lipschitz constant for all places, and names no decoder. For a linear softmax there is none. So we give it the smallest that its
# proof could do with on the samples at hand. Pairs outside the radius even then are outside.
#
# Gradients have as many numbers as the decoder has weights. Their scalar products do not need them: layer by layer they
# are products of errors and inputs (`fourmasks.pia.theory.pair_gradients`).

# %%
records = trained_plan.run(config, profile, device, [trained_plan.THEORY])
live = tables.runs(records, trained_plan.THEORY)
name = config.dataset[0]

# %% tags=["hide-input"]
INFLUENCE = ["help_distance", "help_overlap", "helped_decoder", "helped_all", "same_sign"]
LIPSCHITZ = ["lipschitz_pairs", "lipschitz_single", "reach"]
SURROGATE = ["hessian_variation", "smallest_curvature", "minimiser_spread", "left_over"]


SHARING = ["helped", "inside", "radius", "penalty", "content"]
KIND_STYLE = {"random": ("#8C8C8C", "."), "near": (page.PALETTE[0], "o"), "related": (page.PALETTE[1], "D")}


def sharing(frame):
    """Return Theorem 2.3 on pairs: a row for each network, its inputs, and kind of pair."""
    rows = [
        [
            *(run[key] for key in tables.KEYS),
            inputs,
            kind,
            *(run.get(f"{inputs}_{kind}_{name}") for name in SHARING),
        ]
        for run in frame.to_dict("records")
        for inputs in ("clean", "masked")
        for kind in KINDS
    ]
    columns = [*tables.KEYS, "inputs", "pairs", *SHARING]
    return pd.DataFrame(rows, columns=columns).astype(dict.fromkeys(SHARING, float))


def by_network(frame):
    """Return Theorem 2.3 by network, inputs and kind of pair: means over seeds."""
    return sharing(frame).groupby(["dataset", "method", "inputs", "pairs"], sort=False)[SHARING].mean()


def over_networks(frame):
    """Return the shares of pairs helped and inside, over all networks and inputs, and the largest one inside."""
    found = sharing(frame).groupby(["dataset", "pairs"], sort=False)
    return found.agg(helped=("helped", "mean"), inside=("inside", "mean"), largest_inside=("inside", "max"))


def half_hidden(table):
    """Return how mean KL and mean distance with half of the items hidden differ from those with none, as shares."""
    half, whole = (table[table.index.isin([keep], "keep")].droplevel("keep") for keep in (0.5, 1.0))
    return (half / whole - 1)[["kl", "w1_high"]].set_axis(["mean KL", "mean distance"], axis=1)


def shrinking(frame):
    """Return what became of the variance over masks, what τ² promises, and the variance in units of users'."""
    return frame.groupby(["dataset", "method"], sort=False)[["trace", "tau_squared", "relative"]].mean()


def pairs(records, dataset):
    """Return the pairs that records of a data set keep, by method: seed 0 of the paper's settings keeps them."""
    found = {}
    for record in tables.in_order(records, trained_plan.THEORY):
        method, curves = record.parameters["method"], record.curves
        if (
            record.parameters["dataset"] == dataset
            and method in trained_plan.SETTINGS
            and "pair_kind" in curves
        ):
            names = ("distance", "penalty", "gradients", "items")
            table = pd.DataFrame({name: curves[f"pair_{name}"] for name in names})
            found[method] = table.assign(kind=[KINDS[kind] for kind in curves["pair_kind"]])
    return found


def pairs_figure(by_method):
    """Draw every pair: cosine of the gradients by distance and by items in common, a row for each network."""
    size = (10.5, 2.9 * len(by_method) + 0.4)
    figure, axes = pyplot.subplots(len(by_method), 3, figsize=size, squeeze=False, sharey="col", sharex="col")
    columns = (
        ("distance", "gradients", "distance of the posteriors", "cosine of the gradients"),
        ("items", "gradients", "cosine of the items", ""),
        ("distance", "penalty", "distance of the posteriors", "penalty D / ‖g_u‖"),
    )
    for row, (method, table) in zip(axes, by_method.items(), strict=True):
        for axis, (x, y, _, ylabel) in zip(row, columns, strict=True):
            for kind, (colour, marker) in KIND_STYLE.items():
                part = table[table["kind"] == kind]
                axis.plot(part[x], part[y], marker, color=colour, markersize=4, alpha=0.6, label=kind)
            axis.axhline(1.0 if y == "penalty" else 0.0, color="#444444", linewidth=0.9)
            axis.set(ylabel=ylabel)
        row[2].set_yscale("log")
        row[0].set_title(method, fontsize=11)
    for axis, (_, _, xlabel, _) in zip(axes[-1], columns, strict=True):
        axis.set_xlabel(xlabel)
    figure.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside lower center", ncols=3)
    return figure


page.show(
    pairs_figure(pairs(records, name)),
    alt="One row of three panels for each network: cosine of two users' gradients by the distance of their posteriors and by"
    " the cosine of their items, and the theorem's penalty by distance. The table below has shares and medians.",
    caption=f"Pairs of users, {name}, seed 0, whole inputs. Left and middle: above zero a step helps. Right: below the line the"
    " theorem says so. Compare which of the first two panels orders the points.",
    provenance=page.provenance(records, profile=profile, data=name),
)

# %% [markdown]
# `helped`: share of pairs that a step helps. `inside`: share inside the radius. `radius`: share with a radius above zero. `penalty` and
# `content`: medians of $D_{u,v}$ and $\Delta_x(u, v)$ over $\lVert g_u \rVert$. A pair is inside if the first is below 1.

# %% tags=["hide-input", "nbval-check-output"]
HELP = "How often a step on one user helps another, and how often Theorem 2.3 sees it"
page.table(by_network(live), digits=2, caption=HELP)

# %% [markdown]
# Over all networks, the share of pairs that a step helps and of those inside the radius, and the largest share inside for any network:

# %% tags=["hide-input", "nbval-check-output"]
page.table(over_networks(live), digits=3, caption=f"{HELP}, over all networks")

# %% [markdown]
# What goes with help, over all pairs of some users: the rank correlation of the cosine of the gradients with the distance of the
# posteriors (by the paper's Result 1, negative), and with the cosine of the items. Then the share of pairs helped if the decoder
# alone moves, as in the theorem, and if all weights move and all terms of the objective count; `same_sign` is how often the two agree.

# %% tags=["hide-input", "nbval-check-output"]
HELPS = "With what help between users goes: distance of posteriors, common items, and the whole network"
page.table(tables.summary(live, INFLUENCE, digits=2), caption=HELPS)

# %% [markdown]
# ## Lemma 2.4: the encoder's constant
#
# The largest ratio of a change of the posterior to a change of the input, $\sqrt h$: over pairs of users, and over users with
# and without one item. Both are shares of the mean distance of two users. `reach` is the number of different
# items from which on the lemma allows that mean distance. Beyond it, it says nothing.

# %% tags=["hide-input", "nbval-check-output"]
STEEP = "How steep the encoder is, in mean distances of two users, and how far the lemma reaches"
page.table(tables.summary(live, LIPSCHITZ, digits=2), caption=STEEP)

# %% [markdown]
# ## Theorem 2.5: the price of overlap
#
# Two users have five items each and three in common, so $h = 4$; their posteriors are $\mathcal N(\pm m, 1)$ on the line. The price is
# computed in three ways: by quadrature of Eq. (3), by its closed form $c\,(\log 2 - \operatorname{JSD})$, and as what the best decoder
# really pays if its parameters are at most 5 or 20 in size.

# %% tags=["hide-input"]
start = time.perf_counter()
items, rows = two_users(3, 2, 12), []
for name, family in {name: FAMILIES[name] for name in ("bernoulli", "multinomial")}.items():
    apart = -sum(float(family.conjugate(user)) for user in items)  # what the two cost when told apart
    for m in np.linspace(0, 4, 9):
        q = tuple(Gaussian(np.array([sign * m]), np.ones(1)) for sign in (1, -1))
        price = price_of_overlap(name, 4) * (np.log(2) - jensen_shannon(*q))
        paid = [
            reconstruction(family, items, q, best_decoder(family, items, q, limit)) - apart
            for limit in (5, 20)
        ]
        rows.append((name, m, compromise_gap(family, items, q), price, *paid))
gaps = pd.DataFrame(
    rows, columns=["family", "separation", "quadrature", "closed form", "decoder 5", "decoder 20"]
)
figure, (left, right) = pyplot.subplots(1, 2, figsize=(9, 3.6))
betas = np.linspace(0.1, 6, 30)
for colour, (family, part) in zip(page.PALETTE, gaps.groupby("family", sort=False), strict=False):
    left.plot(part["separation"], part["quadrature"], color=colour, marker="", label=family)
    left.plot(part["separation"], part["closed form"], "x", color=colour)
    left.plot(part["separation"], part["decoder 5"], color=colour, marker="", linestyle=":")
    price = price_of_overlap(family, 4)
    right.plot(betas, [best_separation(price, beta) for beta in betas], color=colour, marker="", label=family)
    right.axvline(price / 2, color=colour, linewidth=0.9, linestyle="--")
left.set(xlabel="separation m", ylabel="price of overlap")
right.set(xlabel="β", ylabel="best separation m")
left.legend()
page.show(
    figure,
    alt="Left: the price of overlap falls with the separation of two posteriors, for two likelihoods. Right: the best"
    " separation falls with beta and is zero from a threshold on. The table below holds the numbers.",
    caption="Left: quadrature (line), closed form (crosses), and a decoder with parameters up to 5 (dotted), which never gets"
    " down to the infimum. Right: dashed lines are half of the price. From there on the best posteriors are the prior.",
    provenance=computed(start),
)

# %% tags=["hide-input", "nbval-check-output"]
page.table(
    gaps[gaps["separation"].isin([0.0, 1.0, 2.0, 4.0])].set_index(["family", "separation"]),
    digits=4,
    caption="The price of overlap, computed in three ways, by how far apart the posteriors are",
)

# %% [markdown]
# ### The transport inequality, Eq. (4)
#
# $W_1$ on the line in closed form, by SciPy {cite:p}`virtanen2020scipy` from 20,000 quantiles of each, and the bound.

# %% tags=["hide-input", "nbval-check-output"]
rows, levels = [], (np.arange(20_000) + 0.5) / 20_000
for a, b, c, d in [(0, 1, 0, 1), (2, 1, -2, 1), (1, 0.5, -1, 2), (0, 0.1, 3, 0.1), (3, 0.5, 3, 0.5)]:
    q = [Gaussian(np.array([mean]), np.array([std])) for mean, std in ((a, b), (c, d))]
    drawn = wasserstein_distance(norm.ppf(levels, a, b), norm.ppf(levels, c, d))
    names = f"N({a:g}, {b:g}²)", f"N({c:g}, {d:g}²)"
    rows.append((*names, float(wasserstein_1_line(*q)), drawn, float(transport_bound(*q))))
page.table(
    pd.DataFrame(rows, columns=["q_u", "q_v", "W1", "SciPy", "bound"]).set_index(["q_u", "q_v"]),
    digits=3,
    caption="Eq. (4): the Wasserstein distance of two posteriors, in closed form and by SciPy, is below its bound",
)

# %% [markdown]
# Sharp for opposite sides and unit variances, the second row. For equal posteriors far from the prior, the last row, it allows what
# is not there.
#
# ## Eq. 6 and 7: masks, information, distances
#
# Eq. (7) splits the mean KL into the information that the latent place has about the masked input, and the KL of all users together to
# the prior. The paper argues that masks tend to lower the first, and often the second. First one user, then twelve, under
# one fixed encoder; 30 masks each.


# %% tags=["hide-input", "nbval-check-output"]
def information(n_users, n_masks=30):
    """Return the terms of Eq. (7) by how much masks keep; users have 8 of 24 items, each mask is as likely."""
    rng, rows = np.random.default_rng(0), {}
    users = rng.permuted(np.repeat([[1.0] * 8 + [0.0] * 16], n_users, axis=0), axis=1)
    weights, noise = (
        rng.standard_normal((24, 2)) / 2,
        rng.standard_normal((16, 2)),
    )  # the encoder's mean is linear
    for keep in (0.1, 0.25, 0.5, 0.75, 0.9, 1.0):
        masked = users.repeat(n_masks, axis=0) * (rng.random((n_users * n_masks, 24)) < keep)
        means = masked @ weights
        found = decompose_kl(Gaussian(means, np.full_like(means, 0.3)), noise)
        rows[keep] = (*found, sum(found))
    columns = ["information", "aggregate", "mean KL"]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("keep")


page.table(
    pd.concat({"one user": information(1), "twelve users": information(12)}, axis=1),
    digits=3,
    caption="The terms of Eq. (7) in nats, by the share of items that a mask keeps",
)

# %% [markdown]
# A mask is a source of information by itself: for one user there is none without masks. For several users a few hidden
# items *raise* the information. On the trained networks, as they are, with masks of several strengths:


# %% tags=["hide-input"]
def transport(records):
    """Return both sides of Eq. (6) and the mean KL by the share of items that masks keep: means over seeds."""
    keys, names = ["dataset", "method", "keep"], ["kl", "w1_low", "w1_high", "spread", "bound"]
    rows = [
        (record.parameters["dataset"], record.parameters["method"], *values)
        for record in tables.in_order(records, trained_plan.THEORY)
        for values in zip(*(record.curves[name] for name in ("keep", *names)), strict=True)
    ]
    return pd.DataFrame(rows, columns=[*keys, *names]).groupby(keys, sort=False).mean()


def transport_figure(table):
    """Draw mean KL, and both sides of Eq. (6), by what masks keep: a row for each data set."""
    datasets = table.index.unique("dataset")
    size = (9, 3.3 * len(datasets))
    figure, axes = pyplot.subplots(len(datasets), 2, figsize=size, squeeze=False, sharex=True)
    for row, dataset in zip(axes, datasets, strict=True):
        methods = table.loc[dataset].groupby(level="method", sort=False)
        for colour, (method, part) in zip(page.PALETTE, methods, strict=False):
            keep = part.index.get_level_values("keep")
            row[0].plot(keep, part["kl"], color=colour, label=method)
            row[1].plot(keep, part["w1_high"], color=colour)
            row[1].plot(keep, part["bound"], color=colour, marker="", linestyle="--")
        row[0].set(title=dataset, ylabel="mean KL, nats")
        row[1].set(ylabel="mean distance; bound dashed", yscale="log")
    for axis in axes[-1]:
        axis.set_xlabel("share of items kept ρ")
    figure.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside lower center", ncols=4)
    return figure


moved = transport(records)
page.show(
    transport_figure(moved),
    alt="Left: mean KL to the prior by the share of items kept, one line for each network. Right: mean distance of two users, and"
    " far above it the bound of Eq. 6, dashed. The table below holds the numbers.",
    caption="Left: the mean KL, Eq. (7). Right: the mean distance of two users' masked posteriors, and dashed the bound of"
    " Eq. (6). Read from right to left: more is hidden.",
    provenance=page.provenance(records, profile=profile, data=", ".join(config.dataset)),
)

# %% tags=["hide-input", "nbval-check-output"]
page.table(moved, digits=2, caption="What masks do to trained networks, by the share of items that they keep")

# %% [markdown]
# What hiding half of the items does to the mean KL and to the mean distance of two users, as a share of what they are without masks:

# %% tags=["hide-input", "nbval-check-output"]
page.table(
    half_hidden(moved),
    digits=2,
    caption="What hiding half of the items does, as a share of what there is without masks",
)

# %% [markdown]
# ## Theorem 2.6: the distance after masking
#
# The masked distance $D'$ of two users follows a law that can be written down. The figure shows both of its tails, 20,000 drawn pairs of
# masks, and the theorem's bounds, for half of the items kept.

# %% tags=["hide-input"]
start = time.perf_counter()


def masked_distance(h, s):
    """Return both tails for all δ: exact, by drawing masks, and Theorem 2.6's bounds."""
    first, second = two_users(s, 0, s + h)
    first[s:] = 1
    drawn = masked_pairs(first, second, 0.5, 20_000, np.random.default_rng(0))
    distances = (drawn[0] != drawn[1]).sum(1)
    deltas = np.arange(1, h + s + 1)
    table = pd.DataFrame({"delta": deltas, "chance": distance_law(h, s, 0.5)[1:]})
    for name, tail, holds in (("closer", contraction, np.less), ("not closer", expansion, np.greater_equal)):
        found = [tail(h, s, 0.5, delta) for delta in deltas]
        table[name] = [one.exact for one in found]
        table[f"{name}, drawn"] = [holds(distances, delta).mean() for delta in deltas]
        table[f"{name}, bound"] = [one.bound for one in found]
    return table


laws = {f"h = {h}, s = {s}": masked_distance(h, s) for h, s in ((20, 0), (20, 10), (10, 20))}
figure, axes = pyplot.subplots(2, 3, figsize=(10.2, 5.2), sharey=True, sharex="col")
for column, (title, table) in zip(axes.T, laws.items(), strict=True):
    some = table[:: max(1, len(table) // 12)]
    for axis, name in zip(column, ("closer", "not closer"), strict=True):
        axis.plot(table["delta"], table[name], color=page.PALETTE[0], marker="", label="exact")
        axis.plot(
            some["delta"], some[f"{name}, drawn"], "o", color=page.PALETTE[2], markersize=4, label="drawn"
        )
        axis.plot(
            table["delta"],
            table[f"{name}, bound"],
            color=page.PALETTE[1],
            marker="",
            linestyle="--",
            label="bound",
        )
    column[0].set_title(title, fontsize=11)
    column[1].set_xlabel("δ")
axes[0, 0].set_ylabel("Pr[D' < δ]")
axes[1, 0].set_ylabel("Pr[D' ≥ δ]")
axes[0, -1].legend()
page.show(
    figure,
    alt="Two rows of three panels: the probabilities that a masked pair is closer than delta, and that it is not, exact and drawn,"
    " which agree, and the bounds, which are near zero but where one of h and s is. The table below holds numbers.",
    caption="Exact law (line), drawn masks (points), bounds (dashed). Compare the dashed line with the points as soon as the users"
    " share items.",
    provenance=computed(start),
)

# %% tags=["hide-input", "nbval-check-output"]
page.table(
    laws["h = 20, s = 10"].iloc[4:25:5].set_index("delta"),
    digits=4,
    caption="Theorem 2.6: both tails of the masked distance, exact, drawn, and as bounded",
)

# %% [markdown]
# How loose are they? The exact probability at $\delta = h$, which asks whether the pair comes closer, over the bound. Where $s < h$ the
# bound on the right is zero, and there is no line.

# %% tags=["hide-input"]
start = time.perf_counter()
columns = ["h", "s", "keep", "closer", "closer, bound", "not closer", "not closer, bound"]
rows = []
for h, s in ((10, 2), (10, 10), (40, 10), (40, 40)):
    for keep in np.linspace(0.05, 0.95, 19):
        both = contraction(h, s, keep, h), expansion(h, s, keep, h)
        rows.append((h, s, keep, *(number for tail in both for number in (tail.exact, tail.bound))))
tails = pd.DataFrame(rows, columns=columns)
figure, axes = pyplot.subplots(1, 2, figsize=(9, 3.6), sharey=True)
for axis, name in zip(axes, ("closer", "not closer"), strict=True):
    for colour, ((h, s), part) in zip(page.PALETTE, tails.groupby(["h", "s"], sort=False), strict=False):
        known = part[part[f"{name}, bound"] > 0]
        ratio = known[name] / known[f"{name}, bound"]
        axis.plot(known["keep"], ratio, color=colour, marker="", label=f"h = {h}, s = {s}")
    axis.set(title=name, xlabel="share of items kept ρ", yscale="log", ylim=(0.5, 1e12))
axes[0].set_ylabel("exact / bound")
axes[0].legend(fontsize=9)
page.show(
    figure,
    alt="Exact probability over bound on a logarithmic axis, by the share of items kept, for four pairs of users. The table below"
    " holds numbers.",
    caption="How many times the exact probability is the bound. The more two users share, the less the bounds say, most of all"
    " near one half, where masks are used.",
    provenance=computed(start),
)

# %% tags=["hide-input", "nbval-check-output"]
page.table(
    tails[tails["keep"].round(2).isin([0.1, 0.5, 0.9])].set_index(["h", "s", "keep"]),
    digits=4,
    caption="Theorem 2.6: exact probabilities beside the bounds, by the share that masks keep",
)

# %% [markdown]
# ## Proposition 3.1: the alignment loss
#
# Eq. (9) by drawing $z$ 200,000 times, and the sum and the three terms of Eq. (10), for three random users.

# %% tags=["hide-input", "nbval-check-output"]
rng, rows = np.random.default_rng(0), []
for _ in range(3):
    anchors = rng.standard_normal((rng.integers(2, 9), 3))
    q = Gaussian(rng.standard_normal(3), np.exp(rng.uniform(-1, 0.5, 3)))
    z = q.mean + q.std * rng.standard_normal((200_000, 3))
    drawn = np.mean([((z - anchor) ** 2).sum(1).mean() for anchor in anchors])
    terms = alignment(q, anchors)
    rows.append((len(anchors), drawn, sum(terms), *terms))
columns = ["items", "Eq. 9, drawn", "Eq. 10", "mean", "variance", "scatter"]
page.table(
    pd.DataFrame(rows, columns=columns).set_index("items"),
    digits=1,
    caption="Proposition 3.1: Eq. (9), drawn, is the sum of the three terms of Eq. (10)",
)

# %% [markdown]
# ## Proposition 3.2: spread over masks
#
# ### On quadratic losses
#
# Five random problems with one Hessian for all masks: $\tau$, $\tau^2$, what alignment does to norm and trace of the covariance and to the
# mean squared distance from the centroid, and the least $c$ with $V_{\text{after}} \preceq c\, V_{\text{before}}$. The first
# three are at most $\tau^2$. The last is not: the order that the paper's main text states does not hold.

# %% tags=["hide-input", "nbval-check-output"]
rng, rows = np.random.default_rng(0), []
for _ in range(5):
    basis, _ = np.linalg.qr(rng.standard_normal((3, 3)))
    hessian = basis @ np.diag(10 ** rng.uniform(-1, 1, 3)) @ basis.T
    # Masks move the minimiser mainly along one direction.
    before = rng.standard_normal((200, 1)) * rng.standard_normal(3) + 0.1 * rng.standard_normal((200, 3))
    centroid = rng.standard_normal(3)
    after = centroid + (before - centroid) @ shrinkage(hessian, 0.5).T
    spread, tau = compare_spread(before, after, centroid), contraction_factor(hessian, 0.5)
    rows.append((tau, tau**2, spread.norm, spread.trace, spread.drift, spread.loewner))
page.table(
    pd.DataFrame(rows, columns=["tau", "tau squared", "norm", "trace", "drift", "Löwner"]),
    digits=3,
    caption="Proposition 3.2 on five random losses: norm, trace and drift are at most τ², the Löwner factor is not",
)

# %% [markdown]
# One encoder for two users sees the masked input alone. If both have the same minimiser, nothing depends on the mask. Alignment to the
# users' own centroids then *makes* a spread. Alignment to zero does not.

# %% tags=["hide-input", "nbval-check-output"]
users = np.array([[1, 1, 1, 0], [1, 1, 0, 1]])
rows = {}
for minimisers, best in {"equal": [[0.5], [0.5]], "different": [[1.0], [-1.0]]}.items():
    for target, places in {"own centroids": [[1.0], [-1.0]], "zero": [[0.0], [0.0]]}.items():
        found = amortised(users, np.array(best), np.array(places), np.eye(1), 0.5, 0.5).variances(0)
        rows[minimisers, target] = dict(zip(("without", "with alignment"), found, strict=True))
page.table(
    pd.DataFrame(rows).T.rename_axis(["minimisers", "target"]),
    digits=4,
    caption="Spread over masks of one encoder for two users, without and with alignment",
)

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

# %% tags=["hide-input", "nbval-check-output"]
QUADRATIC = "How far the loss of trained networks is from the quadratic one that Proposition 3.2 takes"
page.table(tables.summary(live, SURROGATE, digits=2), caption=QUADRATIC)

# %% [markdown]
# ### On trained networks: does the spread shrink?
#
# Networks with alignment, beside Multi-VAE without it on the same seed. `tau_squared` is what the proposition promises, from the
# largest eigenvalues of the Hessians without alignment. `trace` and `norm` are what happened, `kept` the share of users for whom the promise
# is kept. `unit` is $\beta / (\beta + 2 \lambda_A)$: the factor by which alignment changes the unit of latent space. `relative` is the spread over masks in
# units of the spread of users, again beside that without alignment: above 1 masked views are *harder* to tell apart.

# %% tags=["hide-input", "nbval-check-output"]
shrunk = tables.contraction(records)
SHRUNK = "What alignment does to the spread over masks, beside the promise τ²"
page.table(shrunk.set_index(["dataset", "method", "seed"]), digits=2, caption=SHRUNK)

# %% [markdown]
# The means over seeds, again with $\tau^2$ beside the `trace` that it bounds:

# %% tags=["hide-input", "nbval-check-output"]
page.table(shrinking(shrunk), digits=3, caption=f"{SHRUNK}: means over seeds")

# %% [markdown]
# ## On MovieLens
#
# The same from records of the `paper` profile: networks of the paper's size, three seeds, float32, gradients in float64. The command that makes
# the records, or what is missing of them, is `fourmasks run pia/theory --profile paper`.

# %%
kept = of_paper(trained_plan.THEORY)
found = tables.runs(kept, trained_plan.THEORY)
names = list(dict.fromkeys(found["dataset"]))
if not kept:
    print("no records of the paper profile yet")

# %% [markdown]
# ### Theorem 2.3

# %% tags=["hide-input"]
for name in names:
    shown = pairs(kept, name)
    if shown:
        page.show(
            pairs_figure(shown),
            alt=f"{name}: one row of three panels for each network: cosine of two users' gradients by distance and by items in"
            " common, and the theorem's penalty. The table below has shares and medians.",
            caption=f"Pairs of users, {name}, seed 0, whole inputs. Left and middle: above zero a step helps. Right: below the"
            " line the theorem says so.",
            provenance=page.provenance(
                [r for r in kept if r.parameters["dataset"] == name], profile="paper", data=name
            ),
        )

# %% tags=["hide-input", "nbval-check-output"]
page.table(by_network(found), digits=3, caption=HELP)

# %% tags=["hide-input", "nbval-check-output"]
page.table(over_networks(found), digits=3, caption=f"{HELP}, over all networks")

# %% tags=["hide-input", "nbval-check-output"]
page.table(tables.summary(found, INFLUENCE), caption=HELPS)

# %% [markdown]
# ### Lemma 2.4

# %% tags=["hide-input", "nbval-check-output"]
page.table(tables.summary(found, LIPSCHITZ), caption=STEEP)

# %% [markdown]
# ### Eq. 6 and 7

# %% tags=["hide-input"]
moved = transport(kept)
if names:
    page.show(
        transport_figure(moved),
        alt="For each data set, left: mean KL to the prior by the share of items kept. Right: mean distance of two users, and dashed"
        " the bound of Eq. 6. The table below holds the numbers.",
        caption="Eq. (7), left, and Eq. (6), right, on trained networks. Read from right to left: more is hidden.",
        provenance=page.provenance(kept, profile="paper", data=", ".join(names)),
    )

# %% tags=["hide-input", "nbval-check-output"]
page.table(moved, digits=2, caption="What masks do to trained networks, by the share of items that they keep")

# %% tags=["hide-input", "nbval-check-output"]
page.table(
    half_hidden(moved),
    digits=2,
    caption="What hiding half of the items does, as a share of what there is without masks",
)

# %% [markdown]
# ### Proposition 3.2

# %% tags=["hide-input", "nbval-check-output"]
page.table(tables.summary(found, SURROGATE), caption=QUADRATIC)

# %% tags=["hide-input"]
shrunk = tables.contraction(kept)
labels = {
    "tau_squared": "τ²",
    "unit": "change of unit",
    "trace": "variance over masks",
    "relative": "the same, over the variance of users",
}
for name, part in shrunk.groupby("dataset", sort=False):
    methods = list(dict.fromkeys(part["method"]))
    figure, axis = pyplot.subplots(figsize=(7.5, 1.6 + 0.6 * len(methods)))
    for colour, marker, (ratio, label) in zip(page.PALETTE, "os^D", labels.items(), strict=False):
        places = part["method"].map(methods.index)
        axis.plot(part[ratio], places, marker, color=colour, alpha=0.8, label=label)
    axis.axvline(1, color="#444444", linewidth=0.9)
    axis.set(xscale="log", xlabel="with alignment / without", ylim=(-0.6, len(methods) - 0.4))
    axis.set_yticks(range(len(methods)), methods)
    figure.legend(*axis.get_legend_handles_labels(), loc="outside lower center", ncols=2)
    page.show(
        figure,
        alt=f"{name}: ratios of a network with alignment to one without, on a logarithmic axis. The table below holds the numbers.",
        caption=f"Spread over masks on {name}, with alignment over without. Compare what happened with the change of unit, and"
        " then look at the last marker, where the unit is taken out.",
        provenance=page.provenance(
            [r for r in kept if r.parameters["dataset"] == name], profile="paper", data=name
        ),
    )

# %% tags=["hide-input", "nbval-check-output"]
page.table(shrunk.set_index(["dataset", "method", "seed"]), digits=3, caption=SHRUNK)

# %% tags=["hide-input", "nbval-check-output"]
page.table(shrinking(shrunk), digits=3, caption=f"{SHRUNK}: means over seeds")

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

# %% tags=["hide-input"]
# By statement and check: the place in the paper, and what should hold.
CHECKS = {
    "sharing": {
        "change": ("Theorem 2.3", "a step changes the loss by the bound at most"),
        "gradients": ("Theorem 2.3", "two gradients differ by D at most"),
        "step": ("Theorem 2.3", "inside the radius a step lowers the loss"),
        "restricted": ("Theorem 2.3", "where the radius is zero no step helps"),
    },
    "slope": {
        "bounded": ("Theorem 2.3", "the gradient is Lipschitz in z"),
        "constant": ("Theorem 2.3", "our constant bounds its slope"),
    },
    "lemma": {
        "lemma": ("Lemma 2.4", "W₁ ≤ L h"),
        "root": ("Lemma 2.4", "W₁ ≤ L √h"),
    },
    "overlap": {
        "equation": ("Theorem 2.5", "both sides of Eq. (3) agree"),
        "attained": ("Theorem 2.5", "a decoder reaches the minimum"),
        "sign": ("Theorem 2.5", "the gap is not negative"),
        "equality": ("Theorem 2.5", "the gap is zero for equal users only"),
        "equality_inside": ("Theorem 2.5", "the same for 0 < α < 1"),
    },
    "transport": {"transport": ("Theorem 2.5", "Eq. (4)")},
    "information": {
        "average": ("Equation 6", "mean W₁ below the root of the mean KL"),
        "decomposition": ("Equation 7", "KL is information and aggregate"),
        "information": ("Section 2.4", "masks lower the information"),
    },
    "distance": {
        "contraction": ("Theorem 2.6", "contraction"),
        "expansion": ("Theorem 2.6", "expansion"),
        "law": ("Theorem 2.6", "drawn masks follow the law"),
    },
    "alignment": {
        "terms": ("Proposition 3.1", "Eq. (9) is Eq. (10)"),
        "loss": ("Proposition 3.1", "and the loss that we train on"),
    },
    "surrogate": {
        "minimiser": ("Proposition 3.2", "Eq. (32) minimises the aligned loss"),
        "norm": ("Proposition 3.2", "norm of V shrinks by τ²"),
        "trace": ("Proposition 3.2", "trace of V shrinks by τ²"),
        "loewner": ("Proposition 3.2", "V shrinks by τ² in every direction"),
        "drift": ("Proposition 3.2", "drift shrinks by τ"),
        "drift_squared": ("Proposition 3.2", "drift shrinks by τ²"),
    },
    "growth": {"growth": ("Algorithm 1", "the weight waits for the patience")},
}
MEASURES = {
    "helped": ("Theorem 2.3", "share of pairs that a step helps"),
    "inside": ("Theorem 2.3", "share of pairs inside the radius"),
    "growth": ("Theorem 2.3", "slope at distance 1000 over that at 10"),
    "gap": ("Theorem 2.5", "price of overlap, nats"),
    "information_ratio": ("Section 2.4", "information with masks over that without"),
    "closer": ("Theorem 2.6", "contraction's bound over the probability, δ = h"),
    "not_closer": ("Theorem 2.6", "expansion's bound over the probability, δ = h"),
    "law_deviation": ("Theorem 2.6", "drawn masks from the law, standard errors"),
    "constant_gradient": ("Proposition 3.1", "gradient of the constant over that of the loss"),
    "growing": ("Algorithm 1", "share of epochs in which the weight grows"),
    "log10_weight": ("Algorithm 1", "decimal logarithm of the growth in all"),
}
COLUMNS = ["cases", "violations", "median", "largest", "error"]
WITH = {"rank": "R = {}", "keep": "ρ = {}", "most": "h, s ≤ {}"}


def trials(records):
    """Yield statement, what it is tried with, and the metrics of each trial, in the order of the plan."""
    for statement, variants in theorem_plan.VARIANTS.items():
        for variant in variants:
            name, value = next(iter(variant.items()), ("", ""))
            for record in records:
                if record.parameters.items() >= ({"statement": statement} | variant).items():
                    yield statement, WITH.get(name, "{}").format(value), record.metrics


def checked(records):
    """Return what became of each statement: a row for each check and what it was tried with."""
    rows = [
        (place, words, label, *(metrics.get(f"{name}_{column}") for column in COLUMNS))
        for statement, listed in CHECKS.items()
        for name, (place, words) in listed.items()
        for tried, label, metrics in trials(records)
        if tried == statement and f"{name}_cases" in metrics
    ]
    index = ["place", "statement", "with"]
    frame = pd.DataFrame(rows, columns=[*index, *COLUMNS]).set_index(index).astype(float)
    return frame.astype({"cases": int, "violations": int})


def failures(table):
    """Say how many checks never failed, and return the others."""
    failed = table[table["violations"] > 0]
    print(f"{len(table) - len(failed)} of {len(table)} checks hold in all of their cases; the others:")
    return page.table(failed[["violations", "cases"]], caption="Checks that fail in some of their cases")


def measured(records):
    """Return what the trials measured beside: a row for each measure and what it was tried with."""
    rows = [
        (place, words, label, metrics[name])
        for name, (place, words) in MEASURES.items()
        for _, label, metrics in trials(records)
        if name in metrics
    ]
    index = ["place", "measure", "with"]
    return pd.DataFrame(rows, columns=[*index, "value"]).set_index(index)


# %% tags=["hide-input", "output_scroll", "nbval-check-output"]
checks_table = checked(checks)
page.table(
    checks_table,
    digits=3,
    caption="Each statement on random instances: how many cases, and how many contradict it",
)

# %% tags=["hide-input", "nbval-check-output"]
failures(checks_table)

# %% [markdown]
# Some of these statements are the paper's, some are readings of it, and some are ours. The verdicts below are on the first two.
#
# - *Radius zero*: no constant and no place would bring such a pair inside. A step that helps there helps unseen by the theorem.
# - *In every direction*: where $V$ has axes of its own, the order of matrices has no chance. It would need the steepest axis of the Hessian to be an axis of $V$.
# - *Masks lower the information*: the paper says that they tend to. The encoders here are not trained. They show what the data-processing inequality does not say, not what
#   training does, and there is no verdict on it.
# - *The gradient is Lipschitz in z* is what Theorem 2.3 assumes, not what it claims; and with *variance* Lemma 2.4 has another encoder than its proof. There is no verdict on these either.
#
# What else the trials measure: how steep decoders become, what is left of the bounds of Theorem 2.6 for users who share items and differ in
# others, how often the weight grows. *Constant* is the last term of Eq. (10), its gradient that by the anchors.

# %% tags=["hide-input", "nbval-check-output"]
page.table(measured(checks), digits=3, caption="What else the trials measure")

# %% [markdown]
# ### From the records of the paper profile
#
# The same with more instances. The verdicts rest on these.

# %%
tried = of_paper(theorem_plan.EXPERIMENT)
print(page.provenance(tried, profile="paper", data="random instances") if tried else "no records yet")

# %% tags=["hide-input", "output_scroll", "nbval-check-output"]
checks_table = checked(tried)
page.table(
    checks_table,
    digits=3,
    caption="Each statement on random instances: how many cases, and how many contradict it",
)

# %% tags=["hide-input", "nbval-check-output"]
failures(checks_table)

# %% tags=["hide-input", "nbval-check-output"]
page.table(measured(tried), digits=3, caption="What else the trials measure")

# %% [markdown]
# ## Verdicts
#
# The paper's statements beside ours. The verdicts are computed from the records.

# %% tags=["hide-input", "output_scroll", "nbval-check-output"]
places = ("Theorem", "Lemma", "Equation", "Section 2.4", "Proposition", "Algorithm")
mine = [row for row in ledger("pia") if row["place"].startswith(places)]
print(", ".join(f"{verdict}: {count}" for verdict, count in summary(mine).items()))
page.verdicts(mine)
