# %% [markdown]
# # Matrix reconstruction
#
# A model may keep $(I + J)\,B$ numbers of a matrix. The paper {cite:p}`mmf2026` claims that MMF rebuilds the matrix from them better than
# any plain factorization of the same size, the singular value decomposition (SVD) included (Section 5.2, Figure 3, Table 3).
#
# It does. On the random matrices the gain over the SVD is {claim}`mmf-figure3-gain-over-svd`, and on block-diagonal ones it grows with
# the blocks ({claim}`mmf-figure3-gain-grows-with-blocks`). On faces we measure a gain of
# {claim}`mmf-table3-yale-b-b60-improvement measured` % where the paper has
# {claim}`mmf-table3-yale-b-b60-improvement reported`, on news stories {claim}`mmf-table3-reuters-b120-improvement measured` % for
# {claim}`mmf-table3-reuters-b120-improvement reported`. The sizes are {claim}`mmf-table3-yale-b-b60-improvement` on faces and
# {claim}`mmf-table3-reuters-b120-improvement` on news stories.
#
# **Learning the masks does the work on block matrices, and a part of it on random ones.** Masks frozen at random, all else kept, do worse than the SVD. Nothing of the gain is left: its share is
# {claim}`mmf-table3-yale-b-b60-improvement kept` on faces and {claim}`mmf-figure3-gain-over-svd kept` on the random matrices, where below zero means worse than the SVD. They also have fewer
# numbers to fit. Where these are spent on the rank, little of the gain remains on block matrices and a large part on small random ones; on faces and news stories that was not run (*Does the mask do the work?*). Block
# matrices and news stories hardly call for masks: a list of the largest entries does better there. On faces it does not, and on random matrices only where the budget is small.
#
# ```{claims}
# mmf-figure3-gain-over-svd
# mmf-table3-yale-b-b60-improvement
# mmf-table3-reuters-b120-improvement
# ```

# %% tags=["parameters", "hide-input"]
profile = "book"  # type: str  smoke, book or paper
dataset = None  # type: str  matrices, as "s6,digits" or "yale-b", None for the profile's
budgets = None  # type: str  budgets B, as "20" or "20,40", None for each matrix's own
methods = None  # type: str  methods, as "svd,mmf-lm", None for the profile's
seeds = None  # type: int  number of seeds, None for the profile's
mask = None  # type: str  mask family, None for the one that the pilot chose
n_masks = None  # type: int  masks K per side, None for the pilot's share of the budget
sweeps = None  # type: int  sweeps of the alternating solver, None for the profile's
device = "auto"  # type: str  cpu, cuda, mps, or auto for what is there

# %% tags=["hide-input"]
import time

import pandas as pd

from fourmasks.claims.files import load_claims
from fourmasks.claims.ledger import ledger
from fourmasks.experiments.profiles import resolve
from fourmasks.mmf.reconstruction import figures, plan, tables
from fourmasks.mmf.reconstruction.gains import gains_over
from fourmasks.pages import figures as page
from fourmasks.pages.tables import beside, cost, run_rows, spread
from fourmasks.records.store import book_records
from fourmasks.system.device import resolve_device

page.begin("mmf/reconstruction")
config = resolve(
    plan.PROFILES,
    profile,
    dataset=dataset,
    budgets=budgets,
    methods=methods,
    seeds=seeds,
    mask=mask,
    n_masks=n_masks,
    sweeps=sweeps,
)
device = str(resolve_device(device))
paper = book_records(plan.EXPERIMENT)
kept = tables.final_runs(paper)
kept_errors = tables.by_method(kept)
panels = [name for name in plan.PAPER_DATASETS if name[0] in "sh"]
real = [name for name in plan.PAPER_DATASETS if name not in panels]
rows = {row["id"]: row for row in ledger("mmf") if row["place"] in ("Table 1", "Table 3", "Figure 3")}

# %% [markdown]
# ## The method in code
#
# A random matrix, $64 \times 64$. A model with $K = 5$ masks and rank $R = 7$ has as many numbers as an SVD of rank 12, and reaches rank 35.

# %% tags=["nbval-check-output"]
from fourmasks.baselines.matrix import TruncatedSVD
from fourmasks.mmf.models.matrix_mmf import MMF

