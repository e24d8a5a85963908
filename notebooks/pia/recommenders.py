# %% [markdown]
# # Does the pull to the items improve recommendations?
#
# A variational autoencoder reads the films that a user likes, with some of them hidden, and scores all others. The paper
# {cite:p}`pia2026` pulls each user towards the mean of learned anchors of that user's films (PIA), and reports better rankings
# for two models on three large data sets (Section 4, Table 1). This notebook asks four things.
#
# 1. Is there a gain on MovieLens 1M and 100K, when **every method gets the same splits and the same number of trials**?
# 2. Is it larger than what **another split** or **other test users** would change?
# 3. **Does it need the items?** We pull to zero, to frozen random anchors, and to the anchors of somebody else.
# 4. Which users gain, how much does the weight of the pull matter, and what does it cost?

# %% tags=["parameters"]
profile = "book"  # type: str  smoke, book or paper
dataset = None  # type: str  interactions, as "simulated" or "ml-100k,ml-20m", None for the profile's
methods = None  # type: str  methods, as "multi-vae,multi-vae+pia", None for all
seeds = None  # type: int  number of seeds, each with a split of its own, None for the profile's
trials = None  # type: int  trials of the search for settings, None for each data set's own number
epochs = None  # type: int  epochs at most, None for each data set's own number
parts = "recommenders,sweep,overhead"  # type: str  what to run live: one of these or several
sweep_dataset = None  # type: str  interactions of Figures 3 to 6, None for the profile's
overhead_dataset = None  # type: str  interactions of Table 6, None for the profile's
device = "auto"  # type: str  cpu, cuda, mps, or auto for what is there

# %% tags=["hide-input"]
import warnings

# From a baseline's library, of bars that are never shown.
warnings.filterwarnings("ignore", message="IProgress not found")

from collections import Counter

import numpy as np
import pandas as pd
from matplotlib import pyplot
from scipy.stats import spearmanr

from fourmasks.claims.files import load_claims
from fourmasks.claims.ledger import ledger, summary
from fourmasks.claims.measurements import estimate
from fourmasks.experiments.profiles import resolve
from fourmasks.pages import figures as page
from fourmasks.pages.tables import (
    effort,
    label,
    measured,
    order,
    plus_minus,
    run_rows,
    searched,
    share,
    spread,
)
from fourmasks.pages.words import judged
from fourmasks.pia.overhead import costs
from fourmasks.pia.overhead import plan as overhead_plan
from fourmasks.pia.recommenders import plan as recommender_plan
from fourmasks.pia.recommenders.tables import GROUP_LABELS, METRICS, group_uplifts, runs, uplifts
from fourmasks.pia.sweep import plan as sweep_plan
from fourmasks.records.store import load_records, records_directory
from fourmasks.system.device import banner, resolve_device
from fourmasks.system.names import unknown

page.begin("pia/recommenders")

PARTS = ("recommenders", "sweep", "overhead")
wanted = [part.strip() for part in parts.split(",")]
for part in wanted:
    if part not in PARTS:
        raise ValueError(unknown("part", part, PARTS))
config = resolve(
    recommender_plan.PROFILES,
    profile,
    dataset=dataset,
    methods=methods,
    seeds=seeds,
    trials=trials,
    epochs=epochs,
)
sweep_config = resolve(sweep_plan.PROFILES, profile, dataset=sweep_dataset)
overhead_config = resolve(overhead_plan.PROFILES, profile, dataset=overhead_dataset)
device = str(resolve_device(device))
print(banner(device))

# %% tags=["hide-input"]
PLAIN, PIA = "multi-vae", "multi-vae+pia"
# What is left of PIA in each control, from nothing to all of it; and what else the plain model could do.
STEPS = {
    "multi-vae+dropout": "more dropout",
    "multi-vae+beta": "larger beta",
    "multi-vae+zero": "pull to zero",
    "multi-vae+frozen": "pull to frozen random anchors",
    "multi-vae+shuffled": "pull to another user's anchors",
    PIA: "pull to the user's own anchors (PIA)",
}
PULLS = ["multi-vae+zero", "multi-vae+frozen", "multi-vae+shuffled"]
BLUE, ORANGE, GREEN = page.PALETTE[:3]
COLOURS = dict.fromkeys(STEPS, GREEN) | dict.fromkeys(PULLS, ORANGE) | {PIA: BLUE}
UPLIFT = "NDCG@100 of each method minus that of its baseline, ± 95 % over splits and over users"


def of_paper(*names):
    """Return the records of experiments that were made for the profile `paper`."""
    found = [load_records(name, records_directory(name, "paper")) for name in names]
    return [record for part in found for record in part if record.profile == "paper"]


def steps(records, dataset):
    """Return the uplifts over the plain model of PIA and of each control."""
    return uplifts(records, dataset, [(method, PLAIN) for method in STEPS])


def signed(mean, half):
    """Return a difference ± half its interval."""
    mean = f"{round(mean, 4) + 0.0:+.4f}"  # no -0.0000
    return mean if np.isnan(half) else plus_minus(mean, f"{half:.4f}")


