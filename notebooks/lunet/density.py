# %% [markdown]
# # Likelihood and samples
#
# The paper {cite:p}`lunet2026` calls its network a generative model: one computes likelihoods by it and draws new data from it (Section 1). It shows neither. We do both.
#
# - *A density?* {claim}`lunet-density-integral`: the integral over the plane is 1 to within {claim}`lunet-density-integral measured` on average over seeds, at worst over sets of points and layers.
# - *Samples?* {claim}`lunet-density-samples`: the share of samples in a rectangle differs from its integral by {claim}`lunet-density-samples measured`, again at worst.
# - *A good density?* The paper does not say. On toy points in the plane LU flows are likelier than one normal distribution and less likely than a mixture of them. On
#   embeddings of a recommender most differences are within their intervals.
# - *Does the mask do the work?* It makes the determinant cheap. One layer of LU is one normal distribution in other words; what is more than that is due to the activations.
#
# ```{claims}
# lunet-density-integral
# lunet-density-samples
# ```

# %% tags=["parameters", "hide-input"]
profile = "book"  # type: str  smoke, book or paper
dataset = None  # type: str  toy sets and ratings, as "moons,spiral" or "ml-100k", None for the profile's
methods = None  # type: str  densities, as "lu,gaussian", None for the profile's
n_layers = None  # type: str  layers of the flows, as "1,2,4", None for the profile's
seeds = None  # type: int  number of seeds, None for the profile's
steps = None  # type: int  steps of a flow's training, None for the profile's

# %% tags=["hide-input"]
from fourmasks.claims.ledger import ledger
from fourmasks.experiments.profiles import resolve
from fourmasks.lunet.density import figures, plan, tables
from fourmasks.lunet.density.checks import BOXES, DIRECTIONS, OUTSIDE, whole_line
from fourmasks.pages import figures as page
from fourmasks.pages.tables import cost
from fourmasks.records.store import book_records

page.begin("lunet/density")
config = resolve(
    plan.PROFILES,
    profile,
    dataset=dataset,
    methods=methods,
    n_layers=n_layers,
    seeds=seeds,
    steps=steps,
)
paper = book_records(plan.EXPERIMENT, plan.POINTS)
kept = tables.runs(paper)
names = list(kept["dataset"].unique())

# %% [markdown]
# ## The method in code
#
# A {term}`flow <normalizing flow>` maps points to a normal distribution. Its likelihood is that of the image, times the determinant; samples are normal points mapped back.

# %%
import torch

from fourmasks.lunet.density.toy_points import draw_toy
from fourmasks.lunet.flows.flow import LUFlow
from fourmasks.lunet.flows.likelihood import fit_flow

points, generator = torch.from_numpy(draw_toy("moons", 500, 0)).double(), torch.Generator().manual_seed(0)
flow = LUFlow(2, n_layers=4, spread=1.0, random_signs=True, generator=generator).double()
flow.standardize(points)
curve = fit_flow(flow, points, epochs=60, batch_size=500, learning_rate=0.05, generator=generator)
samples = flow.sample(1000, generator)
print(
    f"{-curve[0]:.1f} nats per point at the start, {-curve[-1]:.1f} at the end; {len(samples)} samples drawn"
)

# %% [markdown]
# ## Is it a density?
#
# Integrals are compared with shares of samples: over the plane, a rectangle, and boxes. They agree, for LU flows as for coupling flows and for one normal distribution.

# %% tags=["hide-input", "nbval-check-output"]
page.table(
    tables.agreement(kept),
    caption="Integrals and shares of samples agree: how far they are apart at most, over all fits in the plane",
)

# %% [markdown]
# ## Is it a good density?
#
# All methods get the same points, in three parts: to fit, to choose by, and to measure on. The number of layers M is chosen on validation points, for each set of points and each seed. The measure is the mean log
# density of held-out points, in nats per point; higher is better.

# %% tags=["hide-input", "nbval-check-output"]
page.table(
    tables.above(kept),
    caption="LU flows minus each baseline in nats per point, ± half of the 95 % interval: above zero the LU flow is the likelier one",
).show()
page.table(
    tables.score(kept), caption="On how many sets of points the LU flow is likelier, by the 95 % interval"
).show()

# %% tags=["hide-input"]
if names:
    page.show(
        figures.by_layers(kept),
        alt="Held-out log-likelihood against the number of layers, one panel for each set of points; lines with marks are LU and"
        " coupling flows, lines without marks are methods that have no layers. The tables below hold the numbers.",
        caption="More layers help on toy points and hurt on embeddings with 16 numbers. Bands span the seeds. What is above the dashed line is more than"
        " one normal distribution.",
        provenance=page.provenance(paper, profile="paper", data=", ".join(names)),
    )

# %% tags=["hide-input"]
drawn = tables.in_the_plane(paper)
for name in ("moons", "ring", "spiral", "ml-100k items, 2-D"):
    points = tables.held_out(paper, name)
    if name in drawn and points is not None:
        shown = page.named(name.partition(" ")[0]) + "".join(name.partition(" ")[1:])
        page.show(
            figures.flow_in_the_plane(tables.rebuilt(drawn[name]), points, name),
            alt=f"Four panels for {shown}: the density of an LU flow as a heat map with held-out points, samples over held-out points,"
            " circles and rays mapped back to the data, and held-out points mapped forth, with circles. The table below counts what the circles hold.",
            caption=f"The LU flow that validation points choose on {shown}, M = {drawn[name].parameters['n_layers']}. Blue lines are circles around the origin of the output,"
            " mapped back to the data. On the lower right held-out points are mapped forth: were the density right, they would be a normal cloud.",
            provenance=page.provenance([drawn[name]], profile="paper", data=name),
            folded=name != "moons",
        )

