# %% [markdown]
# # Likelihood and samples
#
# The paper {cite:p}`lunet2026` calls its network a generative model: one computes the likelihood of data by it, and draws new data
# from it. It shows neither. This notebook does both, on points in the plane and on embeddings that the recommender has learned.
# It asks three things; the answers are at the end, in short.
#
# 1. Is what the network computes **a density**? Its integral must be 1, and over a box the share of samples in the box.
# 2. Is it **a good density**? What is the likelihood of points that were held out, with one LU layer and with more, and what do simpler and older methods get?
# 3. What do **embeddings** look like to it?
#
# The network is that of the page [Theory](../../book/lunet/theory.md), trained by maximum likelihood. The recommender's loss has no determinant in it, so this
# is another training than the paper's.

# %% tags=["parameters"]
profile = "book"  # type: str  smoke, book or paper
dataset = None  # type: str  toy sets and ratings, as "moons,spiral" or "ml-100k", None for the profile's
methods = None  # type: str  densities, as "lu,gaussian", None for the profile's
n_layers = None  # type: str  layers of the flows, as "1,2,4", None for the profile's
seeds = None  # type: int  number of seeds, None for the profile's
steps = None  # type: int  steps of a flow's training, None for the profile's

# %% tags=["hide-input"]
import math
import textwrap

import numpy as np
import pandas as pd
import torch
from matplotlib import pyplot

from fourmasks.claims.ledger import ledger, summary
from fourmasks.experiments.profiles import resolve
from fourmasks.lunet.density import plan, tables
from fourmasks.lunet.density.checks import BOXES, DIRECTIONS, OUTSIDE, whole_line
from fourmasks.lunet.density.run import FLOWS, METHODS
from fourmasks.lunet.density.toy_points import TOYS
from fourmasks.pages import figures as page
from fourmasks.pages.tables import plus_minus, spread
from fourmasks.records.store import load_records, records_directory
from fourmasks.system.device import banner

page.begin("lunet/density")


def say(*sentences):
    """Print sentences in lines that fit the page."""
    for sentence in sentences:
        print(textwrap.fill(sentence, 76, subsequent_indent="    ", break_on_hyphens=False))


config = resolve(
    plan.PROFILES,
    profile,
    dataset=dataset,
    methods=methods,
    n_layers=n_layers,
    seeds=seeds,
    steps=steps,
)
print(banner("cpu"))

# %% [markdown]
# ## What is compared
#
# All methods get the same points, in three parts: to fit, to choose by, and to measure on. Coordinates are in units of their deviation. The figure of merit
# is the mean log density of held-out points, in nats per point; higher is better, and it may be negative.
#
# | name | what it is |
# |---|---|
# | `lu, M = …` | LU layers with LeakySoftplus between them. They start with their bends at the data and with random signs |
# | `coupling, M = …` | coupling layers {cite:p}`dinh2017density`, as many and with about as many parameters. One alone leaves half of a point as it is, so they start at two |
# | `gaussian` | **control**: one normal distribution with full covariance |
# | `mixture` | a mixture of normal distributions, their number and form chosen on validation points |
# | `kernel` | a kernel density estimate, its bandwidth chosen on validation points |
#
# How many layers a flow should have is chosen like the settings of the mixture and the kernel: for each set of points and each seed, the M that validation points find likeliest. Tables and
# figures of the likelihood show all M.
#
# **The control is a flow too.** One LU layer has no bend, so $f$ is affine and its density is a normal one; every normal density is such a flow, with $LU$ the inverse of the Cholesky
# factor of the covariance. So `gaussian` is `lu, M = 1` in closed form, the likeliest on the
# points to fit. On held-out points a training that is stopped early can be a little above it. What is more than that is due to the bends.
#
# Flows are trained by Adam in rounds, each with half the step of the one before, and the round that validation points find likeliest is kept. Steps and batches are the same for LU and coupling flows, set by
# hand for the LU flows and not searched for either; and only the LU flows have a start that depends on the data. So a difference between the two says which of these two trainings did better, and where
# points are few not even that: it says nothing of the best that coupling layers can do.
#
# ## Live
#
# Two half moons, and embeddings of simulated items, with few numbers each and with more; `width` says how many. The trainings are short.