def shown(found):
    """Return uplifts in percent of the baseline, as in the ledger, and each ± half its interval."""
    table = {
        "uplift (%)": found["percent"],
        "over splits": list(map(signed, found["difference"], found["half_splits"])),
        "splits": found["splits"],
        "over users": list(map(signed, found["difference_users"], found["half_users"])),
        "p over users": found["p_users"].map("{:.3f}".format, na_action="ignore"),
        "users": found["users"],
    }
    return pd.DataFrame(table).set_index([found["method"], found["baseline"]])


# %% [markdown]
# ## The protocol
#
# - **Interactions**: films with 4 stars or more, of users who have 5 of them at least.
# - **Split**: a tenth of the users is held out for validation, a tenth for the test. The models never see them in training.
#   Of each, 80 % of the items are shown and the others are to be found. Each seed has a split of its own, the same for all methods.
# - **Measures**: Recall@20 and Recall@50, divided by the smaller of k and the number of items to be found, and NDCG@100. Ranked are all items but
#   those shown.
# - **Tuning**: the same number of trials for each method, on one more split. The highest NDCG@100 of the validation users
#   wins. Methods with fewer settings than trials have all of them tried, and those without settings have no search. The test users are looked at once per final run.
#   Users whom the search knows can be in the test of another split, for all methods alike.
# - **Epochs**: training stops when NDCG@100 of the validation users stops growing, and the best epoch is kept. The paper runs 200 epochs
#   and keeps the best. It has batches of 500 users. On our smaller data they are smaller, for as many steps in fewer epochs.
#
# | name | what it is |
# |---|---|
# | `popularity`, `ease` | the most popular items; a linear model in closed form {cite:p}`steck2019embarrassingly` |
# | `als`, `wmf` | matrix factorization, plain ("MF" in the paper) and with weights {cite:p}`hu2008collaborative,takacs2011applications` |
# | `grals`, `plrec` | matrix factorization with a graph of items {cite:p}`rao2015grals`, and a regression on singular vectors {cite:p}`sedhain2016practical,shenbin2024implicitslim` |
# | `warp`, `lambdanet` | a linear and a variational autoencoder with ranking losses {cite:p}`weston2011wsabie,burges2006lambdarank` |
# | `cdae`, `ract` | a denoising autoencoder with a node for each user {cite:p}`wu2016cdae`, and Multi-VAE trained on by a critic {cite:p}`lobel2020ract` |
# | `multi-vae`, `rec-vae` | the variational autoencoders that PIA is put on {cite:p}`liang2018variational,shenbin2020recvae` |
# | `multi-vae+pia`, `rec-vae+pia` | the same with a pull to the mean of the anchors of the user's items |
# | `multi-vae+zero` | **control**: a pull to zero, the same for all. There are no anchors |
# | `multi-vae+frozen` | **control**: anchors stay as they were drawn at random |
# | `multi-vae+shuffled` | **control**: each user is pulled to the anchors of another user's items, always the same one's |
# | `multi-vae+dropout`, `multi-vae+beta` | **controls**: no pull, but more of the input hidden, or a heavier divergence from the prior |
# | `multi-vae-clean` | the settings of `multi-vae` with nothing hidden: Setting 1 of the paper |

# %% tags=["nbval-check-output"]
tuned = [method for method in recommender_plan.SPACES if method in config.methods]
for name in config.dataset:
    scale = config.scale(name)
    print(
        f"{name}: {config.seeds} splits, {scale.trials} trials, at most {scale.epochs} epochs, {scale.batch_size} users per step"
    )
for method in tuned:
    space = recommender_plan.SPACES[method]
    print(f"{method}: {', '.join(f'{name} {values}' for name, values in space.items()) or 'nothing to tune'}")

# %% [markdown]
# PIA and each of its controls draw from four options with three values each. What the plain model can tune in place of weight and
# anchors is its learning rate and how slowly the divergence comes in.
#
# ## Live, on simulated interactions
#
# Who rates what depends on activity and popularity, and a little on taste. The data are small, and the runs short: they show that everything
# works, not who wins. With `dataset` set to the name of real interactions, the same cells run on those.

# %%
records = recommender_plan.run(config, profile, device) if "recommenders" in wanted else []
live = runs(records)

# %% tags=["hide-input", "nbval-check-output"]
for name in live["dataset"].unique():
    said = f"Recall and NDCG, mean ± standard deviation over splits, short runs: {page.named(name)}"
    page.table(measured(live, name, config.methods, METRICS), caption=said, best="highest").show()


