# %% [markdown]
# # The recommender
#
# An embedding of the user and one of the item, side by side, go through a network that can be inverted. What comes out
# is read as a rating and as the probability of an interaction. The paper {cite:p}`lunet2026` reports a test error on two
# data sets, and that the embeddings can be had back from the output without loss (Section 3, Table 2). This notebook asks five things.
#
# 1. What **test error** do we get under the stated settings, on five splits, and what do **plain averages** and **biased matrix factorization** get on the same splits?
# 2. **Does the network do the work, and does its mask?** We take the network out, we put a perceptron and coupling layers of the same size in its place, and we let the matrices be free
#    where the paper cuts them to triangles.
# 3. What is a **reconstruction error of zero** worth?
# 4. The paper leaves most of its settings open. **How much do they matter?**
# 5. **HR@10 and NDCG@10** are announced and not reported. What are they?

# %% tags=["parameters"]
profile = "book"  # type: str  smoke, book or paper
dataset = None  # type: str  ratings, as "simulated" or "ml-100k,ml-1m", None for the profile's
methods = None  # type: str  models of the first part, as "lu-net,averages", None for the profile's
seeds = None  # type: int  number of seeds, each with a split of its own, None for the profile's
epochs = None  # type: int  epochs of the first part, None for the profile's
dimension = None  # type: int  the network's dimension, None for the profile's
gamma = None  # type: float  weight of the squared errors, from 0 to 1, None for the profile's
parts = "ratings,sweeps,ranking"  # type: str  what to run live: one of these or several
sweep_dataset = None  # type: str  ratings of the sweeps, None for the profile's
ranking_dataset = None  # type: str  ratings to rank by, None for the profile's
sparing = False  # type: bool  leave out the runs of ratings and rankings that take many minutes, for now
device = "auto"  # type: str  cpu, cuda, mps, or auto for what is there

# %% tags=["hide-input"]
import textwrap
from collections import Counter

import numpy as np
import pandas as pd
from matplotlib import pyplot
from matplotlib.patches import Rectangle

from fourmasks.claims.files import load_claims, overlaps
from fourmasks.claims.ledger import ledger, summary
from fourmasks.experiments.profiles import resolve
from fourmasks.lunet.rankings import plan as ranking_plan
from fourmasks.lunet.rankings.tables import reversals
from fourmasks.lunet.ratings import plan as rating_plan
from fourmasks.lunet.sweeps import plan as sweep_plan
from fourmasks.lunet.sweeps.tables import extremes
from fourmasks.pages import figures as page
from fourmasks.pages.tables import (
    differences,
    effort,
    measured,
    missing,
    order,
    plus_minus,
    run_rows,
    searched,
    spread,
)
from fourmasks.pages.words import judged
from fourmasks.records.store import load_records, records_directory
from fourmasks.system.device import banner, resolve_device
from fourmasks.system.names import unknown

page.begin("lunet/recommender")


def say(*sentences):
    """Print sentences in lines that fit the page."""
    for sentence in sentences:
        print(textwrap.fill(sentence, 76, subsequent_indent="    ", break_on_hyphens=False))


PARTS = ("ratings", "sweeps", "ranking")
wanted = [part.strip() for part in parts.split(",")]
for part in wanted:
    if part not in PARTS:
        raise ValueError(unknown("part", part, PARTS))
config = resolve(
    rating_plan.PROFILES,
    profile,
    dataset=dataset,
    methods=methods,
    seeds=seeds,
    epochs=epochs,
    dimension=dimension,
    gamma=gamma,
    sparing=sparing,
)
sweep_config = resolve(sweep_plan.PROFILES, profile, dataset=sweep_dataset)
ranking_config = resolve(ranking_plan.PROFILES, profile, dataset=ranking_dataset, sparing=sparing)
device = str(resolve_device(device))
print(banner(device))

# %% [markdown]
# ## Figures 1 and 2: the model
#
# Drawn by code, from the text of Sections 2.1 and 2.3.


# %% tags=["hide-input"]
BLUE, ORANGE, GREEN, BLACK = page.PALETTE[0], page.PALETTE[1], page.PALETTE[2], page.PALETTE[6]


def canvas(width, height):
    """Return a figure and its axis, of one unit to the inch and without a frame."""
    figure, axis = pyplot.subplots(figsize=(width, height + 0.3))
    axis.set(xlim=(0, width), ylim=(-0.1, height + 0.2))
    axis.axis("off")
    return figure, axis


def box(axis, x, y, width, height, text, colour):
    """Draw a box around (x, y) and return its centre and its width."""
    corner = (x - width / 2, y - height / 2)
    axis.add_patch(Rectangle(corner, width, height, facecolor="white", edgecolor=colour, linewidth=1.5))
    axis.text(x, y, text, ha="center", va="center", fontsize=10)
    return x, y, width


def arrow(axis, start, end):
    """Draw an arrow from the right side of one box to the left side of another."""
    tail, head = (start[0] + start[2] / 2, start[1]), (end[0] - end[2] / 2, end[1])
    axis.annotate("", xy=head, xytext=tail, arrowprops={"arrowstyle": "->", "lw": 1.3})


figure, axis = canvas(10.0, 2.4)
boxes = {
    "ratings": ((1.0, 1.8, 1.9, 0.8), "explicit: ratings\n$Y_{ij} \\in \\{1, \\dots, 5\\}$", BLUE),
    "clicks": ((1.0, 0.6, 1.9, 0.8), "implicit: rated or not\n$Y_{ij} \\in \\{0, 1\\}$", ORANGE),
    "table": ((3.4, 1.2, 1.9, 1.0), "table $Y$\nusers × items,\nmostly empty", BLACK),
    "model": ((5.8, 1.2, 1.9, 1.0), "embeddings $u_i$, $v_j$\nnetwork $f$\nread-out", GREEN),
    "rating": ((8.5, 1.8, 2.7, 0.8), "rating $\\hat Y_{ij}$\nMSE, weight $\\gamma$", BLUE),
    "odds": (
        (8.5, 0.6, 2.7, 0.8),
        "probability $\\sigma(\\cdot)$, ranking\nCE, weight $1 - \\gamma$",
        ORANGE,
    ),
}
boxes = {name: box(axis, *place, text, colour) for name, (place, text, colour) in boxes.items()}
for link in ("ratings table", "clicks table", "table model", "model rating", "model odds"):
    arrow(axis, *(boxes[name] for name in link.split()))

