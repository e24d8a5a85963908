# %% [markdown]
# # Lists, one protocol
#
# **On MovieLens 100K none of the models trained by gradient steps so far is ahead of WMF.** LightGCN cannot be told from WMF and EASE where items are held out, and shows more of the catalogue. With items held out Multi-VAE is a
# little better with PIA than without, which is no claim here. With users held out PIA changes neither Multi-VAE nor RecVAE by an amount that can be told from none.
# Fifteen recommenders, the same splits, searched alike. Users are held out,
# where a model can take users whom it has never seen, and items of known users, where it cannot; models that can do both do both. All items are ranked. What is "not attempted" below has not been run yet.
#
# - *Alignment.* Multi-VAE with and without: MovieLens 1M {claim}`four-lists-ml-1m-multi-vae`, MovieLens 100K {claim}`four-lists-ml-100k-multi-vae`, Last.fm {claim}`four-lists-lastfm-multi-vae`. RecVAE:
#   MovieLens 100K {claim}`four-lists-ml-100k-rec-vae`, Last.fm {claim}`four-lists-lastfm-rec-vae`.
# - *Against EASE.* RecVAE with alignment: MovieLens 100K {claim}`four-lists-ml-100k-ease`, Last.fm {claim}`four-lists-lastfm-ease`.
# - *Masks.* MMF against one constant in place of its masks: MovieLens 1M {claim}`four-lists-ml-1m-masks`, MovieLens 100K {claim}`four-lists-ml-100k-masks`, Last.fm {claim}`four-lists-lastfm-masks`. MMF
#   against BPR-MF: {claim}`four-lists-ml-1m-factors`, {claim}`four-lists-ml-100k-factors`, {claim}`four-lists-lastfm-factors`.
# - *LU-Net against popularity.* MovieLens 100K {claim}`four-lists-ml-100k-network`, Last.fm {claim}`four-lists-lastfm-network`.
#
# On MovieLens 1M a training of RecVAE or LU-Net takes too long for this comparison. These statements were written down before the runs. EASE on supports has [a page of its own](../../book/four/extension.md).

# %% tags=["parameters", "hide-input"]
profile = "book"  # type: str  smoke, book or paper
dataset = None  # type: str  interactions, as "simulated" or "ml-100k,lastfm-2k", None for the profile's
protocol = None  # type: str  users or items, None for both
methods = None  # type: str  models, as "ease,multi-vae", None for the profile's
seeds = None  # type: int  number of seeds, each with a split of its own, None for the profile's
trials = None  # type: int  trials of each search, None for the profile's
epochs = None  # type: int  epochs at most, None for the profile's
device = "auto"  # type: str  cpu, cuda, mps, or auto for what is there

# %% tags=["hide-input"]
from fourmasks.claims.files import overlaps
from fourmasks.claims.ledger import ledger
from fourmasks.experiments.profiles import resolve
from fourmasks.four import across, figures
from fourmasks.four.rankings import plan, tables
from fourmasks.pages import figures as page
from fourmasks.pages.tables import compared, cost, searched
from fourmasks.records.store import book_records
from fourmasks.system.device import resolve_device

page.begin("four/rankings")
config = resolve(
    plan.PROFILES,
    profile,
    dataset=dataset,
    protocol=protocol,
    methods=methods,
    seeds=seeds,
    trials=trials,
    epochs=epochs,
)
device = str(resolve_device(device))
paper = book_records(plan.EXPERIMENT, plan.SEARCH, plan.MEMORY)
HELD_OUT = {"users": "users held out", "items": "items of known users held out"}
every = {name: tables.runs(paper, name) for name in HELD_OUT}
kept = {name: tables.common(frame) for name, frame in every.items()}
OVERLAPS = overlaps(plan.EXPERIMENT)
there = {name: list(frame["dataset"].unique()) for name, frame in kept.items()}

# %% [markdown]
# ## The method in code

# %%
from fourmasks.baselines.top_n.ease import EASE
from fourmasks.four.rankings.data import parts
from fourmasks.four.rankings.measures import accuracy, lists, variety

data = parts("simulated-small", "users", 0)
model = EASE().fit(data.train)
users, items = lists(lambda rows: model.predict(data.test.shown[rows]), data.test)
measured = {name: values.mean() for name, values in accuracy(users, items, data.test).items()}
print({name: round(float(value), 3) for name, value in (measured | variety(items, data.train)).items()})

# %% [markdown]
# ## Accuracy and variety
#
# *Coverage* is the share of the items that stand in somebody's first 20. *Novelty* is how rare these are: the mean of $-\log_2$ of the share of users who have the item, in bits.

# %% tags=["hide-input", "nbval-check-output"]
for name, words in HELD_OUT.items():
    for data_set in there[name]:
        page.table(
            tables.lists(kept[name], data_set),
            caption=f"{page.named(data_set)}, {words}: mean ± standard deviation over splits",
            best="highest",
            folded=name == "items" or data_set != there[name][0],
        ).show()

# %% tags=["hide-input", "nbval-check-output"]
for name, words in HELD_OUT.items():
    page.table(
        compared(every[name], plan.EXPERIMENT, "ndcg_at_100", tables.PAIRS, better="higher"),
        caption=f"NDCG@100 of the first model minus that of the second, {words}, ± half of the 95 % interval: above zero the first is better",
        folded=name == "items",
    ).show()