# %% tags=["hide-input"]
def gains(tables, column, labels, colours):
    """Draw differences from the plain model by data set; thick over users, thin and with caps over splits."""
    size = (2.6 + 3.6 * len(tables), 1.2 + 0.37 * len(labels))
    figure, axes = pyplot.subplots(1, len(tables), figsize=size, sharey=True, squeeze=False)
    places = {name: place for place, name in enumerate(reversed(labels))}
    for axis, (dataset, found) in zip(axes.flat, tables.items(), strict=True):
        for row in found.itertuples():
            name = getattr(row, column)
            place, colour = places[name], colours[name]
            users, splits = np.nan_to_num([row.half_users, row.half_splits])
            ends = row.difference_users - users, row.difference_users + users
            axis.plot(
                ends, [place, place], color=colour, linewidth=7, alpha=0.35, marker="", solid_capstyle="butt"
            )
            axis.errorbar(
                row.difference, place, xerr=splits, color=colour, marker="o", linestyle="", capsize=4
            )
        axis.axvline(0, color="#000000", linewidth=0.8)
        axis.set(title=dataset, xlabel="test NDCG@100 above the plain model")
        axis.grid(False, axis="y")
    axes[0, 0].set_yticks(list(places.values()), [labels[name] for name in places])
    return figure


if records:
    found = {name: steps(records, name) for name in config.dataset}
    page.show(
        gains(found, "method", STEPS, COLOURS),
        alt="Differences of NDCG@100 from the plain model, one row for more dropout, larger beta, and each of four pulls. The"
        " table below holds the numbers.",
        caption="What PIA and its controls add to Multi-VAE. Thin: 95 % over splits. Thick: 95 % over test users.",
        provenance=page.provenance(records, profile=profile, data=", ".join(config.dataset)),
    )

# %% tags=["hide-input", "nbval-check-output"]
for name in config.dataset:
    page.table(shown(steps(records, name)), digits=2, caption=f"{UPLIFT}: {page.named(name)}").show()

# %% [markdown]
# ## Table 5: the data
#
# From here on we look at runs of the `paper` profile, kept as records in `data/records/pia`. The command that makes them,
# or what is missing of them, is `fourmasks run pia/recommenders --profile paper`.

# %% tags=["nbval-check-output"]
whole = recommender_plan.PROFILES["paper"]
paper = of_paper(recommender_plan.EXPERIMENT, recommender_plan.SEARCH, recommender_plan.DATASETS)
kept = runs(paper)
reals = [name for name in whole.dataset if name in set(kept["dataset"])]
for name in whole.dataset:
    there = (kept["dataset"] == name).sum()
    print(f"{name}: {there} of {whole.seeds * len(whole.methods)} final runs are there")

# %% tags=["hide-input", "nbval-check-output"]
counts = ["users", "items", "interactions", "held_out", "measured"]
sizes = run_rows(paper, recommender_plan.DATASETS, ["dataset"]).set_index("dataset")
sizes = sizes.reindex(columns=[*counts, "density", "over_20_targets"]).astype(dict.fromkeys(counts, int))
page.table(sizes.sort_values("users"), caption="Table 5, ours: the data, as they were read")

# %% [markdown]
# The paper's own data, as it reports them:

# %% tags=["nbval-check-output"]
ledger_claims = load_claims("pia")
theirs = costs.shapes()
for name, shape in theirs.items():
    print(f"{name}: {shape.users + 2 * shape.held_out} users, {shape.items} items, {shape.held_out} held out")

# %% [markdown]
# ## Table 1: recommenders
#
# The paper's columns are **of other data**, ML-20M with 136,677 users, and only there for comparison of the order. Ours
# are mean ± standard deviation over splits.

# %% tags=["hide-input", "nbval-check-output"]
reported = {
    (claim.dataset[0], claim.match["method"], claim.metric): claim.reported
    for claim in ledger_claims
    if claim.place == "Table 1" and claim.form == "value"
}
table = {}
for metric in METRICS:
    table[label(metric), "ml-20m (paper)"] = {
        method: f"{reported[place]:.3f}"
        for method in recommender_plan.METHODS
        if (place := ("ml-20m", method, metric)) in reported
    }
    for name in reals:
        table[label(metric), name] = measured(kept, name, recommender_plan.METHODS, [metric])[label(metric)]
page.table(
    pd.DataFrame(table, index=recommender_plan.METHODS),
    caption="Table 1: Recall and NDCG, ours as mean ± standard deviation over splits; the paper's are of other data",
    best="highest",
)

# %% tags=["nbval-check-output"]
rows = [method for method in recommender_plan.METHODS if ("ml-20m", method, "ndcg_at_100") in reported]
best = sorted(rows, key=lambda method: -reported["ml-20m", method, "ndcg_at_100"])
print(f"ml-20m, paper: {' > '.join(best)}")
for name in reals:
    print(f"{name}, ours: {order(kept, name, rows, 'ndcg_at_100')}")

