"""data/claims/pia.yaml: what the paper prints is in the ledger, and the paper's own numbers bear it out."""

from types import SimpleNamespace

import pytest

from fourmasks.claims.files import load_claims
from fourmasks.claims.ledger import ledger
from fourmasks.claims.verdicts import gather, judge
from fourmasks.pia.overhead import plan as overhead_plan
from fourmasks.pia.recommenders import plan as recommender_plan
from fourmasks.pia.recommenders.run import GROUPS
from fourmasks.pia.sweep import plan as sweep_plan
from fourmasks.pia.theorems import plan as theorem_plan

METRICS = ("recall_at_20", "recall_at_50", "ndcg_at_100")
PAPER_DATA = ("ml-20m", "netflix", "msd")

# Recall@20, Recall@50 and NDCG@100 of ML-20M, then of Netflix, then of MSD; under the names of our records.
TABLE_1 = """
popularity     .162 .235 .191 .116 .175 .159 .043 .068 .058
ease           .391 .521 .420 .362 .445 .393 .333 .428 .389
als            .367 .498 .399 .335 .422 .369 .258 .353 .314
wmf            .362 .495 .389 .321 .402 .349 .211 .312 .257
grals          .376 .505 .401 .335 .416 .365 .201 .275 .245
plrec          .394 .527 .426 .357 .441 .390 .286 .383 .344
warp           .310 .448 .348 .273 .360 .312 .162 .253 .210
lambdanet      .395 .534 .427 .352 .441 .386 .259 .355 .308
cdae           .391 .523 .418 .343 .428 .376 .188 .283 .237
ract           .403 .543 .434 .357 .450 .392 .268 .364 .319
multi-vae      .395 .537 .426 .351 .444 .386 .266 .364 .316
multi-vae+pia  .408 .546 .437 .360 .448 .392 .275 .372 .326
rec-vae        .414 .553 .442 .361 .452 .394 .276 .374 .326
rec-vae+pia    .417 .556 .446 .365 .454 .396 .278 .376 .329
"""
UPLIFTS_1 = """
multi-vae+pia  3.29 1.68 2.58 2.56 0.90 1.55 3.38 2.20 3.16
rec-vae+pia    0.72 0.54 0.90 1.01 0.44 0.51 0.72 0.54 0.92
"""

# Each group's Multi-VAE, Multi-VAE + PIA and uplift.
TABLE_3 = """
5_to_10    .461 .625 .317  .473 .629 .323  2.72 0.55 1.63
11_to_50   .421 .595 .429  .424 .598 .434  0.86 0.49 0.13
51_to_100  .313 .478 .497  .314 .479 .502  0.26 0.09 0.85
over_100   .418 .386 .474  .435 .393 .486  4.09 0.72 2.57
"""

# Offline: Multi-VAE, Multi-VAE + PIA, uplift. Online: control group, Multi-VAE + PIA, uplift, on each card.
TABLE_2 = {
    "offline": ".592 .288 .386  .609 .302 .405  2.87 4.88 5.13",
    "home": "27.7 4.4 5.3  74.6 9.5 12.0  169 117 123",
    "movie": "16.8 3.4 4.2  102.6 12.5 16.2  509 267 283",
}

TABLE_5 = """
ml-20m   136677  20108  1.00e7  .0036  10000
netflix  463435  17769  5.69e7  .0069  40000
msd      571355  41140  3.36e7  .0014  50000
"""


@pytest.fixture(scope="module")
def pia():
    return load_claims("pia")


def rows(table):
    for line in table.strip().splitlines():
        name, *values = line.split()
        yield name, [float(value) for value in values]


def run(experiment, metrics, **parameters):
    return SimpleNamespace(
        experiment=experiment, metrics=metrics, parameters=parameters, data_sha256=parameters.get("dataset")
    )


def judged(claim, records):
    """Return the finding on a claim that stands alone."""
    return judge([gather(claim, records)])[0]


def off_by_rounding(before, after, digits):
    """Return the lowest and the highest uplift, in percent, that rounding leaves possible."""
    half = 0.5 * 10**-digits
    return 100 * ((after - half) / (before + half) - 1), 100 * ((after + half) / (before - half) - 1)