drawn = "drawn from the paper's text, no data"
page.show(
    figure,
    alt="Two boxes, ratings and rated or not, lead to a table of users and items. The table leads to embeddings, network and"
    " read-out, and these to a rating with the squared error and to a probability with the cross-entropy.",
    caption="Figure 1. Two kinds of feedback, one network, two losses.",
    provenance=drawn,
)


# %% tags=["hide-input"]
def triangles(axis, left, bottom, size=0.6):
    """Draw L and U side by side: what the mask on the weights leaves is filled."""
    for x, corners, name in (
        (left, ((0, 0), (0, 1), (1, 0)), "$L$"),
        (left + size + 0.08, ((0, 1), (1, 1), (1, 0)), "$U$"),
    ):
        points = [(x + a * size, bottom + b * size) for a, b in corners]
        axis.fill(*zip(*points, strict=True), color=page.PALETTE[5], alpha=0.6, lw=0)
        square = [(x + a * size, bottom + b * size) for a, b in ((0, 0), (1, 0), (1, 1), (0, 1), (0, 0))]
        axis.plot(*zip(*square, strict=True), color="#777777", lw=0.8, marker="")
        shift = -0.12 if name == "$L$" else 0.12
        axis.text(x + size / 2 + shift, bottom + size / 2 + shift, name, ha="center", va="center")


layers = 3  # the last one has no bend
width = 2.9 + 2.9 * layers
figure, axis = canvas(width, 2.0)
before = box(axis, 0.4, 1.2, 0.6, 1.3, "$u_i$\n\n\n$v_j$", BLUE)
axis.text(0.4, 1.95, "$x_{ij}$", ha="center")
for layer in range(1, layers + 1):
    left = 1.1 + 2.9 * (layer - 1)
    whole = box(axis, left + 0.95, 1.2, 1.9, 0.9, "", GREEN)
    triangles(axis, left + 0.1, 0.9)
    axis.text(left + 1.65, 1.2, "$+ b$", ha="center", va="center")
    axis.text(left + 0.95, 1.8, f"layer {layer}", ha="center", fontsize=10)
    arrow(axis, before, whole)
    before = whole
    if layer < layers:
        before = box(axis, left + 2.4, 1.2, 0.4, 0.4, "$\\phi$", ORANGE)
        arrow(axis, whole, before)
end = box(axis, width - 2.0, 1.2, 0.5, 1.3, "$z$", BLUE)
readout = box(axis, width - 0.7, 1.2, 1.2, 0.7, "read-out\n$\\hat Y_{ij}$", BLACK)
arrow(axis, before, end)
arrow(axis, end, readout)
style = {"arrowstyle": "->", "linestyle": "--", "lw": 1.2}
axis.annotate("", xy=(0.4, 0.35), xytext=(width - 2.0, 0.35), arrowprops=style)
back = "back: solve with $L$, then with $U$, and invert $\\phi$"
axis.text((width - 1.6) / 2, 0.05, back, ha="center", fontsize=10)

page.show(
    figure,
    alt="The embeddings of user and item, one above the other, go through three layers. Each multiplies with an upper and a lower"
    " triangle and adds a bias; after the first two there is an activation. A dashed arrow leads back from the output to the input.",
    caption="Figure 2. What the mask on the weights leaves is blue. A layer multiplies with U first, then with L.",
    provenance=drawn,
)

# %% [markdown]
# ## What the paper leaves open
#
# | question | what the paper may mean | our default, and why |
# |---|---|---|
# | what is $x_{ij}$? | both embeddings side by side; or each goes through the network alone | side by side, $d/2$ numbers each: only so can the network see the pair |
# | how do $d$ outputs become one rating? | `linear`: a weighted sum; `coordinate`: the first; `mean`; `product` of the two halves; `separate`: $f(u)^\top f(v)$ | `linear`: it prefers none of the outputs, and the perceptron can have it too |
# | one output or two? | $\hat Y_{ij}$ is the rating in Eq. (2.12) and a probability in (2.14); whether one output serves both is not said | two: a rating of 4 stars is not log-odds of 4 |
# | $\gamma$, negatives | | 0.5, and one non-interaction for each rating, drawn anew in each epoch |
# | $d$, $M$ | | 32 and 3 |
# | $\phi$, $\alpha$, $\beta$ | Eq. (2.6) or (2.9) | (2.9), as the text says, with 0.5 and 0.5, so that the slope at 0 is 1 |
# | embeddings at the start | | normal, standard deviation 0.1 |
# | triangles at the start | | uniform up to $0.1 / \sqrt d$, diagonals 1: near the identity. The one choice here that no sweep varies |
# | ratings | "no additional preprocessing" | as they are; the read-out's offset begins at their mean; predictions are not clamped |
# | Eq. (2.13) | $Y_{ij}$ has the letter of the rating; the text before it says a "binary interaction signal" | 1 or 0, as the text says |
#
# Who or what has no rating in the training is given the mean embedding of the others. The sweeps below say what these choices matter.
#
# A remark before any run. **Without activations the model is additive**: with the linear read-out, $w^\top f(x_{ij})$ is then a constant, a number for the user and
# a number for the item, and nothing else. All that the model can know of a user's own taste goes through $\phi$. And with the read-out `separate` the network can be absorbed: $f$ is a
# bijection, so $f(u)^\top f(v)$ ranges over the same matrices as $u^\top v$. Nor does $\alpha$ change what the network can be, but only its scale at the start; that and more is on
# the page [Theory](../../book/lunet/theory.md).
#
# ## Live, on simulated ratings
#
# 600 users, 500 items, 40,000 ratings with planted biases, a planted low-rank interaction and noise. A fifth of each user's ratings is for the test. The runs are short, with
# larger batches and steps than stated; they show that everything works, not who wins.
#
# | name | what it is |
# |---|---|
# | `lu-net` | the paper's model as stated: Adam with learning rate $10^{-3}$, batch size 128, 50 epochs, the last one kept |
# | `dense` | **control for the mask**: the same map at the start, the same activations, batches and settings; but each matrix is free, where the paper's is the product of two triangles |
# | `mlp` | the classic perceptron in its place: dense layers and ReLU, exactly as many parameters. It differs in activation and start too |
# | `coupling` | coupling layers {cite:p}`dinh2017density` in its place, about as many parameters |
# | `identity` | **control**: no network at all. With the linear read-out what is left is additive |
# | `lu-net-stopped`, `mlp-stopped` | as stated, but 5 % of the training ratings are kept apart and stop the training (`paper` profile) |
# | `lu-net-tuned` and so on | the same networks with batches of 512, tuned on validation ratings of a split of its own and stopped by them (`paper` profile) |
# | `averages` | **control**: $\mu + b_i + c_j$, damped means of users and items. Two dampings are tuned |
# | `biased-mf` | matrix factorization with biases and ridge {cite:p}`koren2009matrix`, by alternating least squares, tuned with as many trials |