x = plan.load("s6", 0).values
model = MMF(budget=12, n_masks=5, dtype="float64", verbose=False).fit(x)
svd = TruncatedSVD(12).fit(x)
print(f"rank {model.effective_rank(1e-9)}, error {model.relative_error_:.2f}; SVD {svd.relative_error_:.2f}")

# %% [markdown]
# ## Figure 3: synthetic matrices
#
# $S_n$ holds $2^n \times 2^n$ independent normal numbers. $H_b$ has $b$ random blocks on its diagonal. The paper prints no numbers for this figure, and
# not its budgets; ours are on the axes. It claims that MMF is below SVD and plain factorizations at every budget.

# %% tags=["hide-input"]
synthetic = [record for record in paper if record.parameters["dataset"] in panels]
page.show(
    figures.error_against_budget(kept[kept["dataset"].isin(panels)]),
    alt="Ten panels, S_6 to S_10 and H_2 to H_6: relative error against budget. MMF lies below the SVD in every"
    " panel; the plain factorizations lie on the SVD or above it; keeping the largest entries lies below MMF on the"
    " block-diagonal matrices and at small budgets.",
    caption="Figure 3 (a)–(j) of the paper, with controls. MMF (dark blue) lies below the SVD (dashed black) everywhere."
    " But see how low the two controls lie that know nothing of masks: an SVD of each block, and the largest entries.",
    provenance=page.provenance(synthetic, profile="paper", data=", ".join(panels) + " (synthetic)"),
)

# %% tags=["hide-input", "nbval-check-output"]
lettered = [row for row in rows.values() if row["dataset"] in panels and row["place"] == "Figure 3"]
page.table(
    beside(lettered, ["dataset"], digits=1)[["ours", "verdict"]].rename(
        columns={"ours": "smallest gain (%)"}
    ),
    caption="Figure 3: MMF's smallest gain over SVD and plain factorizations at any budget, ± 95 %, and the verdict",
)

# %% [markdown]
# ## Table 3: faces and news stories
#
# The paper does not describe how it prepared either matrix, and it matters. We take Yale B as raw grey levels: the SVD's error is then far below
# the reported one. For Reuters we chose a rule for documents, terms and weights with the reported density and SVD errors in view, so
# that its SVD column is fitted rather than reproduced. On both, what can be compared is the **gain** of MMF over the SVD.

# %% tags=["nbval-check-output", "hide-input"]
page.table(
    tables.table_3(load_claims("mmf"), rows),
    caption="Table 3: relative errors and the gain over the SVD, the paper's beside ours, and the verdict on the gain",
)

# %% [markdown]
# The paper prints a gain of 20.2 % for Yale B at $B = 60$. Its own two errors in that row give 18.1 %. With few numbers there is less to gain on our faces:
# at $B = 10$ we find {claim}`mmf-table3-yale-b-b10-improvement measured` % where the paper has {claim}`mmf-table3-yale-b-b10-improvement reported`
# ({claim}`mmf-table3-yale-b-b10-improvement`).

# %% tags=["hide-input"]
# Of faces, hardly an entry is small: the largest ones alone would stretch the axis to 1.
stretched = (kept["dataset"] == "yale-b") & (kept["method"] == "largest-entries")
page.show(
    figures.error_against_budget(kept[kept["dataset"].isin(real) & ~stretched]),
    alt="Two panels, Yale B and Reuters: relative error against budget. On both, learned masks lie below the SVD."
    " On Reuters the largest entries have no error at any budget.",
    caption="Learned masks beat the SVD on both. Table 3 as curves, with controls. On Reuters a list of the non-zero"
    " entries is exact and smaller than the smallest budget.",
    provenance=page.provenance(
        [record for record in paper if record.parameters["dataset"] in real],
        profile="paper",
        data=", ".join(real),
    ),
)

