# %% [markdown]
# # Rating prediction
#
# The paper {cite:p}`lunet2026` claims that a network which can be inverted predicts ratings better than a classic perceptron, and that it
# gives its embeddings back without error (Table 2).
#
# - *Error.* Trained as stated, our network has a test MSE of {claim}`lunet-table2-ml-100k-mse measured` on MovieLens 100K, where the paper reports
#   {claim}`lunet-table2-ml-100k-mse reported`, and of {claim}`lunet-table2-ml-1m-mse measured` on MovieLens 1M
#   (reported: {claim}`lunet-table2-ml-1m-mse reported`). The verdict *{claim}`lunet-table2-ml-100k-mse`* means *better than reported* here, on both data sets.
# - *Perceptron.* After 50 epochs the network is below the perceptron: {claim}`lunet-section4-ml-100k-below-mlp`. But our perceptron has long overfitted by then. The paper's error of it is another ({claim}`lunet-table2-mlp-mse`), and we do not know why. With
#   both stopped early the verdict is {claim}`lunet-section4-ml-100k-below-mlp-stopped` on MovieLens 100K and {claim}`lunet-section4-ml-1m-below-mlp-stopped` on MovieLens 1M.
# - *Does the mask do the work?* Not for this gain: free matrices in place of the triangular ones keep {claim}`lunet-section4-ml-100k-below-mlp kept` of it
#   on MovieLens 100K and {claim}`lunet-section4-ml-1m-below-mlp kept` on MovieLens 1M. Stopped early they were not run.
#   Biased matrix factorization, without any network, has a lower error than the network as stated.
# - *Reconstruction.* In exact arithmetic it holds for every invertible network, trained or not, and in double precision it is {claim}`lunet-table2-ml-1m-reconstruction`.
#   In single precision the squared error is {claim}`lunet-table2-ml-100k-reconstruction-single measured` on MovieLens 100K and, on average over splits that differ much,
#   {claim}`lunet-table2-ml-1m-reconstruction-single measured` on MovieLens 1M; the paper states no precision.
#
# ```{claims}
# lunet-table2-ml-100k-mse
# lunet-table2-ml-1m-mse
# lunet-section4-ml-100k-below-mlp
# lunet-section3-ml-1m-comparable
# lunet-table2-ml-1m-reconstruction
# ```

# %% tags=["parameters", "hide-input"]
profile = "book"  # type: str  smoke, book or paper
dataset = None  # type: str  ratings, as "simulated" or "ml-100k,ml-1m", None for the profile's
methods = None  # type: str  models, as "lu-net,averages", None for the profile's
seeds = None  # type: int  number of seeds, each with a split of its own, None for the profile's
epochs = None  # type: int  epochs as stated, None for the profile's
dimension = None  # type: int  the network's dimension, None for the profile's
gamma = None  # type: float  weight of the squared errors, from 0 to 1, None for the profile's
parts = "ratings,sweeps"  # type: str  what to run live: one of these or both
sweep_dataset = None  # type: str  ratings of the sweeps, None for the profile's
sparing = False  # type: bool  leave out the runs that take many minutes, for now
device = "auto"  # type: str  cpu, cuda, mps, or auto for what is there

# %% tags=["hide-input"]
import pandas as pd

from fourmasks.claims.ledger import ledger
from fourmasks.experiments.profiles import resolve
from fourmasks.lunet.ratings import figures, tables
from fourmasks.lunet.ratings import plan as rating_plan
from fourmasks.lunet.sweeps import figures as sweep_figures
from fourmasks.lunet.sweeps import plan as sweep_plan
from fourmasks.lunet.sweeps import tables as sweep_tables
from fourmasks.pages import figures as page
from fourmasks.pages.tables import compared, cost, effort, missing, run_rows, searched, spread
from fourmasks.records.store import book_records
from fourmasks.system.device import resolve_device
from fourmasks.system.names import unknown

page.begin("lunet/recommender")
PARTS = ("ratings", "sweeps")
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
device = str(resolve_device(device))


whole = rating_plan.PROFILES["paper"]
paper = book_records(rating_plan.EXPERIMENT, rating_plan.SEARCH, rating_plan.DATASETS)
kept = tables.runs(paper)
reals = [name for name in whole.dataset if name in set(kept["dataset"])]
mine = ledger("lunet")