# %% tags=["hide-input"]
OUTER = ["dataset", "method", "split_seed", "seed"]


def in_order(frame):
    """Return rows by data set, by method in the order of the plan, and by seed."""
    return frame.sort_values(
        ["dataset", "method", "seed"],
        key=lambda column: column.map(rating_plan.METHODS.index) if column.name == "method" else column,
        kind="stable",
        ignore_index=True,
    )


def runs_of(records):
    """Return a row for each final run."""
    frame = run_rows(records, rating_plan.EXPERIMENT, OUTER)
    return in_order(frame if len(frame) else frame.assign(test_mse=[]))


def curves_of(records):
    """Return a row for each epoch of the final runs as stated: what it was, the epoch, and its curves."""
    parts = [
        pd.DataFrame(own | r.curves).rename_axis("epoch").reset_index()
        for r in records
        for own in [{name: r.parameters.get(name) for name in OUTER}]
        if r.experiment == rating_plan.EXPERIMENT and own["method"] in rating_plan.STATED
    ]
    frame = pd.concat(parts) if parts else pd.DataFrame(columns=[*OUTER, "epoch", "test_mse"])
    return in_order(frame.assign(epoch=frame["epoch"] + 1))


# %%
records = rating_plan.run(config, profile, device) if "ratings" in wanted else []
live = runs_of(records)
learned = curves_of(records)

# %% tags=["hide-input", "nbval-check-output"]
page.table(
    live.groupby(["method", "dataset"], sort=False)["test_mse"].agg(spread).unstack(),
    caption="Test MSE, mean ± standard deviation over splits: short runs, which show that all works",
    best="lowest",
)


# %% tags=["hide-input"]
LEVELS = {"averages": "--", "biased-mf": ":"}  # without epochs: horizontal lines
HIGHEST = 1.25  # times the averages' error; what is above is not drawn, or at the edge
KINDS = {"loss": "loss, Eq. (2.11)", "mse": "squared error"}


def loss_curves(curves, frame, kind="mse"):
    """Draw training and test by epoch, a row for each data set; beside squared errors the lines of `LEVELS`."""
    datasets = curves["dataset"].unique()
    size = (9.0, 0.6 + 3.0 * len(datasets))
    figure, axes = pyplot.subplots(len(datasets), 2, figsize=size, squeeze=False)
    for row, dataset in zip(axes, datasets, strict=True):
        for axis, part in zip(row, ("train", "test"), strict=True):
            for method, theirs in curves[curves["dataset"] == dataset].groupby("method", sort=False):
                draw_curve(axis, theirs.groupby("epoch")[f"{part}_{kind}"], method)
            axis.set(title=f"{dataset}, {part}", xlabel="epoch", ylabel=KINDS[kind])
        if kind == "mse":
            draw_levels(row[1], frame[frame["dataset"] == dataset].groupby("method")["test_mse"].mean())
        row[1].legend(fontsize=8)
    return figure


def draw_levels(axis, means):
    """Draw the lines of `LEVELS`, and end the axis where the interesting errors do."""
    there = [method for method in LEVELS if method in means.index]
    for method in there:
        axis.axhline(means[method], color="#777777", linestyle=LEVELS[method], linewidth=1.2, label=method)
    if there:
        low, high = axis.get_ylim()
        axis.set_ylim(min(low, means[there].min() - 0.005), min(high, HIGHEST * means[there].max()))


def draw_curve(axis, by_epoch, method):
    """Draw means over seeds, and a band from the lowest to the highest."""
    means, style = by_epoch.mean().dropna(), page.method_style(method) | {"marker": ""}
    if len(means):
        axis.plot(means.index, means, label=method, **style)
        band = by_epoch.min().dropna(), by_epoch.max().dropna()
        axis.fill_between(means.index, *band, color=style["color"], alpha=0.15, lw=0)


if len(learned):
    page.show(
        loss_curves(learned, live),
        alt="Squared error by epoch, on the training ratings on the left and on the test ratings on the right, one line for each"
        " model; horizontal lines are averages and biased matrix factorization. The table below holds the numbers.",
        caption="Losses by epoch. Bands reach from the lowest to the highest seed. Horizontal lines need no epochs.",
        provenance=page.provenance(records, profile=profile, data=", ".join(config.dataset)),
    )


# %% tags=["hide-input"]
def at_epochs(curves, *epochs):
    """Return training and test losses at some epochs, means over splits."""
    names = ["train_mse", "test_mse", "train_loss", "test_loss"]
    means = (
        curves.groupby(["dataset", "method", "epoch"], sort=False)[names].mean().rename_axis(columns="curve")
    )
    found = means.stack().dropna().unstack("epoch")
    return page.rounded(found[[epoch for epoch in epochs if epoch in found]])


# %% tags=["hide-input", "nbval-check-output"]
if len(learned):
    page.table(
        at_epochs(learned, 1, 2, 4, 8), caption="Training and test errors by epoch, means over splits"
    ).show()

# %% [markdown]
# **Reconstruction.** The network maps the embeddings of test pairs to $z$, and back. For a perceptron there is no way back. There a decoder is fitted, an affine map plus a
# perceptron of the same size; the error that it leaves is what we take for the paper's 0.0050. To be fair the decoder is given to all.

# %% tags=["hide-input", "nbval-check-output"]
stable = ["decoder_share", "affine_decoder_share", "condition_lower", "condition_upper"]
for name in config.dataset:
    found = live[live["dataset"] == name].reindex(columns=["method", *stable])
    means = found.groupby("method", sort=False).mean().dropna(how="all")
    said = f"What a decoder leaves of the embeddings' variance, and condition numbers: {page.named(name)}"
    page.table(means, digits=2, caption=said).show()

# %% tags=["hide-input"]
RECONSTRUCTION = {
    "untrained_reconstruction_mse_float32": ("untrained", "float32"),
    "reconstruction_mse_float32": ("trained", "float32"),
    "reconstruction_error_float32": ("trained", "relative"),
    "reconstruction_mse_float64": ("trained", "float64"),
    "decoder_mse": ("decoder", "error"),
    "decoder_share": ("decoder", "share"),
    "affine_decoder_share": ("decoder", "affine"),
    "condition_lower": ("condition", "L"),
    "condition_upper": ("condition", "U"),
}


