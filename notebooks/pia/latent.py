# %% [markdown]
# # Neighbours in latent space
#
# The paper {cite:p}`pia2026` tells a story about places. Users learn from each other if the autoencoder puts them near
# one another. Without masks only users with nearly the same items are put together. Masks mix users, and let their
# neighbourhoods drift. PIA holds them in place.
#
# It shows this by a sketch (Figure 1) and by t-SNE pictures (Figure 2). This notebook does three things.
#
# 1. It **finds** the users of Figure 1 in data.
# 2. It redraws Figure 2, with **numbers** beside the picture, and with controls.
# 3. It measures **drift** itself: how much a user's neighbours change from one mask to the next.

# %% tags=["parameters"]
profile = "book"  # type: str  smoke, book or paper
dataset = None  # type: str  interactions, as "simulated" or "ml-100k,ml-1m", None for the profile's
methods = None  # type: str  networks and inputs, as "multi-vae,multi-vae+pia", None for the profile's
seeds = None  # type: int  number of seeds, each with a division of the users, None for the profile's
epochs = None  # type: int  epochs at most, None for the profile's
neighbours = None  # type: int  how many nearest users count as neighbours, None for the profile's
mask_rate = None  # type: float  share of the items that a masked view hides, None for the profile's
perplexity = None  # type: float  of t-SNE, None for the profile's
device = "auto"  # type: str  cpu, cuda, mps, or auto for what is there

# %% tags=["hide-input"]
import numpy as np
import pandas as pd
from matplotlib import pyplot
from matplotlib.colors import ListedColormap

from fourmasks.claims.files import overlaps
from fourmasks.claims.ledger import ledger, summary
from fourmasks.experiments.profiles import resolve
from fourmasks.pages import figures as page
from fourmasks.pages.tables import differences, plus_minus, run_rows
from fourmasks.pia.trained import neighbourhoods, plan, tables
from fourmasks.records.store import load_records, records_directory
from fourmasks.system.device import banner, resolve_device

page.begin("pia/latent")
config = resolve(
    plan.PROFILES,
    profile,
    dataset=dataset,
    methods=methods,
    seeds=seeds,
    epochs=epochs,
    neighbours=neighbours,
    mask_rate=mask_rate,
    perplexity=perplexity,
)
device = str(resolve_device(device))
print(banner(device))

# %% tags=["hide-input"]
GEOMETRY = ["stranger_nearest", "has_related", "nearer_l1", "nearer_cosine"]
COHORTS = ["items_small", "items_mid", "items_large"]
SPREAD, CENTRES = (
    ["activity", "silhouette", "within", "between"],
    ["mid_large", "small_large", "order", "related"],
)
INPUT = ["overlap_jaccard", "overlap_l1", "follows_cosine", "follows_l1"]
DRIFT = ["drift", "drift_from_clean", "view_ratio", "recognised"]


def counted(trio):
    """Return the two pairs of Figure 1: items of both, in common, L1, and share of the other's items."""
    user, rows = set(trio.curves["user"]), {}
    for kind in ("near", "related"):
        other = set(trio.curves[kind])
        common = len(user & other)
        rows[kind] = len(user), len(other), common, len(user ^ other), common / len(other)
    columns = ["user's items", "other's items", "in common", "L1", "share of the other's"]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns)


def geometry(trios):
    """Return what L1 says of related users, by data set."""
    return run_rows(trios, plan.TRIO, ["dataset"]).set_index("dataset").reindex(columns=GEOMETRY)


def change(row):
    """Return a difference ± half of its interval as text, with a star if the interval is without zero."""
    if np.isnan(row.half):
        return f"{row.difference:+.3f}"
    star = "*" if abs(row.difference) > row.half else ""
    return plus_minus(f"{row.difference:+.3f}", f"{row.half:.3f}{star}")


def changes(frame, metrics, pairs):
    """Return a table of such differences: pairs of methods by metrics."""
    columns = {}
    for metric, name in metrics.items():
        found = differences(frame, metric, pairs, overlaps(plan.LATENT), split="seed")
        found = found.set_index(["dataset", "method", "baseline"])
        columns[name] = pd.Series(
            [change(row) for row in found.itertuples()], index=found.index, dtype=object
        )
    return pd.DataFrame(columns)


