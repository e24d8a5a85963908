# %% [markdown]
# # Ratings, one protocol
#
# **On MovieLens 100K plain factors with biases are ahead of LU-Net, and in this search of MMF with learned masks; a constant in place of the masks is a little ahead of the masks. On Flixster damped averages of users and
# items are ahead of every factorization.** Eight models, the same splits, searched alike, one patience for each data set. Douban and MovieLens 1M have not been run yet.
#
# - *Masks.* Learned against a constant weight: MovieLens 100K {claim}`four-ratings-ml-100k-masks`, Flixster {claim}`four-ratings-flixster-masks`, Douban {claim}`four-ratings-douban-masks`,
#   MovieLens 1M {claim}`four-ratings-ml-1m-masks`.
# - *MMF against tuned BiasMF.* MovieLens 100K {claim}`four-ratings-ml-100k-factorization`, Flixster {claim}`four-ratings-flixster-factorization`, Douban {claim}`four-ratings-douban-factorization`,
#   MovieLens 1M {claim}`four-ratings-ml-1m-factorization`.
# - *LU-Net against tuned BiasMF.* MovieLens 100K {claim}`four-ratings-ml-100k-network`, Flixster {claim}`four-ratings-flixster-network`, Douban {claim}`four-ratings-douban-network`, MovieLens 1M
#   {claim}`four-ratings-ml-1m-network`. On Flixster factors are weak: LU-Net is ahead of them, but behind averages.
#
# These twelve statements were written down before the runs, each as what its paper would lead one to expect. After a longer search for both, on the [page on MMF's ratings](../mmf/ratings.ipynb), that MMF is ahead of factors on MovieLens
# 100K is {claim}`mmf-table4-ml-100k-wide-below-biasmf`. Here each search began with twelve trials, and went on while its best lay at an end, for factors longer than for MMF
# (*Trials* under Details). Part of the difference may lie there.

# %% tags=["parameters", "hide-input"]
profile = "book"  # type: str  smoke, book or paper
dataset = None  # type: str  ratings, as "simulated" or "ml-100k,ml-1m", None for the profile's
methods = None  # type: str  models, as "mmf-learned,mf-tuned", None for the profile's
seeds = None  # type: int  number of seeds, each with a split of its own, None for the profile's
trials = None  # type: int  trials of each search, None for the profile's
epochs = None  # type: int  epochs at most, None for the profile's
device = "auto"  # type: str  cpu, cuda, mps, or auto for what is there

# %% tags=["hide-input"]
from fourmasks.claims.files import overlaps
from fourmasks.claims.ledger import ledger
from fourmasks.experiments.profiles import resolve
from fourmasks.four import across, figures
from fourmasks.four.ratings import plan, shares, tables
from fourmasks.pages import figures as page
from fourmasks.pages.tables import compared, cost, missing, searched
from fourmasks.records.store import book_records
from fourmasks.system.device import resolve_device

page.begin("four/ratings")
config = resolve(
    plan.PROFILES,
    profile,
    dataset=dataset,
    methods=methods,
    seeds=seeds,
    trials=trials,
    epochs=epochs,
)
device = str(resolve_device(device))
paper = book_records(plan.EXPERIMENT, plan.SEARCH, plan.MEMORY, shares.EXPERIMENT, shares.SEARCH)
kept = tables.runs(paper)
few = tables.little(paper)
OVERLAPS = overlaps(plan.EXPERIMENT)
there = list(kept["dataset"].unique())

# %% [markdown]
# ## The method in code
#
# All models have the same `fit` and `predict`:

# %%
import numpy as np

from fourmasks import RatingMMF
from fourmasks.data.ratings import load_ratings
from fourmasks.data.splits import split

data = split(load_ratings("simulated-small"), "per-user", seed=0)
model = RatingMMF(rank=16, n_masks=2, epochs=10).fit(data.train, data.validation)
errors = model.predict(data.test.users, data.test.items) - data.test.values
print(f"test RMSE {np.sqrt(np.mean(errors**2)):.3f}")

# %% [markdown]
# ## Errors side by side

# %% tags=["hide-input", "nbval-check-output"]
page.table(
    tables.errors(kept),
    caption="Test RMSE, mean ± standard deviation over splits; in bold the lowest mean",
    best="lowest",
)

# %% tags=["hide-input", "nbval-check-output"]
page.table(
    compared(kept, plan.EXPERIMENT, "test_rmse", tables.PAIRS, better="lower"),
    caption="Test RMSE of the first model minus that of the second, ± half of the 95 % interval: below zero the first is better",
)

# %% [markdown]
# ## Over the data sets
#
# How probable is it that a model is better on *another* data set of this kind? The Bayesian signed-rank test {cite:p}`benavoli2017time` takes those that are there for draws from all. Differences of up to half a percent
# count as none. Intervals within a data set are not used.

# %% tags=["hide-input", "nbval-check-output"]
ROPE = 0.5
page.table(
    across.chances(kept, "test_rmse", tables.PAIRS, ROPE, better="lower"),
    caption="Probabilities by the Bayesian signed-rank test, on the means of the data sets",
    digits=2,
)

# %% tags=["hide-input", "nbval-check-output"]
n = max(1, len(there))
print(
    f"The largest probability of being better that {n} data sets allow, if all agree, is {across.most(n, ROPE):.2f}."
)

# %% [markdown]
# ## What accuracy costs