def medians(frame, columns):
    """Return medians over splits, to two digits."""
    frame = frame.reindex(columns=["dataset", "method", *columns])
    found = frame.groupby(["dataset", "method"], sort=False).median().dropna(how="all")
    found = found.map(lambda number: "–" if number != number else "0" if number == 0 else f"{number:.1e}")
    return found.set_axis(pd.MultiIndex.from_tuples(columns.values()), axis=1)


# %% tags=["hide-input"]
LEFT = "Errors of mapping to the output and back, and condition numbers of the triangles: medians over splits"
page.table(medians(live, RECONSTRUCTION), caption=LEFT)

# %% [markdown]
# **Sweeps**, one choice changed at a time. "Interaction" is the share of the predictions' variance, over all pairs of some users and items, that no sum of a user's and an item's number
# explains. For an additive model it is 0.

# %%
swept = sweep_plan.run(sweep_config, profile, device) if "sweeps" in wanted else []


# %% tags=["hide-input"]
def change(parameters):
    """Return option and value that differ from the defaults; without a network the option is the read-out."""
    changed = {
        name: parameters[name] for name, default in sweep_plan.DEFAULTS.items() if parameters[name] != default
    }
    if not changed:
        return "default", "all"
    if "network" in changed:
        return "readout", f"{changed['readout']}, no network"
    ((name, value),) = changed.items()
    return name, f"{value}"


def sweep_runs(records):
    """Return a row for each run of the sweeps, by data set, by option and value; together they are the method."""
    frame = run_rows(records, sweep_plan.EXPERIMENT, ("dataset", "split_seed", *sweep_plan.DEFAULTS))
    words = [change(row) for row in frame.to_dict("records")]
    frame[["option", "value"]] = pd.DataFrame(words, columns=["option", "value"], index=frame.index)
    frame["method"] = [option if option == "default" else f"{option} {value}" for option, value in words]
    places = [change(sweep_plan.DEFAULTS | one) for one in sweep_plan.changes(sweep_plan.VARIED)]
    places.sort(key=lambda words: ("default", *sweep_plan.VARIED).index(words[0]))
    frame["place"] = [places.index(one) for one in words]
    return frame.sort_values(["dataset", "place", "split_seed"], ignore_index=True)


def signed(found):
    """Return the differences of a frame as texts, with half of the 95 % interval where there is one."""
    return [
        f"{mean:+.4f}" if half != half else plus_minus(f"{mean:+.4f}", f"{half:.4f}")
        for mean, half in zip(found["difference"], found["half"], strict=True)
    ]


def sweep(frame, name):
    """Return the sweep on one data set, option by option; the difference is that from the default."""
    part = frame[frame["dataset"] == name]
    apart = differences(
        part,
        "test_mse",
        [(method, "default") for method in part["method"].unique()],
        overlaps(sweep_plan.EXPERIMENT),
    )
    by_value = part.groupby(["option", "value"], sort=False)
    table = pd.DataFrame(
        {
            "test MSE, last epoch": by_value["test_mse"].agg(spread),
            "difference": signed(apart),
            "test MSE, stopped": by_value["stopped_test_mse"].agg(spread),
            "stopped at": by_value["stopped_epoch"].mean().map("{:.1f}".format),
            "interaction": by_value["interaction_share"].mean().map("{:.4f}".format),
            "parameters": by_value["n_parameters"].mean().map("{:.0f}".format),
        }
    )
    table.loc[("default", "all"), "difference"] = "–"
    return table


# %% tags=["hide-input", "nbval-check-output"]
sweep_frame = sweep_runs(swept)
for name in sweep_frame["dataset"].unique():
    said = f"One choice changed at a time; differences are from the default: {page.named(name)}"
    page.table(sweep(sweep_frame, name), caption=said).show()

# %% [markdown]
# **Rankings.** One rating of each user is held out and ranked among 100 items that the user has not rated, and among all of them.

# %%
ranked = ranking_plan.run(ranking_config, profile, device) if "ranking" in wanted else []
ranking_frame = run_rows(ranked, ranking_plan.EXPERIMENT, OUTER)

# %% tags=["hide-input"]
HIT_RATES = {
    "sampled_hr_at_10": "HR@10, sampled",
    "sampled_ndcg_at_10": "NDCG@10, sampled",
    "full_hr_at_10": "HR@10, all items",
    "full_ndcg_at_10": "NDCG@10, all items",
}


def hit_rates(frame, name):
    """Return the four measures on one data set, methods in their order."""
    return measured(frame, name, ranking_plan.METHODS, HIT_RATES).set_axis(list(HIT_RATES.values()), axis=1)


# %% tags=["hide-input", "nbval-check-output"]
for name in ranking_frame["dataset"].unique():
    said = f"Hit ratio and NDCG at 10, mean ± standard deviation over seeds: {page.named(name)}"
    page.table(hit_rates(ranking_frame, name), caption=said, best="highest").show()

# %% [markdown]
# ## Table 1: the paper's data
#
# From here on we look at runs of the `paper` profile, kept as records in `data/records/lunet`. The command that makes them,
# or what is missing of them, is `fourmasks run lunet/recommender --profile paper`. A part of it, on one data set:
# `fourmasks run lunet/recommender --profile paper -p parts sweeps -p sweep_dataset ml-1m`. With `-p sparing True` it leaves out the
# runs that take many minutes; they stay planned, and are counted here as missing.

# %% tags=["hide-input", "nbval-check-output"]
whole = rating_plan.PROFILES["paper"]


def of_paper(*names):
    """Return the records of experiments that were made for the profile `paper`."""
    found = [load_records(name, records_directory(name, "paper")) for name in names]
    return [record for part in found for record in part if record.profile == "paper"]


def show_missing(frame, planned):
    """Say how many of the planned final runs are there, and show which are missing."""
    for name, count in Counter(dataset for dataset, *_ in planned).items():
        print(f"{name}: {(frame['dataset'] == name).sum()} of {count} runs are there")
    absent = missing(frame, planned)
    if len(absent):
        page.table(absent, caption="Runs that are planned and not there yet").show()


paper = of_paper(rating_plan.EXPERIMENT, rating_plan.SEARCH, rating_plan.DATASETS)
kept = runs_of(paper)
reals = [name for name in whole.dataset if name in set(kept["dataset"])]
show_missing(kept, rating_plan.finals(whole))
hours = sum(record.seconds for record in paper) / 3600
print(f"searches and runs together: {hours:.1f} hours, on one thread of a machine with other work")