# %% tags=["hide-input"]
for name in reals:
    figure, axes = pyplot.subplots(2, 1, figsize=(8.4, 5.8))
    for axis, metric in zip(axes, ("recall_at_20", "ndcg_at_100"), strict=True):
        table = kept[kept["dataset"] == name].pivot(index="method", columns="split_seed", values=metric)
        table = table.reindex(recommender_plan.METHODS).dropna(how="all")
        axis.plot(range(len(table)), table, color="#BBBBBB", linewidth=0.8, marker="", zorder=1)
        for place, method in enumerate(table.index):
            style = page.method_style(method) | {"linestyle": ""}
            axis.plot(np.full(table.shape[1], place), table.loc[method], markersize=6, **style)
        axis.set(ylabel=f"test {label(metric)}", xticks=[])
    axes[0].set_title(name)
    axes[1].set_xticks(
        range(len(table)), table.index, rotation=50, ha="right", rotation_mode="anchor", fontsize=9
    )
    page.show(
        figure,
        alt=f"Test Recall@20 and NDCG@100 on {name} of every run, methods side by side, grey lines joining the runs on the same"
        " split. The table above holds means and standard deviations.",
        caption="Table 1 as points. Each grey line is one split, on which all methods meet. A change of the split moves all methods together.",
        provenance=page.provenance(
            [record for record in paper if record.parameters["dataset"] == name], profile="paper", data=name
        ),
    )

# %% [markdown]
# The settings that the search found:

# %% tags=["hide-input", "nbval-check-output"]
found = searched(paper, recommender_plan.SEARCH, recommender_plan.SPACES, "validation_ndcg_at_100")
page.table(found, caption="The settings that the search found, and the validation NDCG@100 that they had")

# %% [markdown]
# Training stops when the validation NDCG@100 has not risen for some epochs, or at a largest number of epochs. Where many runs end there, as `capped` counts, more epochs might add a little:

# %% tags=["hide-input", "nbval-check-output"]
finals = [(record.parameters, record.metrics) for record in paper if "patience" in record.parameters]
capped = Counter(
    (run["dataset"], run["method"])
    for run, found in finals
    if "ndcg_at_100" in found and found["epochs"] == run["epochs"]
)
for name in reals:
    table = effort(kept, name, recommender_plan.METHODS)
    table = table.assign(capped=[capped[name, method] for method in table.index])
    page.table(table, digits=1, caption=f"What a run takes, means over splits: {page.named(name)}").show()

# %% [markdown]
# ## What gives the uplift
#
# Each row is one change of the plain Multi-VAE, tuned by itself. Differences are taken on the same split. There are two
# intervals, both at 95 %, because there are two questions. **Over splits** (thin): would other users for training, other test users and other
# random numbers give the same? **Over users** (paired, thick): would other test users? All test users of all splits are
# pooled, so that one who is in two tests counts twice. Records do not say who it is. Were the difference always the same for such a
# user, intervals over users on five splits would be wider by a factor of $\sqrt{1.4}$, and not more.

# %% tags=["hide-input"]
if reals:
    found = {name: steps(paper, name) for name in reals}
    page.show(
        gains(found, "method", STEPS, COLOURS),
        alt="One panel for each data set: differences of NDCG@100 from the plain model, one row for more dropout, larger beta, and"
        " each of four pulls. The table below holds the numbers.",
        caption="What PIA and its controls add to Multi-VAE. Blue: PIA. Orange: a pull that knows nothing of the user's items. Green: no pull.",
        provenance=page.provenance(paper, profile="paper", data=", ".join(reals)),
    )

# %% tags=["hide-input", "nbval-check-output"]
for name in reals:
    page.table(shown(steps(paper, name)), digits=2, caption=f"{UPLIFT}: {page.named(name)}").show()

# %% [markdown]
# Each of them against PIA: its NDCG@100 minus that of PIA. Above zero the control is the better one.


# %% tags=["hide-input", "nbval-check-output"]
def against_pia(name):
    """Return how far each change of the plain model is above PIA, with what both intervals say of it."""
    found = uplifts(paper, name, [(method, PIA) for method in STEPS if method != PIA])
    table = {
        "over splits": list(map(signed, found["difference"], found["half_splits"])),
        "splits say": list(map(judged, found["difference"], found["half_splits"])),
        "over users": list(map(signed, found["difference_users"], found["half_users"])),
        "users say": list(map(judged, found["difference_users"], found["half_users"])),
    }
    return pd.DataFrame(table, index=found["method"].map(STEPS).rename("minus PIA"))


def shares(name):
    """Say which share of PIA's uplift each pull has, or that there is no uplift to have a share of."""
    found = steps(paper, name).set_index("method")
    if PIA not in found.index:
        return "no runs of PIA are there yet"
    whole, half = found.loc[PIA, ["difference", "half_splits"]]
    parts = {pull: share(found.loc[pull, "difference"], whole, half) for pull in PULLS if pull in found.index}
    if None in parts.values():
        return f"PIA's own uplift, {signed(whole, half)}, cannot be told from zero: no share of it is given"
    words = ", ".join(f"{STEPS[pull]} {part:.0%}" for pull, part in parts.items())
    return f"of PIA's uplift, {signed(whole, half)}, {words}"


for name in reals:
    said = f"NDCG@100 of each control minus that of PIA, ± 95 %: above zero it is better than PIA; {page.named(name)}"
    page.table(against_pia(name), caption=said).show()
    print(shares(name))

# %% [markdown]
# And RecVAE with PIA against RecVAE:

