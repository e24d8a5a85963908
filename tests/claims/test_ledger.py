"""The ledger: a row for each claim, with what was measured and how it is judged."""

import json
from dataclasses import asdict, replace

import numpy
import pytest
import yaml
from scipy import stats

from fourmasks.claims.ledger import as_table, ledger, summary
from fourmasks.claims.statistics import estimate, p_inside
from fourmasks.claims.verdicts import VERDICTS
from fourmasks.records.standing import code_digest
from fourmasks.records.store import Record

KEYS = set(
    "id paper place kind headline fault dataset method metric reported quote effect margin measured spread"
    " n_seeds interval test p p_adjusted further verdict control why record".split()
)


def record(error, *, profile="paper", **parameters):
    function = "fourmasks.data.readers.synthetic.random_dense"
    return Record(
        experiment="mmf/reconstruction",
        profile=profile,
        parameters=parameters,
        metrics={"relative_error": float(error)},
        curves={},
        seconds=1.0,
        peak_memory_mb=1.0,
        device="cpu",
        threads=1,
        versions={},
        commit="unknown",
        machine={},
        function=function,
        code=code_digest(function, {}),
        confirmed={},
        data_sha256="0" * 64,
        created="2026-01-01T00:00:00+00:00",
    )


def runs(errors, **parameters):
    """One record per error, with seeds 0, 1, ..."""
    return [record(error, seed=seed, **parameters) for seed, error in enumerate(errors)]


ENTRY = {
    "id": "one",
    "place": "Table 3",
    "kind": "experiment",
    "form": "value",
    "metric": "relative_error",
    "protocol": "p",
    "reported": 0.5,
    "dataset": "s6",
    "method": "mmf",
    "experiment": "mmf/reconstruction",
    "match": {"method": "mmf"},
}


def write(folder, *entries, paper="mmf", overlap=None, **group):
    content = {"paper": paper, "groups": [{**group, "claims": list(entries)}]}
    content |= {"overlap": overlap} if overlap else {}
    (folder / "data/claims" / f"{paper}.yaml").write_text(yaml.safe_dump(content), encoding="utf-8")


def test_ledger_rows_are_json_with_exactly_the_promised_keys(folder):
    write(folder, ENTRY, ENTRY | {"id": "two", "dataset": "s7"})
    one, two = ledger("mmf", records=runs([0.5] * 5, method="mmf", dataset="s6"))
    assert one.keys() == two.keys() == KEYS
    assert json.loads(json.dumps([one, two])) == [one, two]
    assert (one["measured"], one["spread"], one["n_seeds"], one["verdict"]) == (0.5, 0.0, 5, "reproduced")
    assert (two["measured"], two["spread"], two["n_seeds"], two["record"]) == (None, None, 0, [])
    assert two["verdict"] == "not attempted"
    assert two["why"] == "no record of mmf/reconstruction with dataset s7, method mmf in profile paper"


@pytest.mark.parametrize(
    ("change", "label"),
    [
        ({}, "relative_error"),
        ({"form": "gain", "baselines": [{}]}, "gain in relative_error (%)"),
        ({"form": "bound", "baselines": [{}], "between": [0, 1]}, "ratio of relative_error"),
        ({"form": "bound", "between": [0, 1]}, "relative_error"),
        ({"form": "optimum", "along": "n_masks", "between": [0, 1]}, "n_masks of the best relative_error"),
        ({"form": "trend", "along": "n_masks"}, "step of relative_error"),
    ],
)
def test_ledger_says_what_it_measures(folder, change, label):
    words = {"reported": "words"} if change.get("form") in ("bound", "optimum", "trend") else {}
    write(folder, ENTRY | change | words)
    assert ledger("mmf", records=[])[0]["metric"] == label


@pytest.mark.parametrize(("budgets", "label"), [((10,), "gain"), ((10, 20), "smallest gain")])
def test_only_of_several_gains_there_is_a_smallest(folder, budgets, label):
    order = {"form": "order", "reported": "lower", "over": ["budget"], "baselines": [{"method": "svd"}]}
    write(folder, ENTRY | order)
    made = [
        run
        for budget in budgets
        for method, error in (("mmf", 0.4), ("svd", 0.5))
        for run in runs([error] * 3, method=method, dataset="s6", budget=budget)
    ]
    assert ledger("mmf", records=made)[0]["metric"] == f"{label} in relative_error (%)"


def test_ledger_counts_only_records_of_its_profile(folder):
    write(folder, ENTRY)
    quick = runs([0.5] * 5, method="mmf", dataset="s6", profile="book")
    assert ledger("mmf", records=quick)[0]["verdict"] == "not attempted"
    assert ledger("mmf", records=quick, profile="book")[0]["verdict"] == "reproduced"