# %% tags=["hide-input", "nbval-check-output"]
ledger_claims = load_claims("lunet")
counts = pd.Series({(c.dataset[0], c.metric): c.reported for c in ledger_claims if c.place == "Table 1"})
sizes = run_rows(paper, rating_plan.DATASETS, ["dataset"]).set_index("dataset")
ours = sizes.reindex(columns=["users", "items", "ratings", "density"]).stack()
table = pd.DataFrame({"ours": ours, "paper": counts.reindex(ours.index)})
page.table(
    table.map(lambda number: f"{number:.4f}" if number < 1 else f"{number:.0f}").rename_axis(
        ["dataset", "what"]
    ),
    caption="Table 1: the data, ours beside the paper's",
)

# %% [markdown]
# The paper gives ML-1M the range of its identifiers as items, but the density of those that are rated. ML-1M is a prepared copy here that lacks 8 ratings.
#
# ## Table 2: test error
#
# Splits of 80 to 20 for each user, the same for all models. In tables of errors ± is the standard deviation over them; in differences, half the 95 % interval. On ML-1M, where a run takes
# minutes, some models have fewer splits: what is missing is listed above. On which data the perceptron of the paper has its error is not said; we put it beside ML-100K.

# %% tags=["hide-input", "nbval-check-output"]
reported = {
    (c.dataset[0], c.match["method"]): c.reported
    for c in ledger_claims
    if c.place == "Table 2" and c.metric == "test_mse"
}
ours = kept.groupby(["dataset", "method"], sort=False)["test_mse"].agg(spread)
both = {"paper": pd.Series(reported).reindex(ours.index), "ours": ours}
table = pd.DataFrame(both).unstack("dataset").swaplevel(axis=1)
there = [method for method in rating_plan.METHODS if method in table.index]
page.table(
    table.loc[there, [(name, column) for name in reals for column in both]],
    caption="Table 2: test MSE, mean ± standard deviation over splits, beside what the paper reports",
    best={(name, "ours"): "lowest" for name in reals},
)


# %% tags=["hide-input", "nbval-check-output"]
def beside_paper(name):
    """Say where the paper's test MSE of its network stands among ours."""
    printed = reported[name, "lu-net"]
    means = kept[kept["dataset"] == name].groupby("method")["test_mse"].mean()
    apart = [
        f"{abs(printed - means[method]):.4f} {'above' if printed > means[method] else 'below'} our {method} ({means[method]:.4f})"
        for method in ("averages", "identity", "lu-net", "biased-mf")
        if method in means
    ]
    return f"{name}: the paper's {printed:.4f} is {', '.join(apart)}"


say(*map(beside_paper, reals))

# %% [markdown]
# So on ML-100K the paper's error is that of a model without any interaction, and the network as we read it is below it: "not reproduced" means *better* here, on both data sets.
# Where the paper's error comes from we cannot tell.

# %% tags=["hide-input"]
if reals:
    size = (4.8 * len(reals), 4.0)
    figure, axes = pyplot.subplots(1, len(reals), figsize=size, squeeze=False)
    for axis, name in zip(axes.flat, reals, strict=True):
        part = kept[kept["dataset"] == name]
        table = part.pivot_table(index="method", columns="split_seed", values="test_mse")
        table = table.reindex([method for method in rating_plan.METHODS if method in table.index])
        highest = HIGHEST * table.loc["averages"].max() if "averages" in table.index else np.inf
        for split in table:
            axis.plot(range(len(table)), table[split], color="#BBBBBB", linewidth=0.8, marker="", zorder=1)
        for place, method in enumerate(table.index):
            style = page.method_style(method) | {"linestyle": ""}
            above = table.loc[method] > highest
            axis.plot(np.full(table.shape[1], place), table.loc[method], markersize=6, **style)
            axis.plot(np.full(above.sum(), place), np.full(above.sum(), highest), "^", color=style["color"])
            if (name, method) in reported:
                axis.plot(place, reported[name, method], "x", color="#000000", markersize=9, label="paper")
        axis.set(title=name, ylabel="test MSE")
        axis.set_ylim(top=min(axis.get_ylim()[1], 1.01 * highest))
        axis.set_xticks(range(len(table)), table.index, rotation=40, ha="right", fontsize=9)
        handles, labels = axis.get_legend_handles_labels()
        if labels:
            axis.legend(handles[:1], labels[:1], fontsize=9)
    page.show(
        figure,
        alt="Test mean squared error of every run, models side by side, one panel for each data set; crosses are the paper's"
        " values. The table above holds means and standard deviations.",
        caption="Table 2 as points. Each grey line is one split. Crosses are the paper's. Triangles at the edge are errors above it.",
        provenance=page.provenance(paper, profile="paper", data=", ".join(reals)),
    )

# %% [markdown]
# **The search.** Each of the networks draws its trials from the same ranges, and each baseline from its own; $M$, $\alpha$, $\beta$ and the start are as stated. "ridge" weighs the squared embeddings,
# "damping" counts ratings at the mean that are added to each user's or item's. A final run keeps 5 % of its training ratings apart to stop by, biased matrix factorization too; only the
# averages and the runs as stated learn from all.
#
# A network can rest for many steps at the level of the averages before it goes on, and a short patience stops it there. The first tuned runs on ML-100K waited 15 epochs, and two of five
# ended so. All networks have waited longer since, as the next lines say. Where a run ended at that level all the same, its error says less of the network than of the stopping.

# %% tags=["nbval-check-output"]
for name in whole.dataset:
    print(f"{name}: patience {rating_plan.patience(name, whole)} epochs of at most {whole.tuned_epochs}")
for method in ("lu-net-tuned", "averages", "biased-mf"):
    say(
        f"{method}: "
        + "; ".join(f"{option} from {values}" for option, values in rating_plan.SPACES[method].items())
    )

# %% tags=["hide-input", "nbval-check-output"]
page.table(
    searched(paper, rating_plan.SEARCH, rating_plan.SPACES, "validation_mse", lowest=True),
    caption="The settings that the search found, and the validation MSE that they had",
).show()
levels = kept.pivot_table(index=["dataset", "split_seed"], columns="method", values="test_mse")
for name in reals:
    pairs = levels.loc[name, ["lu-net-tuned", "averages"]].dropna()
    resting = (pairs["lu-net-tuned"] > 0.98 * pairs["averages"]).sum()
    print(f"{name}: {resting} of {len(pairs)} runs of lu-net-tuned ended at the level of the averages")

