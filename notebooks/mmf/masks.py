# %% [markdown]
# # Mask families, number of masks, time
#
# MMF leaves two things open: which function $f$ makes the masks, and how many masks $K$ a budget $B$ should pay for.
# The paper {cite:p}`mmf2026` varies both (Section 5.5, Figures 4 and 5). Then it asks what an epoch costs (Section 5.6,
# Table 6).
#
# It finds smooth masks best: the sine on a random matrix, the Gaussian on a block-diagonal one. It finds the best $K$
# above $B/2$ on the first and below on the second. And it finds an epoch hardly longer than one of plain factorization.
#
# This notebook runs all three comparisons. It also asks a question that the paper does not: does the order of the
# families come from the **masks**, or from how well one **step size** suits each of them?

# %% tags=["parameters"]
profile = "book"  # type: str  smoke, book or paper
dataset = None  # type: str  synthetic matrices, as "s7,h4-240", None for the profile's
budgets = None  # type: str  budgets B at which families are compared, as "8,16", None for the profile's
masks = None  # type: str  mask families, as "sine,gaussian", None for all
shares = None  # type: str  numbers of masks K, as shares of B, as "0.2,0.5", None for the profile's
seeds = None  # type: int  number of seeds, None for the profile's
device = "auto"  # type: str  cpu, cuda, mps, or auto for what is there

# %% tags=["hide-input"]
import numpy as np
import pandas as pd
import torch
from matplotlib import pyplot

from fourmasks.claims.files import load_claims
from fourmasks.claims.ledger import ledger, summary
from fourmasks.data.matrices import DENSE
from fourmasks.experiments.profiles import resolve
from fourmasks.mmf.masks import plan, tables, timing
from fourmasks.mmf.models.masks import FAMILIES, Masks
from fourmasks.pages import figures as page
from fourmasks.pages.tables import run_rows
from fourmasks.records.store import load_records, records_directory
from fourmasks.system.device import banner, resolve_device

page.begin("mmf/masks")
config = resolve(
    plan.PROFILES, profile, dataset=dataset, budgets=budgets, masks=masks, shares=shares, seeds=seeds
)
device = str(resolve_device(device))
print(banner(device))

# %% [markdown]
# ## Six families
#
# A mask is a function over the latent dimensions $r$. The $k$-th of $K$ masks is the same function as the first, $k$ times as
# fast. A learned shift moves it along, for each row and column of the matrix by its own amount. The picture shows masks
# whose shift is zero: that is where the reference implementation starts all of them.
#
# The paper counts sine and Gaussian as smooth, sigmoid and tanh as monotone, the triangle as non-smooth. The cosine is
# what the reference implementation offers beside the sine: the same function, shifted.

# %% tags=["hide-input"]
figure, axes = pyplot.subplots(2, 3, figsize=(9, 4.6), sharex=True)
for axis, family in zip(axes.flat, FAMILIES, strict=True):
    values = Masks(family, 8, 16).values(torch.zeros(1, 8))[0]
    for k in (1, 4, 8):
        axis.plot(np.arange(1, 17), values[k - 1], label=f"k = {k}", markersize=4)
    axis.set(title=family)
for axis in axes[1]:
    axis.set(xlabel="latent dimension r")
axes[0, 0].legend()
page.show(
    figure,
    alt="Six panels, one a mask family: masks 1, 4 and 8 of eight over sixteen latent dimensions. Gaussian, triangle and"
    " sigmoid change quickly near the first dimension for large k; sine and cosine oscillate; tanh saturates.",
    caption="Masks with zero shift, K = 8 and R = 16. For large k, Gaussian and triangle leave only the first"
    " dimensions: the others are multiplied by nearly nothing until the shifts have been learned.",
    provenance="computed from the definitions; no training",
)

# %% [markdown]
# A factor that is multiplied by zero has no gradient, and neither has the shift of that mask. So a family may fail for where its
# training starts, not for its shape. Hence each family may choose among four starts, by its error on a matrix that no
# other run sees: Adam's step size large (`fast`) or small (`slow`), and shifts that start at zero or spread over all
# latent dimensions (`-spread`). All other settings are the same for all: Adam first, then alternating
# Levenberg–Marquardt.
#
# ## Live, on small matrices
#
# The paper uses $S_{10}$ and $H_6$. Here are smaller ones of the same two kinds.

# %%
records = plan.run(config, profile, device)
live = tables.family_runs(records, config)