# %% [markdown]
# ## The method in code
#
# An embedding of the user and one of the item, side by side, are the network's input. Its output is read as a rating and as the probability of an interaction.
# From the output one gets back to the input:

# %%
from fourmasks.data.held_out import split_per_user
from fourmasks.data.ratings import load_ratings
from fourmasks.lunet.models.recommender import LUNetRecommender

split = split_per_user(load_ratings("simulated-small"), seed=0)
model = LUNetRecommender(dimension=16, learning_rate=0.004, epochs=10).fit(split.train)
users, items = split.test.users, split.test.items
error = ((model.predict(users, items) - split.test.values) ** 2).mean()
lost = model.model_.network.reconstruction_error(model.network_inputs(users, items))
print(f"test MSE {error:.2f}, error of the way to the output and back {lost:.0e}")

# %% tags=["hide-input"]
drawn = "drawn from the paper's text, no data"
page.show(
    figures.network(),
    alt="The embeddings of user and item, one above the other, go through three layers. Each multiplies with an upper and a lower"
    " triangular matrix and adds a bias; after the first two there is an activation. A dashed arrow leads back from the output to the input.",
    caption="Figure 2. What the mask on the weights leaves is blue. A layer multiplies with U first, then with L.",
    provenance=drawn,
)

# %% [markdown]
# ## Tables 1 and 2: the data, and the test error
#
# The paper's error on MovieLens 100K is that of averages, a model without any interaction of user and item; on MovieLens 1M it is clearly below that of averages. The network as we read it is below both, on both data sets. Where the paper's error on MovieLens 100K comes from we cannot tell. On which data the paper's perceptron has its error is not said; we put it beside MovieLens 100K. In Table 1 the paper gives MovieLens 1M the range of its identifiers as items, but the density of those that are rated; our prepared copy of MovieLens 1M lacks 8 ratings.
#
# Each of up to five splits holds out 20 % of each user's ratings. *Free matrices*, *no network* and *averages* are controls. All else is described in the box below.

# %% tags=["hide-input", "nbval-check-output"]
sizes = run_rows(paper, rating_plan.DATASETS, ["dataset"]).set_index("dataset")
printed = {(row["dataset"], row["metric"]): row for row in mine if row["place"] == "Table 1"}
ours = sizes.reindex(columns=["users", "items", "ratings", "density"]).stack()
table = pd.DataFrame(
    {
        "paper": pd.Series({place: row["reported"] for place, row in printed.items()}, dtype=float),
        "ours": ours,
    }
).reindex(ours.index)
table = table.map(lambda number: f"{number:.4f}" if number < 1 else f"{number:.0f}")
table["verdict"] = [printed[place]["verdict"] for place in table.index]
page.table(
    table.rename_axis(["dataset", "what"]), caption="Table 1: the data, the paper's beside ours", folded=True
).show()
untuned = [*rating_plan.STATED, *rating_plan.STOPPED, *rating_plan.BASELINES]
page.table(
    tables.beside_paper(kept, mine, untuned),
    caption="Table 2: test MSE, mean ± standard deviation over splits, beside what the paper reports",
    best={(name, "ours"): "lowest" for name in reals},
)

# %% [markdown]
# :::{dropdown} The models, and how they are trained
#
# | name | what it is |
# |---|---|
# | LU-Net | the paper's model as stated: Adam with learning rate $10^{-3}$, batch size 128, 50 epochs, the last one kept |
# | free matrices | **control for the mask**: the same map at the start, the same activations, batches and settings; but each matrix is free, where the paper's is the product of two triangular ones |
# | perceptron | dense layers and ReLU in the network's place, exactly as many parameters. It differs in activation and start too |
# | coupling layers | {cite:p}`dinh2017density`, about as many parameters |
# | no network | **control**: with the linear read-out what is left is additive |
# | …, stopped early | as stated, but 5 % of the training ratings are the validation set and serve for early stopping |
# | …, tuned | batches of 512, settings from a random search on a split of its own, early stopping |
# | averages | **control**: $\mu + b_i + c_j$, damped means of users and items. Two dampings are tuned |
# | BiasMF | matrix factorization with biases and ridge {cite:p}`koren2009matrix`, by alternating least squares, tuned with as many trials, early stopping |
#
# Only the averages and the runs as stated learn from all training ratings. A user or an item without a rating in the training is given the mean embedding of the others.
# :::