# %% [markdown]
# What a run takes, on one thread of a CPU. Seconds are those of the training alone, as they were on a machine that was also busy with others; the run of `dense` on ML-1M stood still for most of
# them. How long the stated 50 epochs take on a machine of one's own, `benchmarks/lunet_epoch.py` measures.

# %% tags=["hide-input", "nbval-check-output"]
for name in reals:
    said = f"What a run takes, means over splits: {page.named(name)}"
    page.table(effort(kept, name, rating_plan.METHODS), digits=1, caption=said).show()

# %% [markdown]
# ## Does the network do the work, and does its mask?
#
# Differences of the test MSE, split by split, ± half of the 95 % interval, as wide as in the verdicts: splits of the same ratings share most of the training, and are corrected for it. Above zero the first of the two is worse; "judged" is whether it is so beyond the interval.

# %% tags=["hide-input", "nbval-check-output"]
# What stands beside the paper's network: method, baseline, and what is taken away or put in its place.
PAIRS = {
    ("lu-net", "dense"): "free matrices instead of triangles",
    ("lu-net", "identity"): "no network",
    ("lu-net", "averages"): "averages instead",
    ("lu-net", "biased-mf"): "biased MF instead",
    ("lu-net", "mlp"): "perceptron instead",
    ("lu-net", "coupling"): "coupling layers instead",
    ("lu-net-stopped", "mlp-stopped"): "perceptron instead, both stopped",
    ("lu-net-stopped", "lu-net"): "not stopped",
    ("lu-net-tuned", "lu-net"): "as stated, not tuned",
    ("lu-net-tuned", "averages"): "averages instead",
    ("lu-net-tuned", "biased-mf"): "biased MF instead",
    ("lu-net-tuned", "mlp-tuned"): "perceptron instead",
    ("lu-net-tuned", "coupling-tuned"): "coupling layers instead",
}


def compared(frame, experiment, metric, pairs, better):
    """Return `differences` as texts, with what they mean and what the baseline has instead."""
    found = differences(frame, metric, pairs, overlaps(experiment))
    halves = zip(found["difference"], found["half"], strict=True)
    found["judged"] = [
        judged(mean, half, better).removesuffix(" beyond the interval") for mean, half in halves
    ]
    found["what"] = [pairs[pair] for pair in zip(found["method"], found["baseline"], strict=True)]
    found["difference"] = signed(found)
    return found.set_index(["dataset", "method", "baseline"]).drop(columns="half")


apart = compared(kept, rating_plan.EXPERIMENT, "test_mse", PAIRS, better="lower")
page.table(
    apart,
    caption="Test MSE of the first method minus that of the second, ± 95 %: above zero the first is worse",
)

# %% [markdown]
# **The last epoch is not the best one.** As stated all train for 50 epochs. The perceptron and the coupling layers have long overfitted by then, the LU network hardly; so the last epoch, which is
# what the paper's settings ask for, flatters the LU network. The best epoch below is chosen on the test and flatters all of them alike. Stopped by validation ratings, as above, is the fair comparison.

# %% tags=["hide-input", "nbval-check-output"]
learned = curves_of(paper)
by_run = learned.set_index("epoch").groupby(["dataset", "method", "split_seed"], sort=False)["test_mse"]
last_and_best = pd.DataFrame({"last epoch": by_run.last(), "best epoch": by_run.min(), "at": by_run.idxmin()})
by_method = last_and_best.groupby(["dataset", "method"], sort=False)
table = by_method[["last epoch", "best epoch"]].agg(spread)
at = by_method["at"].agg(lambda at: f"{at.min()} to {at.max()}" if at.min() < at.max() else f"{at.min()}")
page.table(
    table.assign(at=at, splits=by_method.size()),
    caption="Test MSE at the last epoch and at the best one: where they are far apart, the run has overfitted",
    best=dict.fromkeys(("last epoch", "best epoch"), "lowest"),
)

# %% [markdown]
# ## Figures 3 to 6: losses by epoch
#
# The paper's text says nothing of what its pictures of losses show. First the loss that is trained, Eq. (2.11), of the network alone; then the squared error, with what the paper's pictures lack: the
# other networks, the model without a network, and the two lines that need no epochs.

# %% tags=["hide-input"]
if reals:
    stated = [r for r in paper if r.parameters.get("method") in rating_plan.STATED]
    page.show(
        loss_curves(learned[learned["method"] == "lu-net"], kept, "loss"),
        alt="The hybrid loss of the LU network by epoch, on training and on test ratings, a row for each data set. The tables below hold"
        " the numbers.",
        caption="Figures 3 to 6. The loss of training falls to the end; that of the test need not. Bands span the splits.",
        provenance=page.provenance(
            [r for r in stated if r.parameters["method"] == "lu-net"], profile="paper", data=", ".join(reals)
        ),
    )

# %% tags=["hide-input"]
if reals:
    page.show(
        loss_curves(learned, kept),
        alt="Squared error by epoch on training and on test ratings, a row for each data set, one line for each model;"
        " horizontal lines are averages and biased matrix factorization. The tables below hold the numbers.",
        caption="The squared error in it. Where a line runs along the dashed one, the model has learned averages and no more. Bands span the"
        " splits; lines that leave a panel at the top go on rising.",
        provenance=page.provenance(stated, profile="paper", data=", ".join(reals)),
    )

# %% tags=["hide-input", "nbval-check-output"]
if len(learned):
    page.table(
        at_epochs(learned, 1, 5, 10, 20, 30, 40, 50),
        caption="Training and test errors by epoch, means over splits: whose test error rises again has overfitted",
    ).show()

# %% tags=["hide-input", "nbval-check-output"]
for name in reals:
    own = learned[(learned["dataset"] == name) & (learned["method"] == "lu-net")]
    errors = own.pivot(index="epoch", columns="split_seed", values="test_mse")
    above = errors >= levels.loc[name, "averages"].reindex(errors.columns)
    starts = 1 + above.mul(above.index, axis=0).max()  # the epoch after the last one above
    stays = starts[starts <= len(errors)]
    print(
        f"{name}: lu-net stays below the averages in {len(stays)} of {len(starts)} runs,"
        f" from epoch {stays.min()} to {stays.max()} on"
    )

# %% [markdown]
# ## Table 2: reconstruction
#
# The network is trained in single precision. Its error of reconstruction is measured in both precisions, before training and after, and stands beside the condition numbers of the
# triangles, in the spectral norm. Errors are mean squares by coordinate, or where it says so relative: of the norm of the embeddings, so that 1 and more means that nothing comes back. Shares are of the
# variance of the embeddings. All are medians over splits.