# %% [markdown]
# ## Does the mask do the work?
#
# One LU layer has no activation, so $f$ is affine and its density is a normal one. Every normal density is such a flow, with $LU$ the inverse of the Cholesky factor of the covariance. So *one normal distribution*
# is the control: LU with $M = 1$ in closed form, the likeliest on the points to fit. What is more than that comes from the activations, not from the triangular matrices. On the embeddings the difference is
# small, or within its interval. That toy points are fitted better by a mixture says that LU flows of eight layers are not yet flexible enough, or not trained well enough.
#
# ## What could not be settled
#
# - LU against coupling flows: steps and batches were set by hand for the LU flows and not searched for either, and only the LU flows have a start that depends on the data. The table says which of these two trainings did better.
# - The paper's own network as a density: its loss has no determinant in it, so this is another training than the paper's.
#
# ## Run it yourself
#
# Two half moons, and embeddings of simulated items, in short trainings. For the paper's setting, or your own:
#
# ```console
# $ fourmasks run lunet/density --profile paper
# $ fourmasks run lunet/density -p dataset moons,spiral -p n_layers 1,2,8 -p seeds 3
# ```

# %%
records = plan.run(config, profile)

# %% tags=["hide-input", "nbval-check-output"]
live = tables.runs(records)
page.table(
    tables.likelihoods(live),
    caption="Live: held-out log-likelihood in nats per point",
    best="highest",
).show()
page.table(
    tables.agreement(live),
    caption="Live: integrals and shares of samples, how far they are apart at most",
    folded=True,
).show()
page.table(
    cost({"fits": [r for r in paper if r.experiment == plan.EXPERIMENT]}),
    caption="What the fits of the paper's setting took, on one thread of a CPU",
).show()

# %% [markdown]
# ## Details
#
# :::{dropdown} What is compared, and how it is trained
#
# | name | what it is |
# |---|---|
# | LU layers, M = … | LU layers with LeakySoftplus between them. They start with their bends at the data and with random signs |
# | coupling layers, M = … | coupling layers {cite:p}`dinh2017density`, as many and with about as many parameters. One alone leaves half of a point as it is, so they start at two |
# | one normal distribution | **control**: one normal distribution with full covariance |
# | mixture | of normal distributions, their number and form chosen on validation points |
# | kernel density | its bandwidth chosen on validation points |
#
# Coordinates are in units of their deviation. Flows are trained by Adam in rounds, each with half the step of the one before, and the round that validation points find likeliest is kept. So on held-out points one LU
# layer can be a little above the normal distribution in closed form. The recommender is trained on MovieLens 100K as the paper states it, with the same seed for all; what differs from seed to seed is the split of the
# embeddings and the start of the flow. Intervals are corrected where embeddings are divided anew.
#
# *Integrals* are Gauss-Legendre sums. The rectangle and the boxes are placed by a first half of the samples, and counted are those of the other half. "sd of share" is the binomial standard deviation of the share; "coarser
# grid" is by how much the integral changes on a grid half as fine; "worst box" is in standard deviations.
#
# *Samples against held-out points*: the Kolmogorov-Smirnov distance on random lines, on average. "Points to fit" is that distance of two sets from the true distribution, a rough yardstick: there are fewer points to fit
# than samples, and fewer points are farther off by chance alone.
# :::

# %% tags=["hide-input", "nbval-check-output"]
page.table(
    tables.shapes(paper),
    digits=2,
    caption="The points: how many, and how far from a normal distribution, for which all three are 0",
    folded=True,
).show()
kinds = [
    f"embeddings, {width}-D" if " " in name else "toy sets"
    for name, width in zip(kept["dataset"], kept["width"], strict=True)
]
for kind in sorted(set(kinds), key=lambda kind: (kind != "toy sets", kinds.index(kind))):
    page.table(
        tables.likelihoods(kept[[one == kind for one in kinds]]),
        caption=f"Held-out log-likelihood in nats per point, mean ± standard deviation over seeds: {kind}",
        best="highest",
        folded=True,
    ).show()
page.table(
    tables.choices(kept), caption="What validation points chose, a value for each seed", folded=True
).show()
page.table(
    tables.circles(paper),
    digits=2,
    caption="Share of held-out points that each circle of the figures holds; at the head the share that it should hold",
    folded=True,
).show()
checked = f"a rectangle for {1 - OUTSIDE:.0%}, {BOXES} boxes, the plane to ± {whole_line().places.max():.0f}"
page.table(
    tables.by_points(kept, tables.INTEGRALS, "max"),
    caption=f"Integrals against samples, the worst over seeds; {checked}",
    folded=True,
).show()
page.table(
    tables.by_points(kept, tables.DISTANCES, "mean"),
    caption=f"Distance from held-out points on {DIRECTIONS} random lines: samples of a good model are as near as points to fit",
    folded=True,
).show()
page.table(
    tables.sizes(kept),
    digits=0,
    caption="Numbers that each method keeps, by the dimension of the points",
    folded=True,
).show()
mine = [row for row in ledger("lunet") if row["id"].startswith("lunet-density")]
page.verdicts(
    mine,
    caption="All claims on densities: what the paper says, what we measured, and the verdict",
    folded=True,
)
