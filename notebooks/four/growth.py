# %% [markdown]
# # How training grows
#
# **With more users, and as many interactions, an epoch of an autoencoder takes longer in proportion, once there are many. That of factors grows much less, of WMF and LightGCN about as the square root. With more
# items, once there are many, EASE takes longer than in proportion to their square.** What becomes of the time of a training when there are 64 times as many users, items or
# interactions? The slope on logarithmic axes is the answer: 0 where the time does not care, 1 where it doubles with what grows. So far users and items have been let grow, with one seed.

# %% tags=["parameters", "hide-input"]
profile = "book"  # type: str  smoke, book or paper
methods = None  # type: str  models, as "ease,multi-vae", None for the profile's
axes = None  # type: str  what grows: users, items, interactions, None for the profile's
doublings = None  # type: int  how often it doubles, None for the profile's
seeds = None  # type: int  number of seeds of the data, None for the profile's

# %% tags=["hide-input"]
from fourmasks.experiments.profiles import resolve
from fourmasks.four import figures
from fourmasks.four.growth import plan, tables
from fourmasks.pages import figures as page
from fourmasks.pages.tables import cost
from fourmasks.records.store import book_records

page.begin("four/growth")
config = resolve(plan.PROFILES, profile, methods=methods, axes=axes, doublings=doublings, seeds=seeds)
paper = book_records(plan.EXPERIMENT)
kept = tables.times(paper)

# %% [markdown]
# ## The method in code
#
# The data are drawn: users and items are worth what a log-normal distribution gives them, spread as those of MovieLens 1M, so that few have many interactions.

# %%
from fourmasks.four.growth.data import drawn

matrix = drawn(n_users=400, n_items=100, n=2_000, seed=0)
print(
    f"{matrix.nnz} interactions; the busiest user has {matrix.sum(axis=1).max():.0f}, the most popular item {matrix.sum(axis=0).max():.0f}"
)

# %% [markdown]
# ## The slopes

# %% tags=["hide-input", "nbval-check-output"]
page.table(
    tables.slopes(kept),
    caption="Slopes of the core-seconds of an epoch, or of a training where there are no epochs, over all sizes",
    digits=2,
)

# %% tags=["hide-input"]
if len(kept):
    page.show(
        figures.along(kept, "size", "seconds", ("size", "seconds"), panel="axis"),
        alt="Seconds of an epoch or of a training against the number of users, items and interactions, on logarithmic axes, a line for"
        " each model. The table above holds the slopes.",
        caption="Each size doubles six times; the other two stay. Means over eight epochs, of a training without epochs the median of three, and over seeds. Steepest are, with users, the autoencoders, which take whole rows or columns, and with items EASE, which inverts a matrix of all pairs of items.",
        provenance=page.provenance(paper, profile="paper", data="drawn interactions"),
    )

# %% [markdown]
# ## Run it yourself
#
# A small run. For all models and sizes: `fourmasks run four/growth --profile paper`, on a machine with nothing else to do.

# %%
records = plan.run(config, profile)

# %% tags=["hide-input"]
page.table(tables.slopes(tables.times(records)), caption="Live: slopes of short runs", digits=2)

# %% [markdown]
# ## Details
#
# Among small sizes the constant cost of a call hides what grows. An epoch is one pass; how many are needed changes with the data, too, and is not in these slopes. EASE with fewer users than items works on the
# matrix of the users: its line bends where they are as many.

# %% tags=["hide-input", "nbval-check-output"]
page.table(
    tables.slopes(kept, upper=True),
    caption="The same slopes over the larger half of the sizes",
    digits=2,
    folded=True,
)

# %% tags=["hide-input", "nbval-check-output"]
page.table(cost({"timings": paper}), caption="What the runs took, on one thread of a CPU", folded=True)