# %% tags=["hide-input", "nbval-check-output"]
for name in reals:
    for row in uplifts(paper, name, [(PIA, PLAIN), ("rec-vae+pia", "rec-vae")]).itertuples():
        print(f"{name}: NDCG@100 of {row.method} minus {row.baseline} is {row.difference:+.4f}")
        for unit, n, half in (("splits", row.splits, row.half_splits), ("users", row.users, row.half_users)):
            print(f"  over {n} {unit}, ± {half:.4f}: {judged(row.difference, half)}")

# %% [markdown]
# ## Does the item centroid matter?
#
# PIA minus each of the pulls that know nothing of the user's items. Where an interval holds zero, we cannot tell them apart.
# Larger dropout and a larger beta are there because they also shrink what the network can say of a user. The user's own items
# show if PIA is above the other pulls by both intervals.

# %% tags=["hide-input", "nbval-check-output"]
others = [(PIA, method) for method in STEPS if method != PIA]
for name in reals:
    said = (
        f"NDCG@100 of PIA minus that of each control, ± 95 % over splits and over users: {page.named(name)}"
    )
    page.table(shown(uplifts(paper, name, others)), digits=2, caption=said).show()

# %% tags=["hide-input", "nbval-check-output"]
for name in reals:
    found = uplifts(paper, name, [(PIA, method) for method in PULLS])
    above = (found["difference"] > found["half_splits"]) & (found["difference_users"] > found["half_users"])
    print(
        f"{name}: by both intervals PIA is above {', '.join(found['baseline'][above]) or 'none'} of the other pulls"
    )

# %% [markdown]
# ## Table 3: users with few items and with many
#
# The paper finds a gain in all groups of ML-20M, and the largest in the first and the last. A group on our data can be
# small: the last column says how many test users there are in it on average.


# %% tags=["hide-input", "nbval-check-output"]
def by_group(frame, methods):
    """Return measures by user group and method, means ± standard deviations over splits, and mean users."""
    rows = {}
    for group, items in GROUP_LABELS.items():
        own = frame.dropna(subset=f"users_of_{group}").groupby("method")
        for method, part in own:
            if method in methods:
                cells = {label(metric): spread(part[f"{metric}_of_{group}"]) for metric in METRICS}
                rows[items, method] = cells | {"users": f"{part[f'users_of_{group}'].mean():.1f}"}
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis(["items", "method"])


for name in reals:
    said = f"Table 3: recall and NDCG by the number of a user's items, mean ± standard deviation: {page.named(name)}"
    page.table(by_group(kept[kept["dataset"] == name], [PLAIN, PIA]), caption=said).show()

# %% [markdown]
# Who gains and who loses, in percent of the NDCG@100 without the pull: users with few items at the top of each panel, those with many
# below them. The intervals have the same meaning as above.

# %% tags=["hide-input"]
PULLED = {
    (PIA, PLAIN): "PIA on Multi-VAE",
    ("multi-vae+zero", PLAIN): "pull to zero on Multi-VAE",
    ("rec-vae+pia", "rec-vae"): "PIA on RecVAE",
    ("rec-vae+zero", "rec-vae"): "pull to zero on RecVAE",
}
EDGE = 20  # percent, at which the axis ends: groups of few users have wider intervals


def by_activity(name):
    """Return the uplifts of what is pulled by user group, with words for it in the column "what"."""
    found = group_uplifts(paper, name, PULLED)
    pairs = zip(found["method"], found["baseline"], strict=True)
    return found.assign(what=[PULLED[pair] for pair in pairs])


def activity_figure(tables):
    """Draw changes in percent, a row of panels for each pull and a column for each data set."""
    items = list(GROUP_LABELS.values())
    there = [what for what in PULLED.values() if any(what in set(found["what"]) for found in tables.values())]
    size = (2.0 + 3.6 * len(tables), 0.7 + 1.35 * len(there))
    shape = {"squeeze": False, "sharex": True, "sharey": True}
    figure, axes = pyplot.subplots(len(there), len(tables), figsize=size, **shape)
    for row, what, colour in zip(axes, there, page.PALETTE, strict=False):
        for axis, (name, found) in zip(row, tables.items(), strict=True):
            changes_of(axis, found[found["what"] == what], items, colour)
            axis.set_title(f"{name}: {what}", fontsize=10, color=colour, loc="left")
    axes[0, 0].set_yticks(range(len(items)), [f"{label} items" for label in reversed(items)])
    for axis in axes[:, 0]:
        axis.tick_params(axis="y", labelsize=9)
    axes[0, 0].set(xlim=(-EDGE, EDGE), ylim=(-0.6, len(items) - 0.4))
    for axis in axes[-1]:
        axis.set_xlabel("change of test NDCG@100 (%)")
    return figure