# %% tags=["nbval-check-output", "hide-input"]
def search_table(records):
    """Return the error of each start by matrix and family, and the start that was chosen."""
    frame = tables.runs(records, [plan.SEARCH])
    frame["start"] = tables.starts(frame)
    table = frame.pivot(index=["dataset", "mask"], columns="start", values="relative_error")
    rows = [(name, mask) for name in frame["dataset"].unique() for mask in FAMILIES]
    table = table.reindex([row for row in rows if row in table.index])
    given = [start for start in plan.STARTS if start in table]
    return table[given].assign(chosen=table.idxmin(axis=1)).rename_axis(columns=None)


STARTED = "Relative error of each start on a matrix of its own, and the start that was chosen"
page.table(search_table(records), digits=3, caption=STARTED, best="lowest", along="rows")


# %% tags=["hide-input"]
def families(frame):
    """Return the figure of each family's error, a panel for each matrix, a colour for each budget."""
    means, spreads = tables.family_table(frame), tables.family_table(frame, "std")
    datasets = list(means.index.unique("dataset"))
    figure, axes = pyplot.subplots(1, len(datasets), figsize=(4.6 * len(datasets), 3.8), squeeze=False)
    for axis, dataset in zip(axes[0], datasets, strict=True):
        masks = means.drop(columns="svd").columns
        for i, (budget, row) in enumerate(means.loc[dataset].iterrows()):
            color, marker = page.PALETTE[i % len(page.PALETTE)], "os^Dv"[i % 5]
            bars = spreads.loc[(dataset, budget)][masks].fillna(0)
            place = np.arange(len(masks)) + 0.12 * (i - (len(means.loc[dataset]) - 1) / 2)
            style = {"label": f"B = {budget}", "color": color, "marker": marker, "linestyle": ""}
            axis.errorbar(place, row[masks], yerr=bars, capsize=3, **style)
            axis.axhline(row["svd"], color=color, linestyle="--", linewidth=1.2, label=f"SVD, B = {budget}")
        axis.set(title=dataset, ylabel="relative error", xticks=range(len(masks)))
        axis.set_xticklabels(masks, rotation=30, ha="right")
    figure.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside lower center", ncols=4)
    return figure


names = ", ".join(f"{name} (synthetic)" for name in config.dataset)
page.show(
    families(live),
    alt="A panel for each matrix: the relative error of each mask family at each budget, dashed lines for the SVD."
    " The table below the figure holds all means.",
    caption="Relative error by mask family, mean over seeds, bars are standard deviations. Compare the points of one"
    " colour with each other, and with the dashed line, the SVD of the same size.",
    provenance=page.provenance(records, profile=profile, data=names),
)

# %% tags=["hide-input"]
FAMILY = "Relative error by mask family, mean over seeds, beside the SVD of the same size"
page.table(tables.family_table(live), digits=3, caption=FAMILY, best="lowest", along="rows")


# %% tags=["hide-input"]
def ranking(frame):
    """Return the families of each matrix and budget, best mean first, and at how many seeds the first is best."""
    table = {}
    for cell, part in frame[frame["mask"] != "svd"].groupby(tables.CELL, sort=False):
        by_seed = part.pivot(index="seed", columns="mask", values="relative_error")
        order = list(by_seed.mean().sort_values().index)
        wins = int((by_seed.idxmin(axis=1) == order[0]).sum())
        table[cell] = {"best first": ", ".join(order), "first at": f"{wins} of {len(by_seed)} seeds"}
    said = "Mask families by their mean error, best first, and at how many seeds the first is best"
    return page.table(pd.DataFrame(table).T.rename_axis(tables.CELL), caption=said)


ranking(live)

# %% [markdown]
# The same numbers $(I + J)B$ may pay for many masks and few dimensions, or the reverse:


# %% tags=["hide-input"]
def count_runs(records, config):
    """Return the runs of one family at one budget with all numbers of masks; and those of the SVD."""
    frame = tables.runs(records)
    chosen = frame["mask"].isin(["svd", config.count_mask]) & (frame["method"] != "mmf-adam")
    return frame[chosen & (frame["budget"] == config.count_budget)]


def count_table(frame):
    """Return mean and spread over seeds of the error by number of masks, beside the bound K R on the rank."""
    masked = frame[frame["mask"] != "svd"].astype({"n_masks": int})
    by_count = masked.groupby([*tables.CELL, "n_masks"], sort=False)["relative_error"]
    table = by_count.agg(mean="mean", spread="std").reset_index()
    svd = frame[frame["mask"] == "svd"].groupby("dataset")["relative_error"].mean()
    bound = table["n_masks"] * (table["budget"] - table["n_masks"])
    table = table.assign(svd=table["dataset"].map(svd), bound=bound)
    return table.set_index([*tables.CELL, "n_masks"])