# %% tags=["hide-input"]
if len(kept):
    page.show(
        figures.pareto(kept, "test_rmse", "lower", "test RMSE"),
        alt="For each data set the test RMSE of the models against the seconds of one training on a logarithmic axis. The tables"
        " above and under Details hold the numbers.",
        caption="Test RMSE against the time of one training. The grey line joins the models that no other beats in both; one colour is one family.",
        provenance=page.provenance(paper, profile="paper", data=", ".join(there)),
    )

# %% tags=["hide-input", "nbval-check-output"]
page.table(
    across.dominated(kept, "test_rmse", "training_seconds", "lower", OVERLAPS).set_index(
        ["dataset", "method"]
    ),
    caption="Models that a cheaper one beats beyond the 95 % interval",
)

# %% [markdown]
# ## Whom the errors meet

# %% tags=["hide-input", "nbval-check-output"]
for name in there:
    for of, one in (("users", "a user"), ("items", "an item")):
        page.table(
            tables.by_activity(kept, name, of),
            caption=f"Test RMSE by how many ratings {one} has in the training: {page.named(name)}",
            best="lowest",
            folded=name != there[0],
        ).show()

# %% [markdown]
# ## Little data
#
# **With a tenth of the ratings of MovieLens 100K averages are ahead of every other model; with all of them they are behind every other.** With a fifth we cannot tell averages from plain factors with biases; from two fifths
# on these are ahead. AutoRec needs most: it is last with a tenth, and level with factors from seven tenths on. Learned masks are never ahead of one constant. Six of the models, searched anew at each share, with 15 % of
# the ratings for validation.

# %% tags=["hide-input"]
if len(few):
    page.show(
        figures.along(few, "share", "test_rmse", ("share of the training ratings", "test RMSE")),
        alt="For each data set the test RMSE of the models against the share of the training ratings. The tables below hold the"
        " numbers.",
        caption="Test RMSE with fewer ratings, means over splits.",
        provenance=page.provenance(paper, profile="paper", data=", ".join(few["dataset"].unique())),
    )

# %% tags=["hide-input", "nbval-check-output"]
for name in shares.PROFILES["paper"].dataset:
    page.table(
        tables.crossings(few, name, overlaps(shares.EXPERIMENT).get(name, 0.0)),
        caption=f"By how much the first is better with few ratings and with all: {page.named(name)}",
    ).show()

# %% [markdown]
# ## Run it yourself
#
# Short runs on simulated ratings, which show that all works. For the comparison itself: `fourmasks run four/ratings --profile paper`.

# %%
records = plan.run(config, profile, device)

# %% tags=["hide-input", "nbval-check-output"]
page.table(
    tables.errors(tables.runs(records)),
    caption="Live: test RMSE of short runs, mean ± standard deviation over splits",
    best="lowest",
)

# %% [markdown]
# ## Details
#
# - *Seconds* are those of one core. Training has the looks at validation in it that stop it.
# - *Memory* is by how much the peak of a process grows during a fit; of one run.
# - *Trials.* Each search begins with twelve (MovieLens 1M: six), and goes on outward while its best lies at an end of what was tried. How many that made is in the tables of costs.
# - Settings are searched on a split of its own, which shares ratings with the tests of the other splits; that is the same for all. On Flixster and Douban, with one test set, intervals are over trainings alone.

# %% tags=["hide-input", "nbval-check-output"]
UNITS = {"search": "s, all trials"}
for name in there:
    page.table(
        across.price(paper, plan.EXPERIMENT, {"dataset": name}, plan.METHODS),
        caption=f"What the models cost on one core, prediction that of the whole test: {page.named(name)}",
        units=UNITS,
        digits=2,
        folded=True,
    ).show()
    for of in ("users", "items"):
        page.table(
            tables.by_activity(kept, name, of, "bias"),
            caption=f"Mean error, prediction minus rating, by how many ratings {of} have in the training: {page.named(name)}",
            folded=True,
        ).show()
for name in shares.PROFILES["paper"].dataset:
    page.table(
        tables.by_share(few, name),
        caption=f"Test RMSE by share of the training ratings: {page.named(name)}",
        best="lowest",
        folded=True,
    ).show()
page.table(
    across.ranks(kept, "test_rmse", "lower"),
    caption="Places of the models by their means, 1 the best",
    digits=2,
    folded=True,
).show()
page.table(
    searched(paper, plan.SEARCH, plan.SPACES, "validation_rmse", lowest=True),
    caption="The settings that the search found, and their validation RMSE",
    folded=True,
).show()
planned = plan.PROFILES["paper"]
absent = missing(kept, plan.grid(planned.dataset, planned.methods, planned.seeds))
page.table(absent, caption="Runs that are planned and not there yet", folded=True).show()
TOOK = {
    "final runs": plan.EXPERIMENT,
    "search for settings": plan.SEARCH,
    "final runs on shares": shares.EXPERIMENT,
    "search on shares": shares.SEARCH,
}
page.table(
    cost({words: [r for r in paper if r.experiment == name] for words, name in TOOK.items()}),
    caption="What the runs took, on one thread of a CPU",
    folded=True,
)

# %% tags=["hide-input", "nbval-check-output"]
page.verdicts(
    [row for row in ledger("four") if row["place"] == "Ratings"],
    caption="What we expected of the ratings, what we measured, and the verdict",
    folded=True,
)