def test_ledger_reads_committed_records_and_names_their_files(folder):
    write(folder, ENTRY)
    found = record(0.5, method="mmf", dataset="s6", seed=0)
    name = f"mmf-reconstruction-{found.key}.json"
    path = folder / "data/records/mmf" / name
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(asdict(found)), encoding="utf-8")
    assert ledger()[0]["record"] == [name]


def test_ledger_shows_stale_records(folder):
    write(folder, ENTRY)
    fresh, old = runs([0.5, 0.5], method="mmf", dataset="s6")
    rows = ledger("mmf", records=[fresh, replace(old, code="0" * 32)])
    assert "stale: 1 of 2 records are older than the code" in rows[0]["why"]
    assert "stale" not in ledger("mmf", records=[fresh])[0]["why"]


def test_ledger_shows_notes_and_typed_reasons(folder):
    bare = {name: value for name, value in ENTRY.items() if name not in ("experiment", "match")}
    write(
        folder,
        ENTRY | {"note": "its own columns give 0.4"},
        bare | {"id": "two", "why": "needs a week"},
        bare | {"id": "three", "why": "private traffic", "cannot_be": True},
        ENTRY | {"id": "four", "dataset": "s10", "why": "too large for 2 cores"},
    )
    one, two, three, four = ledger("mmf", records=runs([0.5] * 5, method="mmf", dataset="s6"))
    assert one["why"].startswith("reported 0.5 (its own columns give 0.4)")
    assert (two["verdict"], two["why"]) == ("not attempted", "needs a week")
    assert (three["verdict"], three["why"]) == ("cannot be", "private traffic")
    assert (four["verdict"], four["why"]) == ("not attempted", "too large for 2 cores")
    assert summary([one, two, three, four]) == dict(zip(VERDICTS, [1, 0, 0, 0, 2, 1], strict=True))


def test_ledger_of_all_papers(folder):
    write(folder, ENTRY)
    write(folder, ENTRY | {"experiment": "pia/x"}, paper="pia")
    assert [row["paper"] for row in ledger(records=[])] == ["mmf", "pia"]
    found = ledger(records=runs([0.5] * 5, method="mmf", dataset="s6"))
    assert [row["verdict"] for row in found] == ["reproduced", "not attempted"]  # though the ids are the same


def test_ledger_refuses_unknown_names(folder):
    write(folder, ENTRY)
    with pytest.raises(ValueError, match="unknown paper 'mff'.*Did you mean 'mmf'"):
        ledger("mff")
    with pytest.raises(ValueError, match="unknown profile 'papr'.*Did you mean 'paper'"):
        ledger("mmf", profile="papr")


def test_table_shows_texts_and_no_interval_of_one_seed(folder):
    write(folder, ENTRY, ENTRY | {"id": "two", "dataset": "s7"}, ENTRY | {"id": "three", "dataset": "s8"})
    found = runs([1 / 3], method="mmf", dataset="s6") + runs([0.5, 0.5], method="mmf", dataset="s7")
    frame = as_table(ledger("mmf", records=found))
    assert list(frame.index) == ["one", "two", "three"]
    assert list(frame["measured"]) == ["0.3333", "0.5", "–"]
    assert list(frame["interval"]) == ["–", "0.5 to 0.5", "–"]
    many = as_table(ledger("mmf", records=runs([1_000_209.0], method="mmf", dataset="s6")))
    assert many.loc["one", "measured"] == "1000209"


# ---- how a row is judged ----


def test_a_row_says_how_it_was_judged(folder):
    write(folder, ENTRY, overlap={"mmf/reconstruction": {"s6": 0.125}})
    (row,) = ledger("mmf", records=runs([0.49, 0.5, 0.5, 0.5, 0.505], method="mmf", dataset="s6"))
    found = estimate([0.49, 0.5, 0.5, 0.5, 0.505], 0.125)
    assert row["interval"] == [found.mean - found.half, found.mean + found.half]
    assert (row["margin"], row["test"]) == (0.005, "two one-sided t, corrected for overlap 0.125")
    assert row["p"] == row["p_adjusted"] == pytest.approx(p_inside(found, 0.495, 0.505, 0.125))
    assert row["verdict"] == "inconclusive"
    assert row["why"].endswith(
        "would settle it, if mean and spread stayed the same; the mean is in the claimed range"
    )
    assert row["why"].startswith(f"{row['further']} more")