# %% [markdown]
# ## Figure 1: local and global
#
# Let $h$ be the number of items that only one of two users has, their L1 distance. The paper knows two ways to help.
#
# - **Local**: $h$ is small. The two are near.
# - **Global**: $h$ is large, but one's items are a subset of the other's, or nearly. They are far but related.
#
# The search looks for one user with both kinds of partner. The *near* one is the nearest in L1 who shares an item. The
# *far but related* one is the farthest of the less active users of whose items the first user has at least a given share.
# It must be farther than the near one. Of all users it takes the one for whom the second distance is largest beside the
# first. Overlaps come from sparse products, 500 users against all at a time.

# %%
trios = plan.run(config, profile, device, [plan.TRIO])
first = trios[0]

# %% tags=["hide-input"]
BLUE, ORANGE, GREY = page.PALETTE[0], page.PALETTE[1], "#8C8C8C"


def trio_figure(record, columns=20):
    """Draw the three users as grids of the items that any of them has, in the same places."""
    sets = [set(record.curves[name]) for name in ("user", "near", "related")]
    has = np.array([[item in own for item in sorted(set.union(*sets))] for own in sets])
    # Groups of items: of all three, of the user and the near one, of the user and the related one, of the user, others.
    user, near, related = has
    group = np.select([user & near & related, user & near, user & related, user], range(4), 4)
    has = has[:, np.argsort(group, kind="stable")]
    n = has.shape[1]
    rows = -(-n // columns)
    grid = np.full((3, rows * columns), np.nan)
    # Own items are dark where the first user has them too.
    grid[:, :n] = np.where(has, np.where(has[0], 2, 1), 0)
    figure, axes = pyplot.subplots(1, 3, figsize=(9.5, 0.7 + 0.14 * rows), sharey=True)
    colours = ListedColormap(["#E6E6E6", ORANGE, BLUE])
    for axis, cells, label in zip(axes, grid, ("one user", "near", "far but related"), strict=True):
        axis.pcolormesh(cells.reshape(rows, columns), cmap=colours, vmin=0, vmax=2, edgecolors="white")
        axis.set(title=label, xticks=[], yticks=[], aspect="equal")
        axis.invert_yaxis()
        axis.grid(False)
        axis.spines[:].set_visible(False)
    return figure


page.show(
    trio_figure(first),
    alt="Three grids of cells, one for each user; each cell is an item, in the same place in all three. The table below"
    " counts them.",
    caption="Each cell is an item that at least one of the three has. Blue: has it, as the first user does. Orange: has"
    " it, and the first user does not. Compare the grey parts: the far one is far because it has few items.",
    provenance=page.provenance([first], profile=profile, data=first.parameters["dataset"]),
)

# %% tags=["hide-input", "nbval-check-output"]
TRIO = "Figure 1: the three users, how far apart they are, and which items they share"
page.table(counted(first), digits=2, caption=TRIO)

# %% [markdown]
# L1 counts items, and so it mostly compares how *many* items two users have. The next table says what that means for
# all users: the share to whom a stranger, without any common item, is as near as anybody with one; the share who have a
# related user, more active and with nearly all of their items; and, for these, the median share of all others who are nearer than
# that related user, in L1 and by the cosine. Multi-VAE reads rows scaled to length one. For it the cosine is the distance.

# %% tags=["hide-input", "nbval-check-output"]
CROWD = "Who is near whom in the input: shares of users, and medians for those with a related user"
page.table(geometry(trios), digits=3, caption=CROWD)

# %% [markdown]
# ## Figure 2: where users are put
#
# Below, networks are trained on simulated interactions, unless `dataset` says otherwise. The settings:
#
# | name | what it is |
# |---|---|
# | `multi-vae-clean` | Setting 1: Multi-VAE, no item is hidden in training |
# | `multi-vae` | Setting 2: half of the items are hidden |
# | `multi-vae+pia` | Setting 3: the same, aligned to the centroid of the user's anchors |
# | `multi-vae+zero` | **control**: aligned to the origin. No anchors |
# | `multi-vae+frozen` | **control**: anchors stay where they were drawn |
# | `multi-vae+shuffled` | **control**: aligned to the centroid of another user |
# | `multi-vae+dropout` | **control**: no alignment, three quarters of the items hidden |
# | `multi-vae+beta` | **control**: no alignment, a KL term five times as heavy |
# | `input-binary` | **no network**: the user's row of zeros and ones |
# | `input-unit` | **no network**: the same, scaled to length one, as the encoder reads it |
#
# The paper takes users of ML-20M with 5, 50 and 350 items. Other data have others, so our cohorts are quantiles: the
# users of the training around the 5 %, 50 % and 95 % place in the order of activity.

# %%
records = plan.run(config, profile, device, [plan.LATENT])
live = tables.runs(records, plan.LATENT)
name = config.dataset[0]

# %% tags=["hide-input", "nbval-check-output"]
print(f"{len(records)} runs")
page.table(
    live.groupby("dataset", sort=False)[COHORTS].mean(),
    digits=1,
    caption="Median number of items of the users in each cohort",
)

# %% tags=["hide-input"]
TITLES = dict(zip(plan.SETTINGS, ("1: no mask", "2: masks", "3: masks and PIA"), strict=True))


def maps_figure(drawn):
    """Draw the t-SNE of each of the paper's settings, one panel each."""
    curves = {record.parameters["method"]: record.curves for record in drawn}
    chosen = [method for method in plan.SETTINGS if method in curves]
    figure, axes = pyplot.subplots(1, len(chosen), figsize=(3.4 * len(chosen), 3.5), squeeze=False)
    for axis, method in zip(axes[0], chosen, strict=True):
        x, y, cohort, items = (np.array(curves[method][name]) for name in ("x", "y", "cohort", "items"))
        for number, (name, colour, marker) in enumerate(
            zip(neighbourhoods.COHORTS, page.PALETTE, "osD", strict=False)
        ):
            there = cohort == number
            label = f"{name}: {items[there].min()}–{items[there].max()} items"
            axis.scatter(x[there], y[there], s=12, color=colour, marker=marker, label=label, linewidths=0)
        axis.set(title=TITLES[method], xticks=[], yticks=[])
        axis.grid(False)
    figure.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside lower center", ncols=3)
    return figure


drawn = [record for record in records if "x" in record.curves and record.parameters["dataset"] == name]
if drawn:
    page.show(
        maps_figure(drawn),
        alt="t-SNE maps of users, one panel for each setting, coloured by cohort: few, some and many items. The table"
        " below has the numbers.",
        caption=f"Figure 2 on {name}, seed 0: t-SNE of the posterior means, perplexity {config.perplexity:g}, started at"
        " the principal components, seed 0. Compare how the colours mix. Distances between groups mean little in such"
        " a map.",
        provenance=page.provenance(drawn, profile=profile, data=name),
    )

# %% [markdown]
# Two cautions. The users between the cohorts are left out, and so some of the gaps are made by the choice of users: if activity is the main
# direction of latent space, they appear. And t-SNE keeps neighbours, not distances {cite:p}`vandermaaten2008visualizing`. So the numbers are
# taken in latent space itself.
#
# - `activity`: rank correlation of the first principal component with the number of items, over all kinds of users.
# - `silhouette`: how well the cohorts are separated, from -1 to 1.
# - `within`, `between`: mean distance of two users of one cohort, and of two.
# - `mid_large`, `small_large`: distances of the cohorts' centres. `order` is the second minus the first: positive if the most
#   active users are nearer to the middle than to the least active.
# - `related`: how near the least active users are to that user among the most active who has most of their items, beside all of
#   the most active. Below 1, related users are nearer than others.
#
# All but the silhouette are in units of the mean distance of two users, so that a network that merely shrinks its latent space
# gains nothing.

# %% tags=["hide-input", "nbval-check-output"]
MIXED = "How spread and how mixed the cohorts are: the higher the silhouette, the farther apart"
page.table(tables.summary(live, SPREAD, digits=2), caption=MIXED)

# %% tags=["hide-input", "nbval-check-output"]
CENTRED = "How far apart the centres of the cohorts are, in mean distances of two users"
page.table(tables.summary(live, CENTRES, digits=2), caption=CENTRED)

# %% [markdown]
# ### Neighbours in the input and in latent space
#
# The Jaccard overlap of a user's nearest neighbours in latent space with those in the input, by Jaccard distance and by
# L1. And the rank correlation of all latent distances with the cosine distance and with L1.

# %% tags=["hide-input", "nbval-check-output"]
NEAR = "What latent space keeps of the input: overlap of neighbours, and rank correlation of distances"
page.table(tables.summary(live, INPUT, digits=2), caption=NEAR)

# %% [markdown]
# ## Drift
#
# Every user is masked twice, independently, by the same masks for all methods. How much do neighbourhoods change?
#
# - `drift`: 1 - Jaccard overlap of the nearest neighbours in the two views. 0: they stay. 1: none is left.
# - `drift_from_clean`: the same between a masked view and none. The network is trained on the one, and used on the other.
# - `view_ratio`: the distance of two views of a user over that to the nearest view of somebody else, the median.
# - `recognised`: share of users whose own other view is the nearest.
#
# The rows without network say what masks do to the input alone. A network starts from there.

# %% tags=["hide-input"]
labels = {"drift": "drift", "view_ratio": "own view / nearest other", "recognised": "recognised"}


def methods_figure(frame, dataset):
    """Draw measures side by side: a line for each method, a point for each seed, a bar at their mean."""
    part = frame[frame["dataset"] == dataset]
    methods = list(dict.fromkeys(part["method"]))[::-1]
    size = (2.2 + 2.4 * len(labels), 1.1 + 0.3 * len(methods))
    figure, axes = pyplot.subplots(1, len(labels), figsize=size, sharey=True, squeeze=False)
    for axis, (metric, label) in zip(axes[0], labels.items(), strict=True):
        for place, method in enumerate(methods):
            values = part.loc[part["method"] == method, metric].dropna()
            colour = BLUE if method in plan.SETTINGS else ORANGE if method in plan.NETWORKS else GREY
            axis.plot(values, np.full(len(values), place), "o", color=colour, markersize=5, alpha=0.7)
            if len(values):
                axis.plot([values.mean()] * 2, [place - 0.3, place + 0.3], color=colour, marker="")
        axis.set(xlabel=label, ylim=(-0.6, len(methods) - 0.4))
    axes[0, 0].set_yticks(range(len(methods)), methods)
    return figure


page.show(
    methods_figure(live, name),
    alt="Three panels of points, one row for each method: drift, ratio of distances, share recognised. The table below"
    " has the numbers.",
    caption="Points are seeds, bars their means. Blue: the paper's settings. Orange: controls. Grey: the input itself."
    " Compare PIA with the orange rows below it, and all of them with grey.",
    provenance=page.provenance(records, profile=profile, data=name),
)

# %% tags=["hide-input", "nbval-check-output"]
DRIFTS = "How far masks move a user in latent space, and whether the user is recognised"
page.table(tables.summary(live, DRIFT, digits=2), caption=f"{DRIFTS}: users of the training")

# %% [markdown]
# These networks are small, and nobody chooses what they like in simulated ratings: there is little to learn but how
# active users are and what is popular. They show that everything works.
#
# ## On MovieLens
#
# From here on: records of the `paper` profile, kept in `data/records/pia`. Networks have the paper's size, 600 and 200,
# and three seeds, each with other held-out users. Training stops early; the learning rate is three times the paper's. The command that makes
# the records, or what is missing of them, is `fourmasks run pia/latent --profile paper`.

# %%
kept = [
    record
    for experiment in (plan.TRIO, plan.LATENT)
    for record in load_records(experiment, records_directory(experiment, "paper"))
    if record.profile == "paper"
]
found = tables.runs(kept, plan.LATENT)
names = list(dict.fromkeys(found["dataset"]))
trios = [record for record in kept if record.experiment == plan.TRIO]
if not kept:
    print("no records of the paper profile yet")

# %% tags=["hide-input"]
for trio in trios[-1:]:
    page.show(
        trio_figure(trio),
        alt="Three grids of cells for three users of MovieLens, one cell for each item. The table below counts them.",
        caption=f"Figure 1, found in {trio.parameters['dataset']}. Blue: has the item, as the first user does. Orange: has"
        " it, and the first user does not.",
        provenance=page.provenance([trio], profile="paper", data=trio.parameters["dataset"]),
    )

# %% tags=["hide-input", "nbval-check-output"]
print(f"trios found: {len(trios)}")
for trio in trios[-1:]:
    page.table(counted(trio), digits=2, caption=TRIO).show()

# %% tags=["hide-input", "nbval-check-output"]
page.table(geometry(trios), digits=4, caption=CROWD)

# %% [markdown]
# ### How well the networks recommend
#
# On the test users, with the epoch that was kept and the weight of the alignment in it.

# %% tags=["hide-input", "nbval-check-output"]
page.table(
    tables.summary(found, ["ndcg_at_100", "best_epoch", "alignment_weight"], digits=4),
    caption="How well the networks recommend to the test users",
    best={"ndcg_at_100": "highest"},
)

# %% [markdown]
# ### Figure 2

# %% tags=["hide-input"]
for name in names:
    drawn = [record for record in kept if "x" in record.curves and record.parameters["dataset"] == name]
    page.show(
        maps_figure(drawn),
        alt="t-SNE maps of users of MovieLens, one panel for each setting, coloured by cohort. The table below has the"
        " numbers.",
        caption=f"Figure 2 on {name}, seed 0: t-SNE of the posterior means. Compare how the colours mix from panel to"
        " panel; the positions of whole groups mean little.",
        provenance=page.provenance(drawn, profile="paper", data=name),
    )

# %% tags=["hide-input", "nbval-check-output"]
page.table(
    tables.summary(found, COHORTS, digits=0), caption="Median number of items of the users in each cohort"
)

# %% tags=["hide-input", "nbval-check-output"]
page.table(tables.summary(found, SPREAD), caption=MIXED)

# %% tags=["hide-input", "nbval-check-output"]
page.table(tables.summary(found, CENTRES), caption=CENTRED)

# %% [markdown]
# In the first panel of the paper, without masks, the most active users lie nearer to the least active than to the
# middle, and it takes that for a fault. In how many runs are they nearer to the middle, in latent space and in the input itself?

# %% tags=["hide-input", "nbval-check-output"]
chosen = found[found["method"].isin([*plan.SETTINGS, "input-binary", "input-unit"])]
order = chosen.reindex(columns=["dataset", "method", "order"]).set_index(["dataset", "method"])["order"]
nearer = (order > 0).groupby(["dataset", "method"], sort=False)
page.table(
    nearer.agg(["sum", "size"]).set_axis(["nearer to the middle", "runs"], axis=1),
    caption="In how many runs the most active users are nearer to the middle than to the least active",
)

# %% [markdown]
# And in the picture? `picture_order` is the share of five t-SNEs from random starts in which the most active are nearer to the
# middle.

# %% tags=["hide-input", "nbval-check-output"]
page.table(
    tables.summary(found, ["picture_order"], digits=1).dropna(),
    caption="In which share of five pictures the most active users are nearer to the middle",
)

# %% [markdown]
# The paper's claims about mixing, as differences of two methods on the same seed, ± half of the 95 % interval, corrected for what the splits share. A star: the interval is without zero.

# %% tags=["hide-input", "nbval-check-output"]
masks = [("multi-vae", "multi-vae-clean")]
alignment = [
    ("multi-vae+pia", "multi-vae"),
    ("multi-vae+pia", "multi-vae+zero"),
    ("multi-vae+pia", "multi-vae+frozen"),
    ("multi-vae+pia", "multi-vae+shuffled"),
]
named = {"silhouette": "silhouette of the cohorts", "within": "distance within a cohort"}
page.table(
    changes(found, named, masks + alignment),
    caption="Mixing: the first method minus the second, ± 95 %; a star where the interval is without zero",
)

# %% [markdown]
# ### Neighbours

# %% tags=["hide-input", "nbval-check-output"]
page.table(tables.summary(found, [*INPUT, "chance"]), caption=NEAR)

# %% [markdown]
# ### Drift, for users of the training

# %% tags=["hide-input"]
for name in names:
    page.show(
        methods_figure(found, name),
        alt=f"{name}: three panels of points, one row for each method: drift, ratio of distances, share recognised. The"
        " table below has the numbers.",
        caption=f"Drift on {name}. Blue: the paper's settings. Orange: controls. Grey: the input itself. Compare PIA"
        " with plain Multi-VAE, and then with the orange rows.",
        provenance=page.provenance(
            [r for r in kept if r.parameters["dataset"] == name and "drift" in r.metrics],
            profile="paper",
            data=name,
        ),
    )

# %% tags=["hide-input", "nbval-check-output"]
page.table(tables.summary(found, DRIFT), caption=f"{DRIFTS}: users of the training")

# %% [markdown]
# And for the test users, whom the networks have not seen:

# %% tags=["hide-input", "nbval-check-output"]
page.table(
    tables.summary(found, [f"held_out_{metric}" for metric in DRIFT]),
    caption=f"{DRIFTS}: test users, never seen",
)

# %% [markdown]
# Does PIA hold neighbourhoods in place, and does it need the items for it? Differences as above. A lower drift and a higher share
# recognised are what the paper expects of it.

# %% tags=["hide-input", "nbval-check-output"]
named = {"drift": "drift", "recognised": "share recognised"}
page.table(
    changes(found, named, masks + alignment),
    caption="Drift: the first method minus the second, ± 95 %; a star where the interval is without zero",
)

# %% [markdown]
# ## Verdicts
#
# What the paper states of Figure 2, beside ours. The verdicts are computed from the records.

# %% tags=["hide-input", "output_scroll", "nbval-check-output"]
mine = [row for row in ledger("pia") if row["place"] in ("Figure 1", "Figure 2", "Section 3")]
print(", ".join(f"{verdict}: {count}" for verdict, count in summary(mine).items()))
page.verdicts(mine)