# %% [markdown]
# ## Figures 3 to 6: losses by epoch
#
# The paper's figures show losses of training and test, without a statement about them. As stated all models train for 50 epochs and the last one counts. The perceptron and the coupling layers have long overfitted
# by then, the LU network hardly. So these settings flatter the LU network, with our models.

# %% tags=["hide-input"]
learned = tables.curves(paper)
stated = [r for r in paper if r.parameters.get("method") in rating_plan.STATED]
if reals:
    page.show(
        figures.loss_curves(learned, kept),
        alt="Squared error by epoch on training and on test ratings, a row for each data set, one line for each model;"
        " horizontal lines are averages and biased matrix factorization. The tables below hold the numbers.",
        caption="Perceptron and coupling layers overfit, the LU network hardly. Where a line runs along the dashed one, the model has learned averages and no more."
        " Bands span the splits; lines that leave a panel at the top go on rising.",
        provenance=page.provenance(stated, profile="paper", data=", ".join(reals)),
    )

# %% [markdown]
# ## Table 2: reconstruction
#
# The paper reports an error of 0.0000 for its network and 0.0050 for the perceptron. Zero is a property of bijections, not a result of training. Rounding is another matter: training
# does not keep the condition numbers of the triangular matrices small, and where they grow, single precision loses everything while double precision keeps much.

# %% tags=["hide-input", "nbval-check-output"]
inverted = kept[kept["method"].str.startswith("lu-net")]
page.table(
    tables.medians(inverted, tables.ROUND_TRIP),
    caption="Relative errors of mapping to the output and back, and condition numbers: medians over splits. At 1 nothing comes back",
)

# %% [markdown]
# ## Does the network do the work, and does its mask?
#
# The network does something: without it the error is close to that of averages. Whether its mask does, we cannot tell: with free matrices in place of the triangular ones there is no difference beyond the
# interval, on either data set. Biased matrix factorization does better than the network as stated, on both data sets.
# Each interval stands alone here, while a verdict also counts how many claims are judged together: a difference beyond its interval can go with *inconclusive*.

# %% tags=["hide-input", "nbval-check-output"]
APART = "Test MSE of the first method minus that of the second, ± half of the 95 % interval: above zero the first is worse"
page.table(compared(kept, rating_plan.EXPERIMENT, "test_mse", tables.CONTROLS, better="lower"), caption=APART)

# %% [markdown]
# ## How much do the open choices matter?
#
# The paper leaves most of its settings open. We change one at a time on MovieLens 100K. Two choices matter beyond the interval, each in some of its values: the read-out and the dimension. The paper's claim that
# dimension and depth hardly matter gets {claim}`lunet-section4-dimension-16` for a dimension of 16, {claim}`lunet-section4-dimension-64` for 64 and {claim}`lunet-section4-layers-6` for six layers.
# With two splits, intervals are wide, and only large effects are settled.

# %% tags=["hide-input", "nbval-check-output"]
swept_paper = book_records(sweep_plan.EXPERIMENT)
swept = sweep_tables.runs(swept_paper)
CHOICES = {"best": "best", "worst": "worst", "difference": "apart", "half": "± (95 %)", "splits": "splits"}
for name in swept["dataset"].unique():
    said = f"Best and worst value of each choice, and how far apart their test MSE is: {page.named(name)}"
    found = sweep_tables.extremes(swept, name)
    page.table(found[list(CHOICES)].rename(columns=CHOICES), caption=said, folded=True).show()

# %% [markdown]
# ## What could not be settled
#
# - Whether the mask costs or gains anything: the intervals of the difference to free matrices hold zero, on both data sets.
# - Whether the tuned network is worse than tuned biased matrix factorization on MovieLens 1M, where the interval of the difference holds zero: on MovieLens 100K it is, beyond the interval.
# - What the paper's perceptron is, on which data it was measured, and what reconstructs its embeddings.
# - The balance of the two losses ({claim}`lunet-section2-hybrid-ratings`): two splits do not tell.
#
# ## Run it yourself
#
# The same methods on simulated ratings: 600 users, 500 items, a planted interaction and noise. The runs are short and show that all works, not who wins. For the paper's setting:
#
# ```console
# $ fourmasks run lunet/recommender --profile paper
# $ fourmasks run lunet/recommender --profile paper -p parts sweeps -p sweep_dataset ml-1m
# ```
#
# `-p sparing True` leaves out the runs that take many minutes.