# %% [markdown]
# ## Does the mask do the work?
#
# Yes on block matrices, in part on random ones. Each control takes one thing away from the masks and keeps their number $K$, the rank $R$, solver, sweeps and starts: the
# learning (frozen), the difference between rows (one mask for all), or which row has which mask (shuffled). None keeps any of the gain.
# But what is not learned costs no numbers. *Frozen, larger rank* spends them, so that it has the budget of the learned model. On small random matrices it has a large part of the gain, and the
# larger the matrix, the smaller the part. On block matrices it has little of it, the less the more blocks: there the learning is what counts.
#
# The table has the part of the gain over the SVD that is left: 100 % when the control does as well as learned masks, below 0 % when it does
# worse than the SVD. Each cell has its own budget and seeds, so that it can differ from the share above, which takes those that claim and control have in
# common. Cells without a number have not been run.

# %% tags=["hide-input", "nbval-check-output"]
page.table(
    tables.kept_by_controls(kept, largest=True),
    digits=0,
    caption="Part of MMF's gain over the SVD that each control has (%), at the largest budget of each matrix",
)

# %% [markdown]
# Two more controls ask whether the matrix needed a mask at all: an SVD of each block, as if somebody had told us the blocks, and a list of the
# largest entries, each kept as two numbers, its place and its value. The paper compares with neither.

# %% tags=["hide-input", "nbval-check-output"]
page.table(
    tables.below_mmf(kept_errors, [name for name in ("block-svd", "largest-entries") if name in kept_errors]),
    caption="At how many budgets each method has a lower mean error than MMF",
)

# %% [markdown]
# ## What could not be settled
#
# - **Controls on all matrices.** Those that are missing in the table above were not run: they take hours. Most of all, random masks as large as the learned model have not been run on faces and news stories.
# - **The preparation** of faces and documents is not described in the paper.
#
# ## Run it yourself
#
# ```console
# $ fourmasks run mmf/reconstruction                    # the small run below
# $ fourmasks run mmf/reconstruction --profile paper    # makes what is missing of the records
# ```
#
# The small run needs no download: two synthetic matrices, and 1797 images of digits that come with scikit-learn. To rerun with other values, see
# [How to rerun](../../book/rerun.md).

# %%
records = plan.run(config, profile, device)
live = tables.final_runs(records)

# %% tags=["hide-input"]
page.show(
    figures.error_against_budget(live),
    alt="One panel for each matrix. Relative error falls with the budget for every method. On the random matrix the"
    " curves of MMF lie below that of the SVD. The table in the closed box holds all points.",
    caption="The small run: relative error against the budget B, mean over seeds; bars are standard deviations.",
    provenance=page.provenance(records, profile=profile, data=", ".join(config.dataset)),
)

# %% tags=["hide-input", "nbval-check-output"]
page.table(
    tables.by_method(live),
    digits=3,
    caption="Relative error by budget B, mean over seeds: the points of the small run",
    best="lowest",
    along="rows",
    folded=True,
)

# %% tags=["hide-input"]
page.table(
    cost({"paper's setting": paper, "small run": records}),
    digits=2,
    caption="What the runs took: time is summed over runs, which ran one beside another",
)

# %% [markdown]
# ## Details