@pytest.mark.parametrize(
    ("change", "test"),
    [
        ({}, "two one-sided t"),
        ({"exact": True}, "exact"),
        ({"form": "fact", "decimals": 1}, "exact"),
        ({"form": "bound", "reported": "low", "between": [None, 1]}, "one-sided t"),
        ({"form": "bound", "reported": "low", "between": [0, 1]}, "two one-sided t"),
    ],
)
def test_a_row_names_its_test(folder, change, test):
    write(folder, ENTRY | change)
    (row,) = ledger("mmf", records=runs([0.5] * 5, method="mmf", dataset="s6"))
    assert (row["test"], row["verdict"]) == (test, "reproduced")
    assert (row["p"] is None) == (test == "exact") == (row["p_adjusted"] is None)


def test_one_run_has_no_test_and_the_row_says_so(folder):
    write(folder, ENTRY)
    (row,) = ledger("mmf", records=runs([0.5], method="mmf", dataset="s6"))
    assert (row["test"], row["p"], row["interval"], row["further"]) == (None, None, None, 4)
    assert row["why"] == "one run gives no interval; the mean is in the claimed range"


def test_claims_of_a_table_are_judged_together_and_those_of_others_are_not(folder):
    values = [0.5 + 0.0045 * one for one in (-1, -0.5, 0, 0.5, 1)]
    found = [r for name in ("s6", "s7", "s8") for r in runs(values, method="mmf", dataset=name)]
    write(
        folder,
        ENTRY,
        ENTRY | {"id": "two", "dataset": "s7"},
        ENTRY | {"id": "3", "dataset": "s8", "place": "Table 4"},
    )
    one, two, other = ledger("mmf", records=found)
    assert one["p"] == two["p"] == other["p"] == other["p_adjusted"]
    assert one["p_adjusted"] == two["p_adjusted"] == pytest.approx(2 * one["p"])


def test_what_is_not_comparable_is_measured_but_neither_judged_nor_counted(folder):
    write(folder, ENTRY | {"not_comparable": "protocol not given"}, ENTRY | {"id": "two"})
    one, two = ledger("mmf", records=runs([0.49, 0.5, 0.5, 0.5, 0.505], method="mmf", dataset="s6"))
    assert (one["verdict"], one["why"]) == ("not comparable", "protocol not given")
    assert (one["measured"], one["p_adjusted"], one["further"]) == (0.499, None, None)
    assert two["p_adjusted"] == two["p"]
    assert summary([one, two]) == {name: int(name in ("not comparable", "inconclusive")) for name in VERDICTS}


def test_what_is_not_comparable_and_not_run_is_not_attempted(folder):
    write(folder, ENTRY | {"not_comparable": "protocol not given"})
    assert ledger("mmf", records=[])[0]["verdict"] == "not attempted"


# ---- the control ----

HEADLINE = ENTRY | {
    "headline": True,
    "quote": "better",
    "effect": "20 %",
    "control": {"masks": "ones"},
    "control_words": "masks of ones",
    "match": {"method": "mmf", "masks": "learned"},
}


@pytest.mark.parametrize(
    ("without", "direction", "helps"),
    [
        ([0.6, 0.61, 0.62], "decrease", "yes"),
        ([0.6, 0.61, 0.62], "increase", "no"),
        ([0.4, 0.41, 0.42], "decrease", "no"),
        ([0.4, 0.5, 0.61], "decrease", "cannot tell"),
        ([0.5, 0.5, 0.5], "decrease", "no"),  # the same without the mask
        ([0.6], "decrease", "cannot tell"),
    ],
)
def test_the_control_says_whether_the_mask_helps(folder, without, direction, helps):
    write(folder, HEADLINE | {"direction": direction})
    masked = runs([0.5] * 3, method="mmf", masks="learned", dataset="s6")[: len(without)]
    (row,) = ledger("mmf", records=[*masked, *runs(without, method="mmf", masks="ones", dataset="s6")])
    found = row["control"]
    assert (found["words"], found["helps"], found["n_seeds"]) == ("masks of ones", helps, len(without))
    gains = [100 * (1 - 0.5 / one) * (1 if direction == "decrease" else -1) for one in without]
    assert found["measured"] == pytest.approx(sum(gains) / len(gains))
    assert (found["interval"] is None) == (len(without) == 1)
    assert (row["headline"], row["quote"], row["effect"]) == (True, "better", "20 %")