# %%
records = rating_plan.run(config, profile, device) if "ratings" in wanted else []
swept_live = sweep_plan.run(sweep_config, profile, device) if "sweeps" in wanted else []

# %% tags=["hide-input", "nbval-check-output"]
TOOK = {
    "final runs": rating_plan.EXPERIMENT,
    "search for settings": rating_plan.SEARCH,
    "open choices": sweep_plan.EXPERIMENT,
}
live = tables.runs(records)
page.table(
    live.groupby(["method", "dataset"], sort=False)["test_mse"].agg(spread).unstack(),
    caption="Live: test MSE of short runs, mean ± standard deviation over splits",
    best="lowest",
    folded=True,
).show()
sweep_frame = sweep_tables.runs(swept_live)
for name in sweep_frame["dataset"].unique():
    said = f"Live: one choice changed at a time, differences are from the default: {page.named(name)}"
    page.table(sweep_tables.by_value(sweep_frame, name), caption=said, folded=True).show()
page.table(
    cost(
        {words: [r for r in [*paper, *swept_paper] if r.experiment == name] for words, name in TOOK.items()}
    ),
    caption="What the runs of the paper's setting took, on one thread of a CPU that had other work too",
    folded=True,
)

# %% [markdown]
# ## Details
#
# :::{dropdown} What the paper leaves open, and what we take
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
# | triangular matrices at the start | | uniform up to $0.1 / \sqrt d$, diagonals 1: near the identity. The one choice here that no sweep varies |
# | ratings | "no additional preprocessing" | as they are; the read-out's offset begins at their mean; predictions are not clamped |
# | Eq. (2.13) | $Y_{ij}$ has the letter of the rating; the text before it says a "binary interaction signal" | 1 or 0, as the text says |
#
# Without activations the model is additive: with the linear read-out, $w^\top f(x_{ij})$ is then a number for the user plus a number for the item. All that the model can know of a user's own taste goes through $\phi$. With
# the read-out `separate` the network can be absorbed: $f$ is a bijection, so $f(u)^\top f(v)$ ranges over the same matrices as $u^\top v$. A single layer has no activation by Eq. (2.10), so that one layer is additive; and with
# `separate` each side has $d$ numbers, twice as many as elsewhere. More is on the page [Theory](../../book/lunet/theory.md).
# :::

# %% tags=["hide-input"]
page.show(
    figures.two_kinds_of_feedback(),
    alt="Two boxes, ratings and rated or not, lead to a table of users and items. The table leads to embeddings, network and"
    " read-out, and these to a rating with the squared error and to a probability with the cross-entropy.",
    caption="Figure 1. Two kinds of feedback, one network, two losses.",
    provenance=drawn,
    folded=True,
)
if reals:
    reported = {
        (row["dataset"], row["method"]): row["reported"]
        for row in mine
        if row["place"] == "Table 2" and row["metric"] == "test_mse"
    }
    page.show(
        figures.errors_by_split(kept, reported),
        alt="Test mean squared error of every run, a row for each model, one panel for each data set; crosses are the paper's"
        " values. The table above holds means and standard deviations.",
        caption="The paper's errors lie above ours for the network and below for the perceptron at its last epoch. Each grey line is one split, crosses"
        " are the paper's, and arrows at the edge are errors beyond it.",
        provenance=page.provenance(paper, profile="paper", data=", ".join(reals)),
        folded=True,
    )
if len(inverted):
    page.show(
        figures.round_trips(inverted),
        alt="Relative error of mapping to the output and back, against the product of all condition numbers, on logarithmic axes:"
        " two clouds, single precision above and double precision far below, untrained and trained networks in both.",
        caption="Rounding is all that spoils the reconstruction, and where condition numbers are large it spoils all of it. Crosses are"
        " networks that were never trained.",
        provenance=page.provenance(
            [r for r in paper if r.parameters.get("method", "").startswith("lu-net")],
            profile="paper",
            data=", ".join(reals),
        ),
        folded=True,
    )
if reals:
    page.show(
        figures.loss_curves(learned[learned["method"] == "lu-net"], kept, "loss"),
        alt="The hybrid loss of the LU network by epoch, on training and on test ratings, a row for each data set. The tables below hold"
        " the numbers.",
        caption="Figures 3 to 6, the loss that is trained: it falls to the end on training ratings. That of the test need not. Bands span the splits.",
        provenance=page.provenance(
            [r for r in stated if r.parameters["method"] == "lu-net"], profile="paper", data=", ".join(reals)
        ),
        folded=True,
    )