def test_every_number_of_table_1_is_there(pia):
    found = {
        (c.match["method"], c.dataset[0], c.metric): c.reported
        for c in pia
        if (c.place, c.form) == ("Table 1", "value")
    }
    columns = [(dataset, metric) for dataset in PAPER_DATA for metric in METRICS]
    expected = {
        (method, *column): value
        for method, values in rows(TABLE_1)
        for column, value in zip(columns, values, strict=True)
    }
    assert found == expected


def test_every_uplift_of_table_1_is_there_and_follows_from_its_columns(pia):
    found = {
        (c.match["method"], c.dataset[0], c.metric): c
        for c in pia
        if (c.place, c.form) == ("Table 1", "gain")
    }
    columns = [(dataset, metric) for dataset in PAPER_DATA for metric in METRICS]
    numbers = dict(rows(TABLE_1))
    for method, uplifts in rows(UPLIFTS_1):
        base = method.removesuffix("+pia")
        for column, uplift, before, after in zip(
            columns, uplifts, numbers[base], numbers[method], strict=True
        ):
            claim = found.pop((method, *column))
            assert (claim.reported, claim.baselines) == (uplift, [{"method": base}])
            low, high = off_by_rounding(before, after, 3)
            assert low <= uplift <= high
    assert not found


def test_every_number_of_table_3_is_there_and_what_does_not_follow_has_a_note(pia):
    listed = [c for c in pia if c.place == "Table 3" and c.form != "order"]
    assert len(listed) == 36 and {c.dataset for c in listed} == {("ml-20m",)}
    found = {(c.form, c.match["method"], c.metric): c for c in listed}
    for group, values in rows(TABLE_3):
        assert group in GROUPS
        for place, metric in enumerate(METRICS):
            before, after, uplift = values[place], values[3 + place], values[6 + place]
            name = f"{metric}_of_{group}"
            assert found["value", "multi-vae", name].reported == before
            assert found["value", "multi-vae+pia", name].reported == after
            gain = found["gain", "multi-vae+pia", name]
            assert gain.reported == uplift
            low, high = off_by_rounding(before, after, 3)
            follows = low <= uplift <= high
            assert follows == (gain.note is None)
            if not follows:
                assert gain.note == f"its own columns give {100 * (after / before - 1):.2f}"


def test_table_2_cannot_be_and_all_of_it_is_there(pia):
    found = [c for c in pia if c.place == "Table 2"]
    assert all(c.cannot_be and c.experiment is None and c.why for c in found)
    for part, text in TABLE_2.items():
        numbers = [float(value) for value in text.split()]
        mine = [c.reported for c in found if c.id.startswith(f"pia-table2-{part}-")]
        assert sorted(mine) == sorted(numbers)
        assert [c.form for c in found if c.id.startswith(f"pia-table2-{part}-")].count("gain") == 3
    assert len(found) == 27


def test_every_number_of_table_5_is_there_and_its_densities_follow_from_its_counts(pia):
    found = {(c.dataset[0], c.metric): c.reported for c in pia if c.place == "Table 5"}
    names = ("users", "items", "interactions", "density", "held_out")
    assert found == {
        (dataset, name): value
        for dataset, values in rows(TABLE_5)
        for name, value in zip(names, values, strict=True)
    }
    for _, (users, items, interactions, density, _) in rows(TABLE_5):
        assert interactions / (users * items) == pytest.approx(density, abs=1e-4)


def test_counts_of_table_5_are_judged_as_they_are_printed(pia):
    (claim,) = [c for c in pia if c.id == "pia-table5-ml-20m-interactions"]
    for count, verdict in ((9_990_682, "reproduced"), (9_900_000, "not reproduced")):
        records = [run("pia/datasets", {"interactions": float(count)}, dataset="ml-20m", seed=0)]
        assert judged(claim, records).verdict == verdict


def test_table_6_has_its_six_numbers_and_they_fit(pia):
    found = {(c.dataset[0], c.metric): c.reported for c in pia if c.place == "Table 6" and c.form == "value"}
    assert len(found) == 6
    for dataset in ("ml-20m", "netflix"):
        plain, aligned = (found[dataset, name] for name in ("plain_epoch_seconds", "epoch_seconds"))
        assert 100 * (aligned / plain - 1) == pytest.approx(found[dataset, "overhead_percent"], abs=0.01)


def test_data_that_are_held_out_are_marked_so(pia):
    for claim in pia:
        assert claim.held_out == (claim.experiment == recommender_plan.EXPERIMENT), claim.id