def counts(table):
    """Return the figure of the error against the number of masks, and below it of the bound on the rank."""
    cells = list(table.groupby(tables.CELL, sort=False))
    figure, axes = pyplot.subplots(
        2, len(cells), figsize=(4.6 * len(cells), 5.2), sharex="col", squeeze=False, height_ratios=(2, 1)
    )
    star = {"color": page.PALETTE[1], "marker": "*", "markersize": 14, "linestyle": ""}
    for ((dataset, budget), part), (upper, lower) in zip(cells, axes.T, strict=True):
        part = part.droplevel(tables.CELL)
        best, bars = part["mean"].idxmin(), part["spread"].fillna(0)
        style = {"label": "MMF", "color": page.PALETTE[0], "marker": "o"}
        upper.errorbar(part.index, part["mean"], yerr=bars, capsize=3, **style)
        upper.plot([best], part["mean"][[best]], label="smallest", **star)
        upper.plot(part.index, part["svd"], label="SVD", **page.method_style("svd") | {"marker": ""})
        upper.set(title=f"{dataset}, B = {budget}", ylabel="relative error")
        lower.plot(part.index, part["bound"], color=page.PALETTE[2], marker="D")
        lower.set(xlabel="number of masks K", ylabel="K (B − K)")
        for axis in (upper, lower):
            axis.axvline(budget / 2, color="#777777", linestyle=":", linewidth=1.2)
    axes[0, 0].legend()
    return figure


counted = count_runs(records, config)
page.show(
    counts(count_table(counted)),
    alt="A panel for each matrix: relative error against the number of masks, above the curve of K times B minus K, which"
    " is highest in the middle. The table below the figure holds all points.",
    caption="Relative error against the number of masks K at one budget; below it the bound K (B − K) on the rank. The"
    " dotted line is at B / 2, where the bound is highest; the star is at the smallest mean error.",
    provenance=page.provenance(records, profile=profile, data=names),
)

# %% tags=["hide-input", "nbval-check-output"]
COUNT = "Relative error by number of masks K, mean over seeds"
page.table(count_table(counted), digits=2, caption=COUNT)


# %% tags=["nbval-check-output", "hide-input"]
def optimum(frame):
    """Return where each matrix has its best number of masks, and how flat the error is around it."""
    rows = {}
    for (dataset, budget), part in frame[frame["mask"] != "svd"].groupby(tables.CELL, sort=False):
        by_seed = part.pivot(index="seed", columns="n_masks", values="relative_error")
        means = by_seed.mean()
        best, flat = int(means.idxmin()), means[means <= 1.01 * means.min()].index.astype(int)
        middle = means.iloc[np.abs(means.index - budget / 2).argmin()]
        rows[dataset, budget] = {
            "best K": best,
            "K/B": best / budget,
            "best K by seed": ", ".join(str(int(k)) for k in by_seed.idxmin(axis=1)),
            "within 1 %": f"{flat.min()} to {flat.max()}",
            "gain over B/2 (%)": float(100 * (1 - means.min() / middle)),
        }
    said = "Where the best number of masks lies, beside B/2, and how flat the error is around it"
    return page.table(pd.DataFrame(rows).T.rename_axis(tables.CELL), digits=2, caption=said)


optimum(counted)

# %% [markdown]
# These matrices are small and the training short. What the paper claims is about larger ones.
#
# ## Figure 4: families at the paper's sizes
#
# From here on we look at runs of the `paper` profile, kept as records in `data/records/mmf`. The command that makes
# them, or what is missing of them, is `fourmasks run mmf/masks --profile paper`. The paper states neither $B$ nor $K$ for its
# Figure 4, and prints no numbers. Ours are $B = 20$ and $40$, with the reference implementation's $K = 0.4\,B$.

# %%
settings = plan.PROFILES["paper"]
paper = [
    record
    for name in (plan.SEARCH, plan.EXPERIMENT, plan.SHARED)
    for record in load_records(name, records_directory(name, "paper"))
    if record.profile == "paper"
]
compared = tables.family_runs(paper, settings)
origin = ", ".join(f"{name} (synthetic)" for name in settings.dataset)