if len(swept):
    page.show(
        sweep_figures.errors_by_choice(swept, "ml-100k"),
        alt="Test mean squared error for each value of each option, dots for the last epoch and crosses for the epoch that"
        " validation would choose. The table below holds the numbers.",
        caption="One choice changed at a time, MovieLens 100K. Dots far from crosses have been trained for too long, or not for long enough. At the right"
        " edge stand errors above it, with their number.",
        provenance=page.provenance(swept_paper, profile="paper", data="ml-100k"),
        folded=True,
    )

# %% tags=["hide-input", "nbval-check-output"]
page.table(
    tables.last_and_best(learned),
    caption="Test MSE at the last epoch and at the best one, which is chosen on the test here: far apart means overfitted",
    best=dict.fromkeys(("last epoch", "best epoch"), "lowest"),
    folded=True,
).show()
page.table(
    tables.beside_paper(kept, mine),
    caption="Test MSE of all models, tuned ones too, mean ± standard deviation over splits",
    best={(name, "ours"): "lowest" for name in reals},
    folded=True,
).show()
page.table(
    tables.at_epochs(learned, 1, 5, 10, 20, 30, 40, 50),
    caption="Training and test errors by epoch, means over splits",
    folded=True,
).show()
page.table(
    compared(kept, rating_plan.EXPERIMENT, "test_mse", tables.PAIRS, better="lower"),
    caption="More differences of the test MSE, ± half of the 95 % interval: above zero the first is worse",
    folded=True,
).show()
page.table(
    tables.medians(kept, tables.RECONSTRUCTION),
    caption="Reconstruction by the inverse and by a decoder that is fitted to the output: mean squares by coordinate, medians over splits",
    folded=True,
).show()
for name in swept["dataset"].unique():
    said = f"One choice changed at a time, differences are from the default: {page.named(name)}"
    page.table(sweep_tables.by_value(swept, name), caption=said, folded=True).show()
page.table(
    searched(paper, rating_plan.SEARCH, rating_plan.SPACES, "validation_mse", lowest=True),
    caption="The settings that the search found, and their validation MSE",
    folded=True,
).show()
for name in reals:
    said = f"What a run takes, means over splits: {page.named(name)}"
    page.table(effort(kept, name, rating_plan.METHODS), digits=1, caption=said, folded=True).show()
absent = missing(kept, rating_plan.finals(whole))
page.table(absent, caption="Runs that are planned and not there yet", folded=True).show()
PLACES = (
    "Table 1",
    "Table 2",
    "Section 2.5",
    "Section 3.3",
    "Section 4",
    "Figure 3",
    "Figure 4",
    "Figure 5",
    "Figure 6",
)
page.verdicts(
    [row for row in mine if row["place"] in PLACES and row["id"] != "lunet-section2-hybrid-ranking"],
    caption="All claims on ratings: what the paper says, what we measured, and the verdict",
    folded=True,
)

# %% [markdown]
# :::{dropdown} How to read these tables
#
# *Decoder*: for a perceptron there is no way back, so a decoder is fitted to the output, an affine map plus a perceptron of the same size. The error that it leaves is what we take for the paper's 0.0050; to be fair it
# is given to all. Shares are of the variance of the embeddings. *Relative* errors are of the norm of the embeddings. Condition numbers are of the spectral norm. The free matrices are solved with row exchanges; what
# counts for the others is the condition of $L$ and of $U$, which can be far worse than that of their product.
#
# *Sweeps*: as stated, but with 5 % of the training ratings kept apart. "Stopped" is the test error at the epoch where these would have stopped the training. "Interaction" is the share of the predictions' variance that no
# sum of a user's and an item's number explains; for an additive model it is 0.
#
# *Differences* are taken split by split. Splits of the same ratings share most of the training, and the intervals are corrected for it.
#
# *Search*: networks draw their trials from the same ranges, each baseline from its own. A network can rest for many steps at the level of the averages before it goes on, and a short patience would stop it there;
# ours is 40 epochs on MovieLens 100K and 6 on MovieLens 1M. One run of the free matrices on MovieLens 1M, the first, stood still for most of its seconds. `benchmarks/lunet_epoch.py` measures how long the stated epochs take on a
# machine of one's own.
# :::