# %% tags=["hide-input"]
for name, words in HELD_OUT.items():
    if len(kept[name]):
        page.show(
            figures.beside(kept[name], ("coverage_at_20", "ndcg_at_100"), ("coverage@20", "NDCG@100")),
            alt=f"For each data set the NDCG@100 of the models against the coverage of their first 20, {words}. The tables hold the"
            " numbers.",
            caption=f"What accuracy costs in coverage, {words}. The grey line joins the models that no other beats in both.",
            provenance=page.provenance(paper, profile="paper", data=", ".join(there[name])),
            folded=name == "users",
        )

# %% [markdown]
# ## Over the data sets
#
# How probable is it that a model is better on *another* data set of this kind {cite:p}`benavoli2017time`? Differences of up to one percent count as none.

# %% tags=["hide-input", "nbval-check-output"]
ROPE = 1.0
for name, words in HELD_OUT.items():
    page.table(
        across.chances(kept[name], "ndcg_at_100", tables.PAIRS, ROPE, better="higher"),
        caption=f"Probabilities by the Bayesian signed-rank test, {words}",
        digits=2,
    ).show()

# %% tags=["hide-input", "nbval-check-output"]
n = max(1, len(there["users"]))
print(
    f"The largest probability of being better that {n} data sets allow, if all agree, is {across.most(n, ROPE):.2f}."
)

# %% [markdown]
# ## What accuracy costs

# %% tags=["hide-input"]
for name, words in HELD_OUT.items():
    if len(kept[name]):
        page.show(
            figures.pareto(kept[name], "ndcg_at_100", "higher", "NDCG@100"),
            alt=f"For each data set the NDCG@100 of the models against the seconds of one training on a logarithmic axis, {words}. The"
            " tables hold the numbers.",
            caption=f"NDCG@100 against the time of one training, {words}. The grey line joins the models that no other beats in both; one colour is one family.",
            provenance=page.provenance(paper, profile="paper", data=", ".join(there[name])),
            folded=name == "items",
        )

# %% tags=["hide-input", "nbval-check-output"]
for name, words in HELD_OUT.items():
    page.table(
        across.dominated(kept[name], "ndcg_at_100", "training_seconds", "higher", OVERLAPS).set_index(
            ["dataset", "method"]
        ),
        caption=f"Models that a cheaper one beats beyond the 95 % interval, {words}",
        folded=name == "items",
    ).show()

# %% [markdown]
# ## Run it yourself
#
# Short runs on simulated interactions, which show that all works. For the comparison itself: `fourmasks run four/rankings --profile paper`.

# %%
records = plan.run(config, profile, device)

# %% tags=["hide-input", "nbval-check-output"]
for name, words in HELD_OUT.items():
    live = tables.runs(records, name)
    for data_set in live["dataset"].unique():
        page.table(
            tables.lists(live, data_set),
            caption=f"Live, {page.named(data_set)}, {words}: mean ± standard deviation of short runs",
            best="highest",
        ).show()

# %% [markdown]
# ## Details
#
# - *Seconds* are those of one core. Training has the looks at validation in it that stop it; LU-Net, which has to score each pair by itself, looks at 200 users.
# - *Memory* is by how much the peak of a process grows during a fit; of one run.
# - *Trials.* Each search begins with twelve, and goes on outward while its best lies at an end of what was tried. On MovieLens 1M it begins with six, but for EASE and its kin, whose trials take seconds.
# - *Splits.* Means are over the five that all models met. EASE and its kin met twenty, which the differences take where both models did.
# - *Coverage* with users held out is bounded by the number of lists: MovieLens 100K has 94. Settings are searched on a split of its own, which shares users or items with the tests of the others; that is the
#   same for all.

# %% tags=["hide-input", "nbval-check-output"]
UNITS = {"search": "s, all trials"}
for name, words in HELD_OUT.items():
    for data_set in there[name]:
        page.table(
            tables.by_activity(kept[name], data_set),
            caption=f"NDCG@100 by how many items a user has: {page.named(data_set)}, {words}",
            best="highest",
            folded=True,
        ).show()
        page.table(
            across.price(paper, plan.EXPERIMENT, {"dataset": data_set, "protocol": name}, plan.METHODS),
            caption=f"What the models cost on one core, prediction that of a thousand lists: {page.named(data_set)}, {words}",
            units=UNITS,
            digits=2,
            folded=True,
        ).show()
    page.table(
        across.ranks(kept[name], "ndcg_at_100", "higher"),
        caption=f"Places of the models by their means, 1 the best, {words}",
        digits=2,
        folded=True,
    ).show()
    part = [record for record in paper if record.parameters["protocol"] == name]
    page.table(
        searched(part, plan.SEARCH, plan.SPACES, "validation_ndcg_at_100"),
        caption=f"The settings that the search found, and their validation NDCG@100, {words}",
        folded=True,
    ).show()
page.table(
    cost(
        {
            "final runs": [r for r in paper if r.experiment == plan.EXPERIMENT],
            "search for settings": [r for r in paper if r.experiment == plan.SEARCH],
        }
    ),
    caption="What the runs took, on one thread of a CPU",
    folded=True,
)

# %% tags=["hide-input", "nbval-check-output"]
page.verdicts(
    [row for row in ledger("four") if row["place"] in ("Lists", "Extension")],
    caption="What we expected of the lists, what we measured, and the verdict",
    folded=True,
)