# %% tags=["hide-input", "nbval-check-output"]
page.table(medians(kept, RECONSTRUCTION), caption=LEFT)


# %% tags=["hide-input", "nbval-check-output"]
def lost(name):
    """Say how many trained networks four decimals would show an error of in single precision."""
    own = kept.loc[(kept["dataset"] == name) & (kept["method"] == "lu-net"), "reconstruction_mse_float32"]
    return (
        f"{name}: in single precision {(own >= 0.00005).sum()} of {len(own)} trained networks of lu-net have"
        " an error of reconstruction that four decimals show"
    )


say(*map(lost, reals))

# %% tags=["hide-input"]
inverted = kept[kept["method"].str.startswith("lu-net")]
WHEN = {"untrained_": ("untrained", "x"), "": ("trained", "o")}
if len(inverted):
    figure, axis = pyplot.subplots(figsize=(6.4, 3.8))
    for precision, colour in (("float32", page.PALETTE[0]), ("float64", page.PALETTE[1])):
        for prefix, (when, marker) in WHEN.items():
            conditions = 10 ** inverted[f"{prefix}log10_condition"]
            error = inverted[f"{prefix}reconstruction_error_{precision}"]
            style = {"linestyle": "", "marker": marker, "color": colour, "label": f"{precision}, {when}"}
            axis.loglog(conditions[error > 0], error[error > 0], **style)
    axis.set(xlabel="product of the condition numbers", ylabel="relative error of $f^{-1}(f(x))$")
    axis.legend(fontsize=8)
    page.show(
        figure,
        alt="Relative error of mapping to the output and back, against the product of all condition numbers, on logarithmic axes:"
        " two clouds, single precision above and double precision far below, untrained and trained networks in both.",
        caption="Rounding is all that spoils the reconstruction, and where condition numbers are large it spoils all of it. Crosses are"
        " networks that were never trained.",
        provenance=page.provenance(
            [r for r in paper if r.parameters.get("method", "").startswith("lu-net")],
            profile="paper",
            data=", ".join(reals),
        ),
    )

# %% tags=["hide-input", "nbval-check-output"]
LOST = {"log10_condition": "log10 cond"} | {
    f"reconstruction_error_{name}": name for name in ("float32", "float64")
}
columns = {prefix + name: (when, label) for prefix, (when, _) in WHEN.items() for name, label in LOST.items()}
page.table(
    medians(inverted, columns),
    caption="Relative errors of mapping to the output and back, and condition numbers: medians over splits",
)

# %% [markdown]
# In exact arithmetic the error is zero before any training. Zero is a property of bijections, not a result of the model. Rounding is another matter: training does not keep the
# condition numbers small, and where they grow, single precision can lose what double precision keeps. On ML-1M the free matrices of `dense`, which are solved with row exchanges, lose far less than the
# triangles on the split that they have: what counts is the condition of $L$ and of $U$, which can be far worse than that of their product. And what an affine decoder leaves says how far from a plain linear map the
# network is.
#
# ## What the open choices matter
#
# All runs as stated, on ML-100K, with 5 % of the training ratings kept apart. "Stopped" is the test error at the epoch where these would have stopped the training. Differences have half their 95 %
# interval beside them; with two splits it is wide, and only large effects are settled. Two things to know: a single layer has no activation by Eq. (2.10), so that `n_layers` 1 is additive; and with the
# read-out `separate` each side has $d$ numbers, twice as many as elsewhere.

# %% tags=["hide-input", "nbval-check-output"]
swept_paper = of_paper(sweep_plan.EXPERIMENT)
swept_kept = sweep_runs(swept_paper)
swept_there = swept_kept["dataset"].unique()
for name in swept_there:
    said = f"One choice changed at a time; differences are from the default: {page.named(name)}"
    page.table(sweep(swept_kept, name), caption=said).show()


# %% tags=["hide-input", "nbval-check-output"]
def matters(name):
    """Say which choices matter beyond what the splits leave open."""
    found = extremes(swept_kept, name)
    clear = ", ".join(found.index[found["difference"] > found["half"]])
    return f"{name}: best and worst differ beyond the interval for {clear or 'no option'}"


for name in swept_there:
    found = extremes(swept_kept, name)
    columns = {"best": "best", "worst": "worst", "difference": "apart", "half": "± 95 %", "splits": "splits"}
    said = f"Best and worst value of each option, and how far apart their test MSE is: {page.named(name)}"
    page.table(found[list(columns)].rename(columns=columns), caption=said).show()
    say(matters(name))

# %% tags=["hide-input"]
if len(swept_kept):
    part = swept_kept[swept_kept["dataset"] == "ml-100k"]
    labels = list(part["method"].unique())
    figure, axis = pyplot.subplots(figsize=(7.0, 0.9 + 0.27 * len(labels)))
    kinds = (
        ("test_mse", "o", page.PALETTE[0], "last epoch"),
        ("stopped_test_mse", "x", page.PALETTE[1], "stopped by validation"),
    )
    edge = HIGHEST * part[part["option"] == "default"]["test_mse"].max()
    places = np.array([len(labels) - 1 - labels.index(label) for label in part["method"]])
    for metric, marker, colour, name in kinds:
        values = part[metric].to_numpy()
        axis.plot(values, places, linestyle="", marker=marker, color=colour, markersize=6, label=name)
        for value, place in zip(values[values > edge], places[values > edge], strict=True):
            axis.plot(edge, place, ">", color=colour)
            axis.annotate(f"{value:.2f}   ", (edge, place), ha="right", va="center", fontsize=8)
    axis.set_xlim(right=min(axis.get_xlim()[1], 1.01 * edge))
    axis.set_yticks(range(len(labels)), labels[::-1], fontsize=9)
    axis.set(xlabel="test MSE on ml-100k")
    axis.legend(fontsize=9)
    page.show(
        figure,
        alt="Test mean squared error for each value of each option, dots for the last epoch and crosses for the epoch that"
        " validation would choose. The table above holds the numbers.",
        caption="One choice changed at a time. Dots far from crosses have been trained for too long, or not for long enough. At the right"
        " edge stand errors above it, with their number.",
        provenance=page.provenance(swept_paper, profile="paper", data="ml-100k"),
    )

