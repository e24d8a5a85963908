# %% [markdown]
# # Top-N recommendation
#
# A user likes some films. Which ten or twenty others should we show? The paper {cite:p}`mmf2026` trains MMF with the
# BPR loss {cite:p}`rendle2009bpr` on MovieLens 1M and reports four measures beside those of five baselines (Section 5.4,
# Table 5). MMF comes out level with SGL and above the others. This notebook asks three things.
#
# 1. Does MMF keep its place when **every method gets the same splits and the same number of trials**?
# 2. Are the differences **larger than what a change of the split does**?
# 3. What is left when **the masks are taken away** and all the rest stays?

# %% tags=["parameters"]
profile = "book"  # type: str  smoke, book or paper
dataset = None  # type: str  ratings, as "simulated" or "ml-100k,ml-1m", None for the profile's
methods = None  # type: str  methods, as "mmf,bprmf", None for all
threshold = None  # type: float  ratings of at least so many stars are likes, None for the profile's
seeds = None  # type: int  number of seeds, each with a split of its own, None for the profile's
trials = None  # type: int  trials of the search for settings, None for the profile's
epochs = None  # type: int  epochs of a final run at most, None for the profile's
device = "auto"  # type: str  cpu, cuda, mps, or auto for what is there

# %% tags=["hide-input"]
import numpy as np
import pandas as pd
from matplotlib import pyplot

from fourmasks.claims.files import load_claims, overlaps
from fourmasks.claims.ledger import ledger, summary
from fourmasks.experiments.profiles import resolve
from fourmasks.mmf.ranking import plan
from fourmasks.mmf.ratings.figures import by_split
from fourmasks.pages import figures as page
from fourmasks.pages.tables import differences, effort, label, measured, order, run_rows, searched
from fourmasks.pages.words import judged
from fourmasks.records.store import load_records, records_directory
from fourmasks.system.device import banner, resolve_device

page.begin("mmf/ranking")
config = resolve(
    plan.PROFILES,
    profile,
    dataset=dataset,
    methods=methods,
    threshold=threshold,
    seeds=seeds,
    trials=trials,
    epochs=epochs,
)
device = str(resolve_device(device))
print(banner(device))

# %% [markdown]
# ## The protocol
#
# The paper says neither what counts as a like, nor how the data are split, nor which items are ranked. So we choose,
# and say what.
#
# - **Likes** are ratings of 3 stars or more.
# - **Split**: of each user's likes, 80 % for training, 10 % for validation, 10 % for the test, drawn at random. Each
#   seed has a split of its own, the same for all methods.
# - **Candidates**: all items but those that the user is known to like. No sampled metrics.
# - **Recall@k**: of the user's test likes, the share among the first k. **NDCG@k**: the same with a weight that falls
#   with the place, divided by its best possible value. Both are means over users.
# - **Tuning**: the same number of trials for each method, on one more split. The trial with the highest NDCG@10
#   on the validation likes wins. Training stops when that measure stops growing.
# - **Size**: `rank` numbers for each user and each item. MMF pays for its shifts out of them: $R + K$ is the rank.
#   Beside that come a bias of each item (MMF, its controls, BPR-MF where the search wants it) and the small weights
#   of NeuMF and NGCF.
#
# | name | what it is |
# |---|---|
# | `bprmf` | matrix factorization with the BPR loss, with or without a bias of the item |
# | `neumf` | a product of factors beside a small network {cite:p}`he2017neural` |
# | `ngcf`, `lightgcn` | factors averaged over the graph of likes {cite:p}`wang2019ngcf,he2020lightgcn` |
# | `sgl` | LightGCN with a contrast of two thinned graphs {cite:p}`wu2021sgl` |
# | `mmf` | MMF with a learned shift for each user, item and mask |
# | `mmf-zero` | **control**: all shifts zero, the reference implementation's default: one weight for each dimension |
# | `mmf-constant` | **control**: the settings of `mmf-zero` with the mean weight. No mask is left |
# | `mmf-unmasked` | **control**: the settings of `mmf` with the mean weight. No mask is left |