# %%
records = plan.run(config, profile)
live = tables.runs(records)


# %% tags=["hide-input", "nbval-check-output"]
def shapes(records):
    """Return what the points are like: how many, and how far from normal."""
    rows = {tables.points_of(r.parameters): r.metrics for r in records if r.experiment == plan.POINTS}
    counts = dict.fromkeys(("n_train", "n_test", "width"), int)
    columns = [*counts, "largest_skewness", "largest_kurtosis", "largest_correlation"]
    found = pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("points")
    return found.astype(counts).sort_index().sort_values("width", kind="stable")


POINTS = "The points: how many, and how far from a normal distribution, for which all three are 0"
page.table(shapes(records), digits=2, caption=POINTS)


# %% tags=["hide-input", "nbval-check-output"]
def likelihoods(frame):
    """Return the mean held-out log-likelihood, methods by points."""
    found = frame.groupby(["name", "dataset"], sort=False)[tables.HELD_OUT].agg(spread).unstack("dataset")
    return found.reindex(frame["name"].unique()).rename_axis(columns="points")


def differences(frame):
    """Return by how much LU flows are above each baseline, ± half of the 95 % interval where there is one."""
    found = tables.differences(frame)
    found["text"] = [
        f"{round(mean, 3) + 0.0:+.3f}"
        if half != half
        else plus_minus(f"{round(mean, 3) + 0.0:+.3f}", f"{half:.3f}")
        for mean, half in zip(found["difference"], found["half"], strict=True)
    ]
    columns = [name for name in tables.BASELINES if name in set(found["baseline"])]
    table = found.pivot(index="dataset", columns="baseline", values="text").reindex(found["dataset"].unique())
    return (
        page.rounded(table[columns])
        .rename(columns=lambda name: f"LU − {page.named(name)}")
        .rename_axis(index="points", columns=None)
    )


page.table(
    likelihoods(live),
    caption="Held-out log-likelihood in nats per point, mean ± standard deviation over seeds",
    best="highest",
).show()
ABOVE = "LU flows minus each baseline in nats per point, ± 95 %: above zero the LU flow is the likelier one"
page.table(differences(live), caption=ABOVE).show()

# %% [markdown]
# The first table has standard deviations over seeds, the second, of differences on the same points, halves of 95 % intervals. There each flow has the M that validation points choose, and above zero the
# LU flow is the likelier one.


# %% tags=["hide-input"]
DASHES = dict(zip(METHODS, ("-", "-", "--", ":", "-."), strict=True))
COLOURS = {
    "lu": page.method_style("lu-net")["color"],
    "coupling": page.method_style("coupling")["color"],
    "gaussian": page.PALETTE[6],
    "mixture": page.PALETTE[2],
    "kernel": page.PALETTE[0],
}