def test_claims_name_what_the_experiments_write(pia):
    metrics = {f"{name}_of_{group}" for name in METRICS for group in GROUPS} | set(METRICS)
    for claim in pia:
        if claim.experiment == recommender_plan.EXPERIMENT:
            assert claim.metric in metrics
            named = [claim.match, *claim.baselines]
            assert {one["method"] for one in named if "method" in one} <= set(recommender_plan.METHODS)
        if claim.experiment == sweep_plan.EXPERIMENT:
            tried = sweep_plan.points(sweep_plan.PROFILES["paper"])
            weights = claim.match["alignment_weight"]
            wanted = {
                (weight, patience, scale)
                for weight in (weights if isinstance(weights, list) else [weights])
                for patience in _listed(claim.match["alignment_patience"])
                for scale in _listed(claim.match["alignment_scale"])
            }
            assert wanted <= set(tried)
            assert claim.dataset == sweep_plan.PROFILES["paper"].dataset
        if claim.experiment == overhead_plan.EXPERIMENT:
            assert claim.metric in ("epoch_seconds", "plain_epoch_seconds", "overhead_percent")
        if claim.experiment == theorem_plan.EXPERIMENT:
            tried = theorem_plan.VARIANTS[claim.match["statement"]]
            for name, wanted in claim.match.items():
                assert name == "statement" or set(_listed(wanted)) <= {variant[name] for variant in tried}


def _listed(value):
    return value if isinstance(value, list) else [value]


def test_a_theorem_is_reproduced_where_it_never_fails(pia):
    listed = [c for c in pia if c.experiment == theorem_plan.EXPERIMENT]
    assert {(c.kind, c.form, c.reported, c.decimals) for c in listed} == {("theory", "fact", 0, 0)}
    assert all(c.metric.endswith("_violations") and c.note for c in listed)
    places = (
        "Theorem 2.3",
        "Lemma 2.4",
        "Theorem 2.5",
        "Theorem 2.6",
        "Equation 6",
        "Equation 7",
        "Theorem 2.3, Result 1",
    )
    assert {c.place for c in listed} == {*places, "Proposition 3.1", "Proposition 3.2", "Algorithm 1"}
    (claim,) = [c for c in listed if c.id == "pia-theorem26"]
    for violations, verdict in ((0.0, "reproduced"), (1.0, "not reproduced")):
        records = [run(claim.experiment, {claim.metric: violations}, statement="distance")]
        assert judged(claim, records).verdict == verdict


def test_without_records_nothing_is_attempted_and_the_reason_is_given():
    found = ledger("pia", records=[])
    assert {row["verdict"] for row in found} == {"not attempted", "cannot be"}
    for row in found:
        if row["dataset"] in PAPER_DATA:
            assert "not at hand" in row["why"]


@pytest.mark.parametrize(
    ("uplifts", "verdict"),
    [((0.010, 0.011, 0.012), "reproduced"), ((0.001, -0.001, 0.004), "inconclusive"),
     ((-0.01, -0.011, -0.012), "not reproduced")],
)  # fmt: skip
def test_an_uplift_is_judged_over_splits(pia, uplifts, verdict):
    (claim,) = [c for c in pia if c.id == "pia-table1-ml-1m-ndcg100-multi-vae-improved"]
    records = []
    for split, uplift in enumerate(uplifts):
        place = {"dataset": "ml-1m", "split_seed": split, "seed": split}
        records.append(run(claim.experiment, {claim.metric: 0.4}, method="multi-vae", **place))
        records.append(run(claim.experiment, {claim.metric: 0.4 + uplift}, method="multi-vae+pia", **place))
    assert judged(claim, records).verdict == verdict


@pytest.mark.parametrize(("values", "verdict"), [((0.44, 0.441), "reproduced"), ((0.44, 0.41), "not")])
def test_a_grid_is_stable_where_all_of_it_is_near_the_papers_choice(pia, values, verdict):
    (claim,) = [c for c in pia if c.id == "pia-figure3-stable"]
    records = [
        run(claim.experiment, {claim.metric: value + 0.0001 * seed}, dataset="ml-100k", seed=seed,
            split_seed=seed, alignment_weight=2.0, alignment_patience=patience, alignment_scale=scale)
        for seed in range(5)
        for patience, scale, value in ((5, 2.0, values[0]), (10, 1.5, values[1]))
    ]  # fmt: skip
    assert judged(claim, records).verdict.startswith(verdict)