# %% tags=["nbval-check-output"]
tuned = [method for method in plan.SPACES if method in config.methods]
print(f"{config.trials} trials of at most {config.trial_epochs} epochs for each of {', '.join(tuned)}")
print(f"a step takes {config.batch_size} likes, of graph models {config.graph_batch_size}")
for method, kept_fixed in plan.FIXED.items():
    if method in tuned:
        print(f"not searched, {method}: {', '.join(f'{name} {value}' for name, value in kept_fixed.items())}")
print(f"{config.seeds} splits, at most {config.epochs} epochs, rank {config.rank}")

# %% [markdown]
# ## Live, on simulated ratings
#
# The ratings are simulated: who rates what depends on how active a user and how popular an item is, and on nothing
# else. So there is little to learn but popularity. These runs show that everything works, not who wins.

# %%
OUTER = ("dataset", "method", "threshold", "split_seed", "seed")
METRICS = ("recall_at_10", "ndcg_at_10", "recall_at_20", "ndcg_at_20")
records = plan.run(config, profile, device)
live = run_rows(records, plan.EXPERIMENT, OUTER)

# %% tags=["hide-input", "nbval-check-output"]
for name in config.dataset:
    said = f"Recall and NDCG, mean ± standard deviation over splits, short runs: {page.named(name)}"
    page.table(measured(live, name, config.methods, METRICS), caption=said, best="highest").show()


# %% tags=["hide-input"]
def panels(frame, name):
    """Return two measures of every run on a data set: methods by splits."""
    own = frame[frame["dataset"] == name]
    tables = {m: own.pivot(index="method", columns="split_seed", values=m) for m in METRICS[:2]}
    return {
        label(m): table.reindex([n for n in plan.METHODS if n in table.index]) for m, table in tables.items()
    }


for name in config.dataset:
    page.show(
        by_split(panels(live, name), f"test likes of {name}"),
        alt="Test Recall@10 and NDCG@10 of every run, methods side by side, grey lines joining the runs on the same"
        " split. The table above holds means and standard deviations.",
        caption="Every run as a point; each grey line is one split. Compare methods along a line.",
        provenance=page.provenance(
            [r for r in records if r.parameters["dataset"] == name], profile=profile, data=name
        ),
    )

# %% [markdown]
# ## Table 5: MovieLens 1M
#
# From here on we look at runs of the `paper` profile, kept as records in `data/records/mmf`. The command that makes
# them, or what is missing of them, is `fourmasks run mmf/ranking --profile paper`.

# %% tags=["nbval-check-output"]
whole = plan.PROFILES["paper"]
paper = [
    record
    for name in (plan.EXPERIMENT, plan.SEARCH)
    for record in load_records(name, records_directory(name, "paper"))
    if record.profile == "paper"
]
kept = run_rows(paper, plan.EXPERIMENT, OUTER)
(real,) = whole.dataset
there = [method for method in whole.methods if method in set(kept["method"])]
print(f"{len(kept)} of {whole.seeds * len(whole.methods)} final runs are there")

# %% [markdown]
# Reported numbers are the paper's. Ours are mean ± standard deviation over splits. Since the reported numbers come
# without a protocol, their **absolute values cannot be compared** with ours. Only the order of the methods can.

# %% tags=["nbval-check-output", "hide-input"]
reported = pd.Series(
    {
        (claim.match["method"], claim.metric): claim.reported
        for claim in load_claims("mmf")
        if claim.place == "Table 5" and claim.form == "value"
    }
).unstack()[list(METRICS)]
columns = pd.MultiIndex.from_product([map(label, METRICS), ["paper", "ours"]])
parts = {
    "paper": page.rounded(reported).rename(columns=label),
    "ours": measured(kept, real, there, METRICS),
}
page.table(
    pd.concat(parts, axis=1).swaplevel(axis=1).reindex(index=there, columns=columns).fillna("–"),
    caption="Table 5: ours, mean ± standard deviation over splits, beside what the paper reports; only the order can be compared",
    best=dict.fromkeys(columns, "highest"),
)