# %% [markdown]
# ## HR@10 and NDCG@10
#
# Each user's latest rating is held out, as the paper says, and one more at random for validation. Ranked are 100 items that the user has not rated, drawn at random, and, beside it, all items that
# the user has not rated in the training. Sampled measures can order models otherwise than the full ranking {cite:p}`krichene2020sampled`.
#
# The held-out items are the latest, the same for every seed; candidates, validation items and starts are not. So ± over seeds leaves out what other users would change. For that stands the binomial
# standard error of a hit ratio, a share of the users: a pair of methods counts as clearly ordered otherwise only where both of its differences are beyond 1.96 of them.
#
# | name | what it is |
# |---|---|
# | `lu-net-stated` | as stated, last epoch |
# | `lu-net`, `mlp` | with $\gamma = 0.5$ and batches of 512, tuned and stopped by the NDCG@10 of the validation items among 100 |
# | `factors` | **control**: no network, the scalar product of the embeddings, tuned as hard |
# | `lu-net-implicit`, `lu-net-explicit` | the settings of `lu-net`, with $\gamma = 0$ and $\gamma = 1$ |
# | `identity` | **control**: the settings of `lu-net` without a network: an additive model, the same ranking for all |
# | `bprmf`, `neumf`, `ease`, `popularity` | baselines {cite:p}`rendle2009bpr,he2017neural,steck2019embarrassingly`, tuned where there is something to tune |

# %% tags=["hide-input", "nbval-check-output"]
ranked_paper = of_paper(ranking_plan.EXPERIMENT, ranking_plan.SEARCH)
ranked_kept = run_rows(ranked_paper, ranking_plan.EXPERIMENT, OUTER).sort_values(["dataset", "seed"])
ranked_there = list(ranked_kept["dataset"].unique())
show_missing(ranked_kept, ranking_plan.finals(ranking_plan.PROFILES["paper"]))
for name in ranked_there:
    said = f"Hit ratio and NDCG at 10, mean ± standard deviation over seeds: {page.named(name)}"
    page.table(hit_rates(ranked_kept, name), caption=said, best="highest").show()

# %% tags=["hide-input", "nbval-check-output"]
for name in ranked_there:
    users, n = (
        round(sizes.loc[name, "users"]),
        ranked_kept[ranked_kept["dataset"] == name]["method"].nunique(),
    )
    found = reversals(ranked_kept, name, users)
    clear = ", ".join(f"{one} over {other}" for one, other, beyond in found if beyond)
    say(
        f"{name}: the sample orders {len(found)} of {n * (n - 1) // 2} pairs of methods otherwise; beyond what"
        f" {users} users leave open: {clear or 'none'}"
    )

# %% [markdown]
# Differences as above, of NDCG@10 among all items: here above zero the first of the two is better.

# %% tags=["hide-input", "nbval-check-output"]
RANKING_PAIRS = {
    ("lu-net", "factors"): "no network, scalar product",
    ("lu-net", "mlp"): "perceptron instead",
    ("lu-net", "lu-net-implicit"): "interactions alone",
    ("lu-net", "lu-net-explicit"): "ratings alone",
    ("lu-net", "bprmf"): "BPR-MF instead",
    ("lu-net", "ease"): "EASE instead",
    ("lu-net", "popularity"): "popularity instead",
}
ranked_apart = compared(
    ranked_kept, ranking_plan.EXPERIMENT, "full_ndcg_at_10", RANKING_PAIRS, better="higher"
)
page.table(
    ranked_apart,
    caption="NDCG@10 of the first method minus that of the second, ± 95 %: above zero the first is better",
)

# %% tags=["hide-input"]
if len(ranked_kept):
    size = (4.8 * len(ranked_there), 3.9)
    figure, axes = pyplot.subplots(1, len(ranked_there), figsize=size, squeeze=False)
    for axis, name in zip(axes.flat, ranked_there, strict=True):
        means = (
            ranked_kept[ranked_kept["dataset"] == name]
            .groupby("method")[["sampled_hr_at_10", "full_hr_at_10"]]
            .mean()
        )
        for place, (method, row) in enumerate(means.sort_values("full_hr_at_10").iterrows()):
            colour = page.method_style(method)["color"]
            axis.plot(*row, "o", color=colour, markersize=6)
            # Near neighbours are named to either side.
            rightwards = place % 2 or row.iloc[0] < means.iloc[:, 0].median()
            side, where = (6, "left") if rightwards else (-6, "right")
            style = {"fontsize": 8, "color": colour, "ha": where, "va": "center"}
            axis.annotate(method, row, (side, 0), textcoords="offset points", **style)
        axis.margins(x=0.35)
        axis.set(title=name, xlabel="HR@10 among 100 sampled items", ylabel="HR@10 among all items")
    page.show(
        figure,
        alt="Hit ratio among 100 sampled items against hit ratio among all items, a point for each model. The table above holds"
        " the numbers.",
        caption="Sampled against full rankings, means over seeds. A pair of points that rises on one axis and falls on the other is"
        " ordered otherwise by the sample.",
        provenance=page.provenance(ranked_paper, profile="paper", data=", ".join(ranked_there)),
    )

# %% tags=["hide-input", "nbval-check-output"]
page.table(
    searched(ranked_paper, ranking_plan.SEARCH, ranking_plan.SPACES, "validation_ndcg_at_10"),
    caption="The settings that the search found, and the validation NDCG@10 that they had",
)

# %% [markdown]
# ## In short
#
# The questions from the start, with the numbers that answer them. Better, worse and no difference are judged by the 95 % interval.

# %% tags=["hide-input", "nbval-check-output"]
say(*(f"1. {beside_paper(name)}" for name in reals))
asked = {"averages": "the network", "dense": "its mask", "biased-mf": "plain factorization"}
for name in reals:
    for baseline in asked:
        if (name, "lu-net", baseline) in apart.index:
            row = apart.loc[name, "lu-net", baseline]
            text = f"the test MSE of lu-net minus that of {baseline} is {row['difference']}: {row['judged']}"
            say(f"2. {name}: {text} ({asked[baseline]})")
say(*(f"3. {lost(name)}" for name in reals))
say(*(f"4. {matters(name)}" for name in swept_there))
for name in ranked_there[:1]:
    ranking = order(ranked_kept, name, ranking_plan.METHODS, "full_ndcg_at_10")
    say(f"5. NDCG@10 among all items, {name}: {ranking}")

# %% [markdown]
# ## Verdicts
#
# Computed from the records.

# %% tags=["hide-input", "output_scroll", "nbval-check-output"]
mine = ledger("lunet")
print(", ".join(f"{verdict}: {count}" for verdict, count in summary(mine).items()))
page.verdicts(mine)