def changes_of(axis, found, items, colour):
    """Draw the changes of one method by group; thick over users, thin and with caps over splits."""
    for row in found.itertuples():
        place = len(items) - 1 - items.index(row.items)
        users, splits = np.nan_to_num([100 * row.half_users / row.base, row.half_percent])
        centre = 100 * row.difference_users / row.base
        ends = centre - users, centre + users
        axis.plot(
            ends, [place, place], color=colour, linewidth=6, alpha=0.35, marker="", solid_capstyle="butt"
        )
        axis.errorbar(row.percent, place, xerr=splits, color=colour, marker="o", linestyle="", capsize=3)
    axis.axvline(0, color="#000000", linewidth=0.8)
    axis.grid(False, axis="y")


activity = {name: by_activity(name) for name in reals}
if any(map(len, activity.values())):
    page.show(
        activity_figure(activity),
        alt="Panels side by side for the data sets, one above the other for PIA and the pull to zero, on Multi-VAE and on RecVAE as far"
        " as there are runs. In each, four rows for groups of users, from those with 5 to 10 items to those with over 100: points for the change of"
        " NDCG@100 in percent, with two intervals. The table below holds the numbers.",
        caption="Who gains and who loses by the pull. Right of the line a group gains. Compare the lowest row of a panel, users with over"
        " 100 items, with the rows above it; and PIA with the pull to zero, which knows no items. Thin: 95 % over splits. Thick: 95 % over"
        " test users. The smallest groups have intervals beyond the frame.",
        provenance=page.provenance(paper, profile="paper", data=", ".join(reals)),
    )


# %% tags=["hide-input", "nbval-check-output"]
def percents(found):
    """Return the changes in percent, ± half their interval over splits, and the users by group, as a table."""
    halves = zip(found["percent"], found["half_percent"], strict=True)
    cells = [
        f"{mean:+.1f}" if np.isnan(half) else plus_minus(f"{mean:+.1f}", f"{half:.1f}")
        for mean, half in halves
    ]
    table = found.assign(cells=cells).pivot(index="what", columns="items", values="cells")
    there = [what for what in PULLED.values() if what in table.index]
    table = table.loc[there, [label for label in GROUP_LABELS.values() if label in table]]
    table.loc["users, all splits"] = found.groupby("items")["users"].max().astype(str)
    return table.rename_axis(columns="items", index=None)


def who(name, found, what):
    """Say which groups surely gain and which surely lose, by the intervals over splits and over users."""
    own = found[found["what"] == what]
    sure = own["percent"].abs() > own["half_percent"]
    sure &= own["difference_users"].abs() > own["half_users"]
    sure &= own["difference"] * own["difference_users"] > 0
    gain, lose = (" and ".join(own["items"][sure & (sign * own["percent"] > 0)]) for sign in (1, -1))
    ways = {"rises": gain, "falls": lose}
    found = " and ".join(f"{way} for users with {items} items" for way, items in ways.items() if items)
    return f"{name}, {what}: by both intervals NDCG@100 {found or 'changes for no group'}"


for name, found in activity.items():
    said = f"Change of NDCG@100 in percent by the number of a user's items: {page.named(name)}"
    page.table(percents(found), caption=said).show()
    for what in found["what"].unique():
        print(who(name, found, what))

# %% [markdown]
# ## Figures 3 to 6: the weight and its growth
#
# PIA has three numbers of its own: the weight of the pull at the start, after how many epochs without progress it grows (the
# paper's $\rho$), and by which factor. The paper varies them on ML-20M and finds the validation NDCG@100 stable. First live, on a small grid:

# %%
swept = sweep_plan.run(sweep_config, profile, device) if "sweep" in wanted else []

# %% tags=["hide-input", "nbval-check-output"]
WEIGHT, PATIENCE, FACTOR = sweep_plan.AXES
SWEPT = {"validation_ndcg_at_100": "validation NDCG@100"} | {
    name: f"test {label(name)}" for name in ("ndcg_at_100", "recall_at_20", "recall_at_50")
}


def sweep_runs(records):
    """Return a row for each run of the sweep: data set, seed, the three settings, and measures."""
    rows = run_rows(records, sweep_plan.EXPERIMENT, ("dataset", "seed", *sweep_plan.AXES))
    return rows.rename(columns=SWEPT)


def grids_of(frame, dataset):
    """Return the mean validation NDCG@100 over seeds, patience by factor, for each weight with several of both."""
    found = {}
    for weight, part in frame[frame["dataset"] == dataset].groupby(WEIGHT):
        table = part.pivot_table(index=PATIENCE, columns=FACTOR, values="validation NDCG@100")
        if table.size > 1:
            if 1.0 in table:  # there the weight stays, whatever the patience: one run stands for the column
                table[1.0] = table[1.0].max()
            found[weight] = table
    return found


live_sweep = sweep_runs(swept)
for name in sweep_config.dataset:
    for weight, grid in grids_of(live_sweep, name).items():
        said = f"Validation NDCG@100, patience by factor, weight {weight:g}: {page.named(name)}"
        page.table(grid, caption=said).show()

# %% [markdown]
# Then the runs of the `paper` profile, on ML-100K. A factor of 1 leaves the weight as it is, whatever the patience.