# %% tags=["hide-input"]
page.show(
    families(compared),
    alt="Two panels, S10 and H6: the relative error of each mask family at two budgets, dashed lines for the SVD."
    " The table below the figure holds all means.",
    caption="Figure 4 of the paper with the SVD as dashed lines; each family with the start that suits it. Bars are"
    " standard deviations over seeds, each of which draws a matrix of its own.",
    provenance=page.provenance(paper, profile="paper", data=origin),
)

# %% tags=["hide-input", "nbval-check-output"]
page.table(tables.family_table(compared), caption=FAMILY, best="lowest", along="rows").show()
page.table(
    tables.family_table(compared, "std"), caption="Standard deviations of these errors over seeds"
).show()

# %% [markdown]
# Which family has the smallest mean error, and on how many of the matrices drawn? And against how many of the families
# that the paper calls monotone or non-smooth does each smooth one win?

# %% tags=["nbval-check-output", "hide-input"]
ranking(compared).show()

smooth = ["sine", "cosine", "gaussian"]
means = tables.family_table(compared).drop(columns="svd")
others = means.drop(columns=smooth)
wins = {name: others.gt(means[name], axis=0).sum(axis=1) for name in smooth}
page.table(
    pd.DataFrame(wins).map(lambda won: f"{won} of {others.shape[1]}"),
    caption="Of how many monotone or non-smooth families each smooth one has the lower mean error",
)

# %% [markdown]
# ## Control: one step size for all
#
# Families are usually compared with one setting for all. Above, each has a start of its own. Here is what that choice
# changes. First the search: every column is a comparison of the families with one shared start, on one matrix.

# %% tags=["hide-input", "nbval-check-output"]
page.table(search_table(paper), caption=STARTED, best="lowest", along="rows")

# %% [markdown]
# Then, over all seeds and at the smaller budget, the `fast` start for all, which is the one that the chapter's
# reconstruction experiment uses and which was found with cosine masks, against each family's own.

# %% tags=["hide-input"]
shared = tables.shared_runs(paper, settings)
effect = tables.start_effect(compared, shared)
cells = list(effect.groupby(tables.CELL, sort=False))
figure, axes = pyplot.subplots(1, len(cells), figsize=(4.6 * len(cells), 3.8))
for axis, ((name, budget), part) in zip(axes, cells, strict=True):
    places = range(len(part))
    axis.vlines(places, part["own"], part["shared"], color="#777777", linewidth=1.2)
    for start, color, marker in (("shared", page.PALETTE[1], "s"), ("own", page.PALETTE[0], "o")):
        axis.plot(places, part[start], label=f"{start} start", color=color, marker=marker, linestyle="")
    axis.set(title=f"{name}, B = {budget}", ylabel="relative error", xticks=places)
    axis.set_xticklabels(part.index.get_level_values("mask"), rotation=30, ha="right")
axes[0].legend()
page.show(
    figure,
    alt="Two panels, S10 and H6: for each mask family the mean error with the shared start and with its own, joined by"
    " a line. The table below the figure holds all points.",
    caption="What a start of its own does for each family. Compare the order of the squares, one start for all, with"
    " the order of the circles; where both lie on one another, the family's own start is the shared one.",
    provenance=page.provenance(paper, profile="paper", data=origin),
)

# %% tags=["hide-input", "nbval-check-output"]
page.table(
    effect,
    caption="Relative error with one start for all and with each family's own, and the family's place by either",
)

# %% tags=["nbval-check-output", "hide-input"]
found = {}
for cell, part in effect.droplevel("mask").groupby(tables.CELL, sort=False):
    families = effect.loc[cell].index
    signs = [
        np.sign(np.subtract.outer(part[start].values, part[start].values)) for start in ("shared", "own")
    ]
    found[cell] = {
        "best with the shared start": families[part["shared"].argmin()],
        "best with own starts": families[part["own"].argmin()],
        "pairs that change order": f"{(signs[0] != signs[1]).sum() // 2} of {len(part) * (len(part) - 1) // 2}",
    }
page.table(
    pd.DataFrame(found).T.rename_axis(tables.CELL),
    caption="What the choice of the start changes: the best family, and how many pairs change order",
)

# %% [markdown]
# Where pairs of families change order, a figure with one start for all says as much about the start as about the mask.
#
# ## Control: the reference implementation's own training
#
# The paper's runs were presumably trained as its reference implementation trains: Adam alone, with ten times smaller steps than
# our `fast` start, and shifts that start at zero. That, too, is one setting for all families. These are single runs at
# the smaller budget, a quarter as long as the reference's 2000 epochs, and they show only whether the order of the families is
# of the same kind.