# %% tags=["hide-input", "nbval-check-output"]
DESCRIBED = {
    "mmf-lm": "MMF, fitted by alternating Levenberg–Marquardt, on synthetic matrices after a short run of Adam",
    "mmf-adam": "MMF, fitted by Adam with the reference implementation's settings",
    "mmf-frozen": "control: masks with random shifts that are never learned",
    "mmf-frozen-full": "control: the same, with the numbers that this saves spent on the rank",
    "mmf-shared": "control: one shift for all rows and one for all columns, masks that are not instance-wise",
    "mmf-shuffled": "control: the learned shifts, dealt out anew among rows and among columns, factors fitted again",
    "svd": "truncated SVD, the best of all factorizations of rank B",
    "block-svd": "control: an SVD of each block, as if somebody had told us the blocks",
    "largest-entries": "control: keep the largest entries, each as two numbers, its place and its value",
    "mf-sgd": "plain factorization by gradient descent, with the reference implementation's settings",
    "mf-ridge": "the same with a ridge, by Adam",
    "mf-bias": "the same with biases, by Adam, rank B − 1",
}
page.table(
    pd.DataFrame({"what it is": {name: DESCRIBED[name] for name in tables.ORDER}}).rename_axis("method"),
    caption="The methods. All have the same budget, but frozen, shared and shuffled masks fit fewer numbers",
    folded=True,
).show()
spent = {row["control"]["words"]: None for row in rows.values() if row["control"]}
page.table(
    pd.DataFrame(
        {"control of the claims at the head of the page": list(spent)}, index=range(1, len(spent) + 1)
    ),
    caption="What differs between MMF and the control that the claims are judged by",
    folded=True,
).show()
page.table(
    tables.kept_by_controls(kept),
    digits=0,
    caption="Part of MMF's gain over the SVD that each control has (%), at every budget",
    folded=True,
).show()
page.table(
    kept_errors.loc[panels],
    caption="Relative error by budget B, mean over seeds: the points of Figure 3",
    best="lowest",
    along="rows",
    folded=True,
).show()
page.table(
    tables.by_method(gains_over(kept, "svd"), "gain", lambda gain: spread(gain, 1)).fillna("–"),
    caption="Gain over the SVD in percent of its error, mean ± standard deviation over seeds: below zero it is a loss",
    folded=True,
).show()
page.table(
    kept_errors.loc[real].dropna(axis=1, how="all"),
    caption="Relative error on the real matrices by budget B, mean over seeds",
    best="lowest",
    along="rows",
    folded=True,
).show()
pilot = run_rows(
    book_records(plan.PILOT),
    plan.PILOT,
    ["dataset", "budget", "mask", "n_masks"],
)
page.table(
    pilot.pivot_table(index=["dataset", "budget", "mask"], columns="n_masks", values="relative_error"),
    caption="How mask and number of masks were chosen on real matrices: errors of a short training, one seed",
    best="lowest",
    folded=True,
)

# %% [markdown]
# :::{dropdown} Why plain factorization by gradient descent stays above the SVD
#
# At the reference implementation's rate it has not arrived after 2000 epochs on the large matrices. The SVD shows where it, and every plain
# factorization, would end. MMF by Adam, with the reference's rates and 2000 epochs, was run on $S_6$ to $S_8$ only: there it ends where
# our quicker runs end, or a little lower.
# :::

# %% tags=["hide-input"]
start = time.perf_counter()
picture = MMF(
    12,
    n_masks=4,
    mask="gaussian",
    parametrisation="paper",
    shift_spread=8.0,
    max_iter=15,
    dtype="float64",
    device=device,
    verbose=False,
).fit(plan.load(config.dataset[0], 0).values)
page.show(
    figures.masks_of_rows(picture.masks_[0], range(0, 40, 4)),
    alt="Four panels, one for each mask k from 1 to 4. In each, ten ridges, one a row of the matrix, show over the"
    " latent dimensions where the row's Gaussian mask is high. The bumps get narrower from the first panel to the"
    " last, and sit at different places in different rows.",
    caption="What a mask looks like: Gaussian masks of ten rows, as in Figure 2 of the paper. Within a panel each row has"
    " moved its bump to a place of its own: that place is the one number that a mask costs.",
    provenance=page.provenance_of_fit(
        profile=profile,
        data=config.dataset[0],
        seed=0,
        device=device,
        seconds=time.perf_counter() - start,
    ),
    folded=True,
)
timed = tables.solvers(records)
page.show(
    figures.error_against_time(timed),
    alt="One panel for each matrix: relative error against seconds on a logarithmic axis, a curve for each MMF"
    " method. All fall and flatten out; the table after the figure gives where they end.",
    caption="The two solvers of the small run against time, seed 0. The alternating solver makes few and dear steps, Adam many"
    " and cheap ones. On synthetic matrices the former starts from the latter, with rates ten times as large.",
    provenance=page.provenance(records, profile=profile, data=", ".join(config.dataset)),
    folded=True,
)

# %% tags=["hide-input", "nbval-check-output"]
page.table(
    tables.ends(timed),
    digits=3,
    caption="Where the solvers of the small run begin and end, at the largest budget of each matrix",
    folded=True,
).show()
page.verdicts(
    list(rows.values()),
    caption="Every number and statement of Tables 1 and 3 and Figure 3, and its verdict",
    folded=True,
)