# %% tags=["nbval-check-output"]
swept_paper = of_paper(sweep_plan.EXPERIMENT)
grid_runs = sweep_runs(swept_paper)
(swept_data,) = sweep_plan.PROFILES["paper"].dataset
planned = sweep_plan.PROFILES["paper"].seeds * len(sweep_plan.points(sweep_plan.PROFILES["paper"]))
print(f"{len(grid_runs)} of {planned} runs are there")
grids = grids_of(grid_runs, swept_data)

# %% tags=["hide-input"]
if grids:
    values = np.concatenate([grid.to_numpy().ravel() for grid in grids.values()])
    low, high = np.nanmin(values), np.nanmax(values)
    width = 1.4 + 2.9 * len(grids)
    figure, axes = pyplot.subplots(1, len(grids), figsize=(width, 3.2), sharey=True, squeeze=False)
    for axis, (weight, grid) in zip(axes[0], grids.items(), strict=True):
        picture = axis.imshow(grid, vmin=low, vmax=high, origin="lower", aspect="auto")
        axis.set_xticks(range(grid.shape[1]), [f"{scale:g}" for scale in grid.columns])
        axis.set_yticks(range(grid.shape[0]), grid.index)
        axis.set(title=f"weight {weight:g}", xlabel="factor of growth")
        axis.grid(False)
    axes[0, 0].set_ylabel("patience (epochs)")
    figure.colorbar(picture, ax=axes, label="validation NDCG@100")
    page.show(
        figure,
        alt="A panel for each weight: validation NDCG@100 as colours, patience from bottom to top and factor from left to right."
        " The tables below hold the numbers.",
        caption="Figures 3 to 5 on ML-100K: validation NDCG@100 for three weights, in one scale of colours.",
        provenance=page.provenance(swept_paper, profile="paper", data=swept_data),
    )

# %% tags=["hide-input", "nbval-check-output"]
rows = {}
for weight, grid in grids.items():
    page.table(grid, caption=f"Validation NDCG@100, patience by factor, weight {weight:g}").show()
    values = grid.stack()
    best = values.max()
    patience, factor = values.idxmax()
    rows[weight] = (values.min(), best, patience, f"{factor:g}", f"{(values >= 0.99 * best).mean():.0%}")
columns = ["lowest", "highest", "at patience", "at factor", "within 1 % of it"]
page.table(
    pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("weight"),
    caption="Lowest and highest validation NDCG@100 for each weight of the pull, and how flat it is around the highest",
).show()

# %% tags=["hide-input"]
# At the paper's patience and factor.
part = grid_runs[(grid_runs[PATIENCE] == sweep_plan.PATIENCE) & (grid_runs[FACTOR] == sweep_plan.SCALE)]
part = part[part["dataset"] == swept_data]
by_weight = part.reindex(columns=[WEIGHT, *SWEPT.values()]).groupby(WEIGHT).mean()
if len(by_weight):
    figure, axis = pyplot.subplots(figsize=(7.0, 3.6))
    for name in by_weight:
        axis.plot(range(len(by_weight)), by_weight[name] / by_weight[name].max(), label=name)
    axis.set_xticks(range(len(by_weight)), [f"{weight:g}" for weight in by_weight.index])
    axis.set(title=swept_data, xlabel="weight of the alignment at the start", ylabel="share of the largest")
    figure.legend(loc="outside lower center", ncols=2)
    page.show(
        figure,
        alt="Four lines over the weight: validation NDCG@100, and NDCG@100, Recall@20 and Recall@50 of the test, each divided by"
        " its largest value. The table below holds the numbers.",
        caption="Figure 6 on ML-100K: what the weight at the start does, at a patience of 5 epochs and a factor of 2.",
        provenance=page.provenance(swept_paper, profile="paper", data=swept_data),
    )

# %% tags=["hide-input", "nbval-check-output"]
page.table(by_weight, caption=f"NDCG@100 by the weight of the pull: {page.named(swept_data)}").show()
validation = by_weight["validation NDCG@100"]
positive = validation[validation.index > 0]
if len(positive) > 1:
    print(f"over positive weights validation NDCG@100 varies by {positive.max() / positive.min() - 1:.1%}")
    print(f"the best of them is {positive.idxmax():g}")
    if 0.0 in validation:
        print(f"against weight 0: {positive.max() / validation[0.0] - 1:+.1%}")
    rank = spearmanr(validation, by_weight["test NDCG@100"]).statistic
    print(f"rank correlation of validation and test over the weights: {rank:+.2f}")

# %% [markdown]
# ## Table 6: the time of an epoch
#
# The paper reports 15.9 % more per epoch on a GPU. Ours computes the centroids as one sparse product. Epochs with
# and without the pull are timed in turn, in one run, in seconds of the processor. Live first:


# %% tags=["hide-input"]
def overheads(records):
    """Return means over seeds: seconds of an epoch without and with the pull, and how much longer it is."""
    rows = run_rows(records, overhead_plan.EXPERIMENT, ["dataset", "method", "seed"])
    columns = ["plain_epoch_seconds", "epoch_seconds", "overhead_percent"]
    found = rows.reindex(columns=["dataset", "method", *columns]).groupby(["dataset", "method"])
    half = found["overhead_percent"].agg(lambda values: estimate(values.tolist()).half)
    return found.mean().assign(half=half.astype(float), seeds=found.size())