# %% tags=["hide-input", "nbval-check-output"]
reference = tables.runs(paper)
reference = reference[reference["method"] == "mmf-adam"]
page.table(
    tables.family_table(reference),
    caption="Relative error by mask family, trained as the reference implementation trains, single runs",
    best="lowest",
    along="rows",
).show()
ranking(reference).show()

# %% [markdown]
# ## Figure 5: the number of masks
#
# The rank of MMF is at most $KR = K(B - K)$, which is largest at $K = B/2$. The paper expects the best $K$ near there, and sees it
# slightly above on $S_{10}$ and below on $H_6$. It states neither $B$ nor the family. Ours are $B = 40$ and cosine
# masks.

# %% tags=["hide-input"]
counted = count_runs(paper, settings)
page.show(
    counts(count_table(counted)),
    alt="Two panels, S10 and H6: relative error against the number of masks, a dashed line for the SVD; below it the"
    " curve of K times B minus K, highest in the middle. The table below the figure holds all points.",
    caption="Figure 5 of the paper: relative error against the number of masks K at B = 40; below it the bound on the"
    " rank. See whether the star lies left or right of the dotted line at B / 2, and how flat the curve is there.",
    provenance=page.provenance(paper, profile="paper", data=origin),
)

# %% tags=["hide-input", "nbval-check-output"]
page.table(count_table(counted), caption=COUNT).show()
optimum(counted).show()

# %% [markdown]
# The last columns say how much the place of the optimum matters: the range of $K$ within 1 % of the smallest error, and
# what the best $K$ gains over the one at $B/2$. The start was chosen once, at $K = 0.4\,B$, so that other $K$
# had no search of their own.
#
# ## Table 6: time of an epoch
#
# Times depend on the machine, so that the cells below are not compared by the tests. What can be carried from one
# machine to another is a **ratio** of two times that were measured one after the other. Live, on small matrices:


# %% tags=["hide-input"]
def with_costs(frame):
    """Return measurements with labels and operations, in the order of the paper's Table 6."""
    given = zip(frame["method"], frame["dataset"], frame["budget"], frame["share"], strict=True)
    operations = [timing.operations(m, 2 ** DENSE[name], b, share) for m, name, b, share in given]
    shares = "mmf, K/B = " + frame["share"].astype(str)
    frame = frame.assign(
        label=frame["method"].where(frame["method"] != "mmf", shares),
        operations=np.array(operations, dtype=float),
        place=frame["method"].map(timing.METHODS.index),
    )
    return frame.sort_values(["place", "share", "seed"], kind="stable")


def times(records):
    """Return a row for each measurement: what was timed, and the ms of an epoch, or of the whole SVD."""
    outer = ["dataset", "method", "budget", "share", "seed", "device", "threads"]
    frame = run_rows(records, timing.EXPERIMENT, outer)
    return with_costs(frame.assign(ms=frame.filter(["epoch_ms", "total_ms"]).max(axis=1)))


def time_table(frame, caption, value="ms", digits=2):
    """Return medians over seeds of a column of `times`: a row for each method, a column for each matrix."""
    table = frame.pivot_table(index="label", columns="dataset", values=value, aggfunc="median", sort=False)
    table = table[[name for name in DENSE if name in table]]
    return page.table(table.rename_axis(index="method"), digits, caption=caption)


measured = timing.run(timing.PROFILES[profile], profile, device)
time_table(times(measured), "Milliseconds of an epoch, or of the whole SVD, on this machine")

# %% [markdown]
# The paper's times, and ours of the `paper` profile, in ms, at $B = 40$. Ours ran on one thread of the CPU named under
# the figure.

# %% tags=["hide-input"]
reported = [
    (
        claim.dataset[0],
        claim.method,
        timing.PROFILES["paper"].budget,
        claim.match.get("share"),
        0,
        claim.reported,
    )
    for claim in load_claims("mmf")
    if claim.place == "Table 6" and claim.form == "value"
]
columns = ["dataset", "method", "budget", "share", "seed", "ms"]
reported = with_costs(pd.DataFrame(reported, columns=columns))
cells = reported.set_index(["label", "dataset"])["ms"]
smallest, bias = cells.xs("s6", level="dataset"), cells["mf-bias"]
ratio = (reported["ms"] / reported["dataset"].map(bias)).where(reported["method"] != "svd")
growth = reported["ms"] / reported["label"].map(smallest)
reported = reported.assign(growth_from_s6=growth, ratio_to_mf_bias=ratio)