# %% tags=["nbval-check-output"]
theirs = reported["ndcg_at_10"].sort_values(ascending=False).index
print(f"NDCG@10, paper: {' > '.join(theirs)}")
print(f"NDCG@10, ours:  {order(kept, real, theirs, 'ndcg_at_10')}")

# %% tags=["hide-input"]
page.show(
    by_split(panels(kept, real), f"test likes of {real}"),
    alt="Test Recall@10 and NDCG@10 on MovieLens 1M of every run, methods side by side, grey lines joining the runs"
    " on the same split. The table above holds means and standard deviations.",
    caption="Table 5 as points. Each grey line is one split, on which all methods meet.",
    provenance=page.provenance(paper, profile="paper", data=real),
)

# %% [markdown]
# The settings that the search found. The number of trials is the same for all methods. It is small, because a graph
# model goes over the whole graph at each step: none of these methods is tuned to its limit.

# %% tags=["hide-input", "nbval-check-output"]
page.table(
    searched(paper, plan.SEARCH, plan.SPACES, "validation_ndcg_at_10"),
    caption="The settings that the search found, and the validation NDCG@10 that they had",
)

# %% [markdown]
# ## Does the mask do the work?
#
# Differences are taken split by split, MMF minus the baseline. The intervals are at 95 %, over splits, and as wide as in the
# verdicts: splits of the same ratings share most of the training, and are corrected for it. The
# first rows are the baselines of Table 5, the last ones the controls. Where an interval of a control holds zero,
# we cannot tell MMF from a plain factorization with one constant weight.

# %% tags=["nbval-check-output", "hide-input"]
baselines, overlap = [method for method in there if method != "mmf"], overlaps(plan.EXPERIMENT)
found = pd.concat(
    [
        differences(kept, metric, [("mmf", baseline)], overlap).assign(measure=label(metric))
        for baseline in baselines
        for metric in METRICS
    ]
)
found["judgement"] = [judged(d, half) for d, half in zip(found["difference"], found["half"], strict=True)]
page.table(
    found.set_index(["baseline", "measure"])[["difference", "half", "splits", "judgement"]],
    caption="MMF minus each other method: above zero MMF is better",
)

# %% tags=["hide-input"]
part = found[found["measure"] == "NDCG@10"]
figure, axis = pyplot.subplots(figsize=(7.0, 4.4))
for place, row in zip(np.arange(len(part))[::-1], part.itertuples(), strict=True):
    colour = page.PALETTE[row.baseline.startswith("mmf")]
    axis.errorbar(row.difference, place, xerr=row.half, color=colour, marker="o", linestyle="", capsize=4)
axis.axvline(0, color="#000000", linewidth=0.8)
axis.set_yticks(np.arange(len(part))[::-1], part["baseline"])
axis.set(xlabel="test NDCG@10 of mmf minus that of the baseline")
axis.grid(False, axis="y")
page.show(
    figure,
    alt="Points with 95 % intervals: NDCG@10 of MMF minus that of each baseline and each control. The table above"
    " holds the numbers.",
    caption="To the right of the line MMF is better. Blue: the baselines of Table 5. Orange: MMF without its masks.",
    provenance=page.provenance(paper, profile="paper", data=real),
)

# %% [markdown]
# What the methods cost, on one thread of a CPU, partly beside other work:

# %% tags=["hide-input"]
page.table(effort(kept, real, whole.methods), digits=1, caption="What a run takes, means over splits")

# %% [markdown]
# ## Verdicts
#
# Every number and every statement of Table 5 beside ours. The verdicts are computed from the records.

# %% tags=["hide-input", "output_scroll", "nbval-check-output"]
mine = [row for row in ledger("mmf") if row["place"].split(" (")[0] == "Table 5"]
print(", ".join(f"{verdict}: {count}" for verdict, count in summary(mine).items()))
page.verdicts(mine)