timed = overhead_plan.run(overhead_config, profile, device) if "overhead" in wanted else []
SLOWER = "Table 6: seconds of an epoch without and with the pull, means over seeds"
page.table(overheads(timed), digits=3, caption=SLOWER)

# %% [markdown]
# And the records. `half` is half of the 95 % interval of `overhead_percent`:

# %% tags=["hide-input", "nbval-check-output"]
timed_paper = of_paper(overhead_plan.EXPERIMENT)
page.table(overheads(timed_paper), digits=3, caption=SLOWER)

# %% [markdown]
# ## The paper's own data
#
# MovieLens 20M, the Netflix Prize and the Million Song Dataset were not at hand, so that no number of ours stands beside the paper's. Everything
# above runs on them: put the files where the [page on data](../../book/data.md) says, and give the name of the data, on a GPU that has the memory below.

# %% tags=["nbval-check-output"]
for name in theirs:
    print(f"fourmasks run pia/recommenders --profile paper -p dataset {name} -p parts recommenders")

# %% [markdown]
# How long it takes is estimated from the shapes. The dense layers of an epoch need six operations for each user and weight. The GPU's rate comes from
# the paper's own seconds on ML-20M: its seconds on Netflix then test the estimate. The rate of the CPU is that of one
# thread here, measured by the runs for Table 6.

# %% tags=["hide-input", "nbval-check-output"]
seconds = {
    claim.dataset[0]: claim.reported
    for claim in ledger_claims
    if claim.place == "Table 6" and claim.metric == "plain_epoch_seconds"
}
rate = costs.rate([*timed_paper, *paper])
print(f"{len(recommender_plan.FIXED) + len(recommender_plan.CONTROLS)} methods are variational autoencoders")
network = whole.hidden, whole.latent
first = next(name for name in theirs if name in seconds)
gpu = costs.epoch_operations(theirs[first], *network) / seconds[first]  # operations per second
rows = {}
for name, shape in theirs.items():
    operations, batch_size = costs.epoch_operations(shape, *network), whole.scale(name).batch_size
    rows[name] = {
        "training users": shape.users,
        "items": shape.items,
        "parameters (M)": costs.n_parameters(shape.items, *network, anchors=True) / 1e6,
        "memory, PIA (GB)": costs.memory_bytes(shape, *network, batch_size) / 1e9,
        "memory, EASE (GB)": costs.ease_bytes(shape) / 1e9,
        "epoch, reported (s)": seconds.get(name),
        "epoch, its GPU (s)": operations / gpu,
        "epoch, CPU (s)": operations / rate,
        "all fits, its GPU (h)": costs.n_passes(whole, name) * operations / gpu / 3600,
    }
page.table(
    pd.DataFrame.from_dict(rows, orient="index").rename_axis("dataset"),
    digits=1,
    caption="What the paper's other data would take, estimated from their shapes",
)

# %% [markdown]
# ## Verdicts
#
# Every number and statement of Tables 1, 2, 3, 5 and 6 and of Figures 3 to 6 beside ours. The verdicts are computed from the records.
# First the statements that our data can test, then how many rows there are of each place.
#
# Verdicts rest on the interval over splits. For the claim that PIA raises NDCG@100 here are both intervals beside the verdict.

# %% tags=["hide-input", "output_scroll", "nbval-check-output"]
places = ("Table 1", "Table 2", "Table 3", "Table 5", "Table 6")
places += ("Figure 3", "Figure 4", "Figure 5", "Figure 6", "Section 3")
mine = [row for row in ledger("pia") if row["place"] in places]
print(", ".join(f"{verdict}: {count}" for verdict, count in summary(mine).items()))
verdicts, beside = {row["id"]: row["verdict"] for row in mine}, {}
for name in reals:
    for row in uplifts(paper, name, [(PIA, PLAIN), ("rec-vae+pia", "rec-vae")]).itertuples():
        beside[name, PULLED[row.method, row.baseline]] = {
            "gain (%)": f"{row.percent:+.2f}",
            "± over splits": f"{row.half_percent:.2f}",
            "splits": row.splits,
            "± over users": f"{100 * row.half_users / row.base:.2f}",
            "users": row.users,
            "verdict": verdicts.get(f"pia-table1-{name}-ndcg100-{row.baseline}-improved"),
        }
page.table(
    pd.DataFrame.from_dict(beside, orient="index").rename_axis(["dataset", "what"]),
    caption="The claim that PIA raises NDCG@100, with both intervals beside the verdict",
).show()
ours = [row for row in mine if row["dataset"] in (*whole.dataset, *sweep_plan.PROFILES["paper"].dataset)]
page.verdicts(ours)

# %% [markdown]
# The rest, numbers on data that were not at hand and on private traffic:

# %% tags=["hide-input", "output_scroll", "nbval-check-output"]
page.verdicts([row for row in mine if row not in ours])