@pytest.mark.parametrize(("overlap", "helps"), [(0.0, "yes"), (1.0, "cannot tell")])
def test_the_control_is_corrected_for_overlap(folder, overlap, helps):
    write(folder, HEADLINE, overlap={"mmf/reconstruction": {"s6": overlap}})
    found = runs([0.5] * 5, method="mmf", masks="learned", dataset="s6")
    found += runs([0.52, 0.53, 0.55, 0.57, 0.58], method="mmf", masks="ones", dataset="s6")
    assert ledger("mmf", records=found)[0]["control"]["helps"] == helps


def test_the_control_is_on_average_over_the_cells(folder):
    order = HEADLINE | {
        "form": "order",
        "reported": "better",
        "baselines": [{"method": "svd"}],
        "over": ["budget"],
    }
    write(folder, order | {"rival": 0.01})  # the printed rival has no part in the control
    found = []
    for budget, without in ((10, 1.0), (20, 0.4)):  # gains of 50 and -25 %
        for method, masks, error in (
            ("mmf", "learned", 0.5),
            ("mmf", "ones", without),
            ("svd", "learned", 0.6),
        ):
            found += runs([error] * 2, method=method, masks=masks, budget=budget, dataset="s6")
    (row,) = ledger("mmf", records=found)
    assert (row["control"]["measured"], row["control"]["helps"]) == (pytest.approx(12.5), "yes")
    assert row["verdict"] == "not reproduced"


GAIN = (
    HEADLINE
    | {"form": "order", "reported": "better", "baselines": [{"method": "svd"}]}
    | {"over": ["dataset"]}
)


def test_the_share_is_a_mean_over_the_cells(folder):
    write(folder, GAIN | {"over": ["budget"], "match": GAIN["match"] | {"budget": [10, 20]}})
    found = []
    for budget, without in ((10, 0.9), (20, 0.6)):  # nothing is left of half the gain, and half of the other
        for method, masks, error in (
            ("mmf", "learned", 0.3),
            ("mmf", "ones", without),
            ("svd", "learned", 0.9),
        ):
            found += runs([error] * 2, method=method, masks=masks, budget=budget, dataset="s6")
    assert ledger("mmf", records=found)[0]["control"]["kept"]["measured"] == pytest.approx(25)


def shares(folder, with_mask, without, rival):
    """Return what the ledger says of the share of the gain that is left without the mask."""
    write(folder, GAIN)
    found = runs(with_mask, method="mmf", masks="learned", dataset="s6")
    found += runs(without, method="mmf", masks="ones", dataset="s6")
    found += runs(rival, method="svd", masks="learned", dataset="s6")
    (row,) = ledger("mmf", records=found)
    return row["control"]["kept"]


@pytest.mark.parametrize(("without", "share"), [(0.5, 100), (0.6, 75), (0.9, 0), (1.0, -25)])
def test_the_share_of_the_gain_that_is_left_without_the_mask(folder, without, share):
    kept = shares(folder, [0.5, 0.5, 0.5], [without] * 3, [0.9] * 3)
    assert kept["measured"] == pytest.approx(share)
    assert kept["interval"] == pytest.approx([share, share])


def test_the_interval_of_the_share_is_that_of_a_ratio_of_paired_means(folder):
    """Fieller's interval, the exact one for normal pairs, is near where the gain is sure."""
    generator = numpy.random.default_rng(0)
    gains = 0.5 + 0.01 * generator.standard_normal(8)
    left = 0.5 * gains + 0.01 * generator.standard_normal(8)
    kept = shares(folder, *(list(0.9 * (1 - one)) for one in (gains, left)), [0.9] * 8)
    t = stats.t.ppf(0.975, 7)
    covariance = numpy.cov(left, gains) / 8
    a = gains.mean() ** 2 - t**2 * covariance[1, 1]
    b = left.mean() * gains.mean() - t**2 * covariance[0, 1]
    c = left.mean() ** 2 - t**2 * covariance[0, 0]
    root = (b**2 - a * c) ** 0.5
    assert kept["interval"] == pytest.approx([100 * (b - root) / a, 100 * (b + root) / a], abs=0.05)


@pytest.mark.parametrize("with_mask", [[0.5, 1.2, 0.9], [1.1, 1.1, 1.1]])
def test_no_share_of_a_gain_that_may_be_none(folder, with_mask):
    assert shares(folder, with_mask, [0.8, 0.8, 0.8], [0.9, 0.9, 0.9]) is None


def test_a_control_without_runs_says_what_is_missing(folder):
    write(folder, HEADLINE)
    (row,) = ledger("mmf", records=runs([0.5] * 5, method="mmf", masks="learned", dataset="s6"))
    assert row["control"]["words"] == "masks of ones"
    assert row["control"]["why"].startswith(
        "no record of mmf/reconstruction with dataset s6, masks ones, method mmf"
    )