clocked = [
    record
    for record in load_records(timing.EXPERIMENT, records_directory(timing.EXPERIMENT, "paper"))
    if record.profile == "paper"
]
ours = times(clocked)

# %% tags=["hide-input"]
time_table(reported, "Milliseconds of an epoch, or of the whole SVD, as reported", digits=3)

# %% tags=["hide-input"]
time_table(ours, "Milliseconds of an epoch, or of the whole SVD, ours: medians over seeds")

# %% tags=["hide-input"]
figure, axis = pyplot.subplots()
markers = {"mmf": "o", "mf-bias": "<", "mf-ridge": "v", "mf-sgd": "^"}
for origin, frame, color in (("paper", reported, page.PALETTE[0]), ("ours", ours, page.PALETTE[1])):
    for method, marker in markers.items():
        part = frame[frame["method"] == method]
        style = {"color": color, "marker": marker, "fillstyle": "full" if method == "mmf" else "none"}
        axis.plot(part["operations"], part["ms"], label=f"{method}, {origin}", linestyle="", **style)
axis.set(xscale="log", yscale="log", xlabel="operations of an epoch", ylabel="ms per epoch")
figure.legend(loc="outside lower center", ncols=4, fontsize=9)
page.show(
    figure,
    alt="Time of an epoch against the operations in its matrix products, both axes logarithmic. The paper's points lie"
    " on a flat line; ours rise with the operations.",
    caption="Time of an epoch against its operations. A flat cloud says that something else than arithmetic takes the"
    " time; a cloud along the diagonal says that arithmetic does.",
    provenance=page.provenance(clocked, profile="paper", data="s6 to s10"),
)

# %% [markdown]
# From $S_6$ to $S_{10}$ the number of entries grows by a factor of 256, and so do the operations of an epoch. How much
# longer does the epoch take, and how many MF-Bias epochs is it? Reported first:

# %% tags=["hide-input"]
time_table(reported, "Reported: how many times longer than on S6", "growth_from_s6")

# %% tags=["hide-input"]
time_table(reported, "Reported: how many epochs of MF with biases one epoch takes", "ratio_to_mf_bias")

# %% tags=["hide-input"]
time_table(ours, "Ours: how many times longer than on S6", "growth_from_s6").show()
time_table(ours, "Ours: how many epochs of MF with biases one epoch takes", "ratio_to_mf_bias").show()

# %% [markdown]
# Both can be split into a part that is always there and a part that grows with the operations.

# %%
for name, frame in {"paper": reported, "ours": ours}.items():
    parts = tables.overhead(frame)
    print(
        f"{name}: {parts['overhead_ms']:.2f} ms always, {parts['gflops']:.0f} billion operations a second;"
        f" the constant part is {100 * parts['share']:.0f} % of the longest epoch"
    )

# %% [markdown]
# The reported times are flat. The constant part is presumably what a GPU needs to be handed the dozens of small steps of an epoch: on
# matrices of this size it waits most of the time. So Table 6 does not show how MMF scales with the data or with $K$. It shows that
# none of the matrices is large enough to tell. On a CPU the arithmetic takes the time, and the time grows with
# the operations: with $IJ$, and with $K(B - K)$.
#
# One thing makes our ratio to plain factorization larger. Our baselines compute their gradients through small Gram matrices,
# $4\,IJB$ operations, where forming the residual would take $6\,IJB$. By either count an epoch of MMF has about
# $K(B - K)/B$ times as many operations as one of MF, ten times as many at $K = B/2 = 20$.

# %% [markdown]
# ## Verdicts
#
# Every statement of Figures 4 and 5 and every number of Table 6. The verdicts are computed from the records. Times on
# other hardware cannot be reproduced; the bounds on ratios are judged for each device that has records.

# %% tags=["hide-input", "output_scroll", "nbval-check-output"]
places = ("Figure 4", "Figure 5")
mine = [row for row in ledger("mmf") if row["place"].split(" (")[0] in (*places, "Table 6")]
shown = [row for row in mine if row["place"].split(" (")[0] in places]
print(", ".join(f"{verdict}: {count}" for verdict, count in summary(shown).items()))
page.verdicts(shown)

# %% tags=["hide-input", "output_scroll"]
timed = [row for row in mine if row not in shown]
print(", ".join(f"{verdict}: {count}" for verdict, count in summary(timed).items()))
page.verdicts([row for row in timed if row["verdict"] != "cannot be"])