def by_layers(frame, names):
    """Draw the likelihood of flows by M, a panel for each set of points; without layers it is a level line."""
    columns = min(3, len(names))
    rows = -(-len(names) // columns)
    size = (3.6 * columns + 0.6, 3.2 * rows + 0.3)
    figure, axes = pyplot.subplots(rows, columns, figsize=size, squeeze=False)
    for axis in axes.flat[len(names) :]:
        axis.set_axis_off()
    for axis, points in zip(axes.flat, names, strict=False):
        panel(axis, frame[frame["dataset"] == points])
        axis.set_title(points, fontsize=11)
    axes[0, 0].legend(fontsize=7)
    for axis in axes[:, 0]:
        axis.set_ylabel("nats per point")
    return figure


def panel(axis, part):
    """Draw the lines for one set of points; bands span the seeds."""
    for method, theirs in part.groupby("method", sort=False):
        values = theirs.groupby("n_layers")[tables.HELD_OUT].agg(["mean", "min", "max"])
        style = {"color": COLOURS[method], "linestyle": DASHES[method], "label": method}
        if list(values.index) == [0]:
            axis.axhline(values["mean"].item(), linewidth=1.3, **style)
            continue
        axis.plot(values.index, values["mean"], marker="o" if method == "lu" else "s", **style)
        band = values["min"], values["max"]
        axis.fill_between(values.index, *band, color=COLOURS[method], alpha=0.15, lw=0)
    layers = sorted(set(part["n_layers"]) - {0})
    axis.set_xscale("log", base=2)
    axis.set_xticks(layers, layers)
    axis.minorticks_off()
    axis.set_xlabel("M")


page.show(
    by_layers(live, list(live["dataset"].unique())),
    alt="Held-out log-likelihood against the number of layers, one panel for each set of points; lines with marks are LU and"
    " coupling flows, lines without marks are methods that have no layers. The table above holds the numbers.",
    caption="Held-out log-likelihood by M, short trainings. Bands span the seeds. What is above the dashed line is more than one normal distribution.",
    provenance=page.provenance(records, profile=profile, data=", ".join(config.dataset)),
)

# %% [markdown]
# **The map** of the flow that validation points choose. Blue lines are circles around the origin of the output, mapped back to the data; the table has in its heads which share of a normal distribution
# they hold. On the lower right the held-out points are mapped forth: were the density right, they would be a normal cloud, with these shares in the circles.


# %% tags=["hide-input"]
GRID, SAMPLES = 160, 1000
HELD = (0.5, 0.9, 0.99)  # share of the normal distribution that lies in each circle


def in_the_plane(records):
    """Return by points the LU flow in the plane that validation points choose, that of the first seed."""
    found = {}
    for r in records:
        if r.experiment == plan.EXPERIMENT and r.parameters["method"] == "lu" and "state" in r.curves:
            found.setdefault(tables.points_of(r.parameters), []).append(r)
    return {
        points: min(those, key=lambda r: (r.parameters["seed"], -r.metrics[tables.VALIDATION]))
        for points, those in sorted(found.items())
    }


def held_out(records, points):
    """Return the points in the plane to measure on, those of the first seed; None if they are not there."""
    for r in records:
        if r.experiment == plan.POINTS and tables.points_of(r.parameters) == points and "x" in r.curves:
            return np.array([r.curves["x"], r.curves["y"]]).T
    return None


def circle(share):
    """Return the circle around the origin that holds a share of the standard normal distribution."""
    turn = np.linspace(0, 2 * np.pi, 400)
    return np.sqrt(-2 * np.log(1 - share)) * np.stack((np.cos(turn), np.sin(turn)), 1)


@torch.no_grad()
def maps(flow, points, name):
    """Draw a flow: density, samples beside points, circles mapped back, points mapped forth."""
    figure, axes = pyplot.subplots(2, 2, figsize=(8.4, 8.0))
    (density, sampled), (back, forth) = axes
    low, high = points.min(axis=0) - 0.6, points.max(axis=0) + 0.6
    rings = [circle(share) for share in HELD]

    x, y = (np.linspace(*ends, GRID) for ends in zip(low, high, strict=True))
    places = torch.from_numpy(np.stack([part.ravel() for part in np.meshgrid(x, y)], 1))
    values = flow.log_prob(places).exp().numpy().reshape(GRID, GRID)
    density.pcolormesh(x, y, values, shading="auto", rasterized=True)
    density.plot(*points.T, ".", color="white", markersize=1.5, alpha=0.6)

    drawn = flow.sample(min(SAMPLES, len(points)), torch.Generator().manual_seed(0)).numpy()
    sampled.plot(*points.T, ".", color="#999999", markersize=3, label="held-out points")
    sampled.plot(*drawn.T, ".", color=page.PALETTE[1], markersize=3, label="samples")
    sampled.legend(fontsize=8, markerscale=2)

    back.plot(*points.T, ".", color="#BBBBBB", markersize=2)
    radii = np.linspace(0, np.sqrt(-2 * np.log(1 - HELD[-1])), 200)[:, None]
    turns = np.arange(12) * np.pi / 6
    rays = [radii * np.array([[np.cos(turn), np.sin(turn)]]) for turn in turns]
    for lines, colour, width in ((rays, page.PALETTE[5], 0.8), (rings, page.PALETTE[0], 1.6)):
        for line in lines:
            back.plot(*flow.inverse(torch.from_numpy(line)).numpy().T, color=colour, lw=width, marker="")

    forth.plot(*flow(torch.from_numpy(points)).numpy().T, ".", color=page.PALETTE[0], markersize=3)
    for ring in rings:
        forth.plot(*ring.T, color=page.PALETTE[1], linewidth=1.2, marker="")

    titles = (f"{name}: density", "samples", "$f^{-1}$ of circles and rays", "$f$ of held-out points")
    for axis, title in zip(axes.flat, titles, strict=True):
        axis.set_title(title, fontsize=11)
        axis.grid(False)
        axis.set(xlim=(low[0], high[0]), ylim=(low[1], high[1]))
    forth.set(xlim=(-4.5, 4.5), ylim=(-4.5, 4.5))
    return figure


for name, record in in_the_plane(records).items():
    page.show(
        maps(tables.rebuilt(record), held_out(records, name), name),
        alt=f"Four panels for {name}: the density of an LU flow as a heat map with held-out points, samples over held-out points,"
        " circles and rays mapped back to the data, and held-out points mapped forth, with circles. The table below counts what the circles hold.",
        caption=f"An LU flow with M = {record.parameters['n_layers']} on {name}, short training.",
        provenance=page.provenance([record], profile=profile, data=name),
    )


# %% tags=["hide-input", "nbval-check-output"]
@torch.no_grad()
def circles(records):
    """Return which share of held-out points each circle holds, a row for each flow of the figures above."""
    rows = {}
    for name, record in in_the_plane(records).items():
        points = held_out(records, name)
        if points is not None:
            squares = tables.rebuilt(record)(torch.from_numpy(points)).square().sum(1).numpy()
            found = [(squares < -2 * math.log1p(-share)).mean() for share in HELD]
            rows[f"{name}: lu, M = {record.parameters['n_layers']}"] = found
    columns = [f"{share:.0%}" for share in HELD]
    return page.rounded(pd.DataFrame.from_dict(rows, orient="index", columns=columns), digits=2)


CIRCLES = "Share of held-out points that each circle holds; at the head the share that it should hold"
page.table(circles(records), caption=CIRCLES)

# %% [markdown]
# **Integral against samples.** Integrals are Gauss-Legendre sums. The rectangle and the boxes are placed by a first half of the samples, and counted are those of the other half. In the table `plane − 1`
# is how far the integral over the plane is from 1; `rectangle − share` how far that over the rectangle is from the share of samples inside; `sd of share` the binomial standard deviation of that
# share; `coarser grid` by how much the integral changes on a grid half as fine; and `worst box` the largest distance of a box's integral from its share, in standard deviations.

# %% tags=["hide-input", "nbval-check-output"]
INTEGRALS = {
    "plane_error": "plane − 1",
    "integral_error": "rectangle − share",
    "share_deviation": "sd of share",
    "grid_error": "coarser grid",
    "largest_box_deviations": "worst box",
}
DISTANCES = {"test_projection_distance": "samples", "floor_projection_distance": "points to fit"}


def by_points(frame, columns, how):
    """Return some measures over seeds, such as their "mean", by points and name."""
    found = (
        frame.reindex(columns=["dataset", "name", *columns]).dropna().groupby(["dataset", "name"], sort=False)
    )
    return found.agg(how).rename(columns=columns).rename_axis(["points", "name"])


def agreement(frame, method):
    """Say how well integrals and shares of samples agree in the plane."""
    part = frame[frame["method"] == method].reindex(columns=INTEGRALS).dropna()
    apart = part["integral_error"] / part["share_deviation"]
    return (
        f"{method}, {len(part)} fits: the integral over the plane is 1 to within {part['plane_error'].max():.1g};"
        f" integral and share of samples are at most {apart.max():.1f} standard deviations apart over the"
        f" rectangle, {part['largest_box_deviations'].max():.1f} over a box"
    )


checked = f"a rectangle for {1 - OUTSIDE:.0%}, {BOXES} boxes, the plane to ± {whole_line().places.max():.0f}"
AGREE = f"Integrals against samples, the worst over seeds; {checked}"
page.table(by_points(live, INTEGRALS, "max"), caption=AGREE).show()
say(*(agreement(live, method) for method in (*FLOWS, "gaussian") if method in set(live["method"])))

# %% [markdown]
# **Samples against held-out points** where there is no plane to integrate: the Kolmogorov-Smirnov distance on random lines, on average. "Points to fit" is that distance of two
# sets from the true distribution. It is a rough yardstick: there are fewer points to fit than samples, and fewer points are farther off by chance alone. So samples that are farther are certainly not from
# the true distribution; samples that are nearer need not be.

# %% tags=["hide-input", "nbval-check-output"]
FAR = f"Distance from held-out points on {DIRECTIONS} random lines: samples of a good model are as near as points to fit"
page.table(by_points(live, DISTANCES, "mean"), digits=2, caption=FAR)

# %% [markdown]
# ## Longer trainings, learned embeddings
#
# From here on we look at runs of the `paper` profile, kept as records in `data/records/lunet`. The command that makes them, or what is missing of them, is
# `fourmasks run lunet/density --profile paper`. Points, depths and seeds can be given: `fourmasks run lunet/density -p dataset moons,spiral -p n_layers 1,2,8 -p seeds 3`. The recommender is trained
# on ML-100K as the paper states it, with the same seed for all; what differs from seed to seed is the split of the embeddings and the start of the flow.

# %% tags=["hide-input", "nbval-check-output"]
paper = [
    record
    for name in (plan.EXPERIMENT, plan.POINTS)
    for record in load_records(name, records_directory(name, "paper"))
    if record.profile == "paper"
]
kept = tables.runs(paper)
names = list(kept["dataset"].unique())
minutes = sum(record.seconds for record in paper) / 60
print(f"{len(kept)} fits on {len(names)} sets of points are there; they took {minutes:.0f} minutes")
learned = {
    (r.parameters["dataset"], own["dimension"], own["epochs"])
    for r in paper
    if (own := r.parameters.get("recommender"))
}
for data, d, epochs in sorted(learned):
    print(f"{data}, d = {d}: a recommender of {epochs} epochs")
page.table(shapes(paper), digits=2, caption=POINTS)

# %% tags=["hide-input", "nbval-check-output"]
kinds = [
    "toy sets" if name in TOYS else f"embeddings, {width}-D"
    for name, width in zip(kept["dataset"], kept["width"], strict=True)
]
for kind in sorted(set(kinds), key=lambda kind: (kind != "toy sets", kinds.index(kind))):
    page.table(
        likelihoods(kept[[one == kind for one in kinds]]),
        caption=f"Held-out log-likelihood in nats per point, mean ± standard deviation over seeds: {kind}",
        best="highest",
    ).show()

# %% [markdown]
# What validation points chose, a value for each seed; and differences on the same held-out points with these choices, ± half of the 95 % interval, corrected where embeddings are divided anew. Above zero the LU flow is the likelier one. A single
# seed gives no interval.

# %% tags=["hide-input", "nbval-check-output"]
best = tables.chosen(kept).reindex(columns=["dataset", "method", "n_layers", "components", "bandwidth"])
CHOICES = {"M, lu": ("lu", "n_layers"), "M, coupling": ("coupling", "n_layers")}
CHOICES |= {"components": ("mixture", "components"), "bandwidth": ("kernel", "bandwidth")}
choices = {
    words: best[best["method"] == method]
    .groupby("dataset")[name]
    .agg(lambda values: ", ".join(f"{x:.3g}" for x in values))
    for words, (method, name) in CHOICES.items()
}
page.table(
    pd.DataFrame(choices).reindex(names).rename_axis("points"),
    caption="What validation points chose, a value for each seed",
).show()
page.table(differences(kept), caption=ABOVE).show()

# %% tags=["hide-input"]
if names:
    page.show(
        by_layers(kept, names),
        alt="Held-out log-likelihood against the number of layers, one panel for each set of points; lines with marks are LU and"
        " coupling flows, lines without marks are methods that have no layers. The table above holds the numbers.",
        caption="Held-out log-likelihood by M. Bands span the seeds. What is above the dashed line is more than one normal distribution.",
        provenance=page.provenance(paper, profile="paper", data=", ".join(names)),
    )

# %% tags=["hide-input"]
for name, record in in_the_plane(paper).items():
    points = held_out(paper, name)
    if points is not None:
        page.show(
            maps(tables.rebuilt(record), points, name),
            alt=f"Four panels for {name}: the density of an LU flow as a heat map with held-out points, samples over held-out points,"
            " circles and rays mapped back to the data, and held-out points mapped forth, with circles. The table below counts what the circles hold.",
            caption=f"An LU flow with M = {record.parameters['n_layers']} on {name}.",
            provenance=page.provenance([record], profile="paper", data=name),
        )

# %% tags=["hide-input", "nbval-check-output"]
page.table(circles(paper), caption=CIRCLES)

# %% tags=["hide-input", "nbval-check-output"]
page.table(by_points(kept, INTEGRALS, "max"), caption=AGREE).show()
say(*(agreement(kept, method) for method in (*FLOWS, "gaussian") if method in set(kept["method"])))

# %% tags=["hide-input", "nbval-check-output"]
page.table(by_points(kept, DISTANCES, "mean"), caption=FAR)

# %% [markdown]
# Numbers kept by each method, means over sets of points.

# %% tags=["hide-input", "nbval-check-output"]
sizes = kept.reindex(columns=["name", "width", "n_parameters"]).pivot_table(
    index="name", columns="width", values="n_parameters", sort=False
)
page.table(
    sizes.rename(columns=lambda width: f"{width}-D").rename_axis(index="method", columns=None),
    digits=0,
    caption="Numbers that each method keeps, by the dimension of the points",
)

# %% [markdown]
# ## In short
#
# Likelihood and samples can be had, as the paper announces, and they agree. How good the density is, it does not say. With the M that validation points choose we find, on held-out points:

# %% tags=["hide-input", "nbval-check-output"]
if len(kept):
    say(f"1. A density? {agreement(kept, 'lu')}.")
    found, score = tables.differences(kept), []
    for baseline, part in found.groupby("baseline", sort=False):
        above, below = (part["difference"] > part["half"]).sum(), (-part["difference"] > part["half"]).sum()
        score.append(
            f"above {baseline} on {above}, below on {below}, undecided on {len(part) - above - below}"
        )
    say(
        f"2. A good one? Of {len(names)} sets of points, by the 95 % interval, LU flows are {'; '.join(score)}."
    )
    gain = found[found["baseline"] == "gaussian"].set_index("dataset")["difference"]
    ranges = {"embeddings": gain[~gain.index.isin(TOYS)], "toy sets": gain[gain.index.isin(TOYS)]}
    said = [
        f"by {part.min():+.2f} to {part.max():+.2f} nats per point on {words}"
        for words, part in ranges.items()
        if len(part)
    ]
    say(f"3. Embeddings: LU is above one normal distribution {', '.join(said)}.")

# %% [markdown]
# ## Verdicts
#
# The paper gives no number for a likelihood or a sample. What it says in words is in the ledger, with what the records say of it. `plane_error` is the column `plane − 1` above, `integral_error` the
# column `rectangle − share`.

# %% tags=["hide-input", "output_scroll", "nbval-check-output"]
mine = [row for row in ledger("lunet") if row["id"].startswith("lunet-density")]
print(", ".join(f"{verdict}: {count}" for verdict, count in summary(mine).items()))
page.verdicts(mine)
