"""The claims files: what is read, and what is refused by name."""

import pytest
import yaml

from fourmasks.claims.files import load_claims

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


def test_a_group_shares_fields_and_joins_match(folder):
    write(folder, {"id": "one", "match": {"budget": 10}}, **{k: v for k, v in ENTRY.items() if k != "id"})
    (found,) = load_claims("mmf")
    assert found.match == {"dataset": "s6", "method": "mmf", "budget": 10}
    assert (found.dataset, found.place) == (("s6",), "Table 3")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"metrik": "x"}, "unknown field 'metrik'.*Did you mean 'metric'"),
        ({"form": "vlaue"}, "unknown form 'vlaue'.*Did you mean 'value'"),
        ({"kind": "value"}, "unknown kind 'value'"),
        ({"dataset": "yaleb"}, "unknown dataset 'yaleb'.*Did you mean 'yale-b'"),
        ({"dataset": ["s6", "s11"]}, "unknown dataset 's11'"),
        ({"direction": "down"}, "unknown direction 'down'"),
        ({"reported": "0.5?"}, "reported is '0.5\\?': expected a number"),
        ({"reported": True}, "expected a number"),
        ({"reported": float("nan")}, "expected a number"),
        ({"form": "order", "baselines": [{}], "over": ["budget"]}, "expected words"),
        ({"form": "order", "reported": "below"}, "form order needs baselines, over"),
        ({"form": "gain"}, "form gain needs baselines"),
        ({"form": "gain", "baselines": [{}, {}]}, "single baseline"),
        ({"form": "gain", "baselines": ["svd"]}, "baselines are to be mappings"),
        ({"form": "trend", "reported": "up", "baselines": [{}], "over": ["budget"]}, "several datasets"),
        ({"form": "fact"}, "form fact needs decimals"),
        ({"baselines": [{}]}, "form value has no baselines"),
        ({"form": "bound", "reported": "below"}, "form bound needs between"),
        ({"form": "optimum", "reported": "half"}, "form optimum needs along, between"),
        ({"form": "bound", "reported": 2, "between": [None, 2]}, "expected words"),
        ({"between": [2, 1]}, "between is \\[2, 1\\]: expected two ascending numbers"),
        ({"between": [1, 1]}, "expected two ascending numbers"),
        ({"between": [None, None]}, "expected two ascending numbers"),
        ({"between": [1]}, "expected two ascending numbers"),
        ({"between": ["1", 2]}, "expected two ascending numbers"),
        ({"held_out": 1}, "held_out is 1, which is of the wrong type"),
        ({"match": ["svd"]}, "match is .* wrong type"),
        ({"place": None}, "place is None, which is of the wrong type"),
        ({"cannot_be": True}, "cannot_be goes without an experiment"),
        ({"experiment": "pia/x"}, "expected mmf/"),
        ({"reported": 0}, "its margin is zero: take form fact"),
        ({"rival": 0.5}, "its margin is zero"),
        ({"rival": "0.6"}, "rival is '0.6', which is of the wrong type"),
        ({"exact": 1}, "exact is 1, which is of the wrong type"),
        ({"overlap": 0.1}, "unknown field 'overlap'"),  # it is of an experiment, not of a claim
        ({"headline": True}, "a headline needs control, control_words, effect, quote"),
        ({"headline": True, "quote": "q", "effect": "e"}, "a headline needs control, control_words"),
        ({"headline": True, "kind": "theory"}, "a headline needs effect, quote"),
        ({"headline": True, "kind": "data", "quote": "q"}, "a headline needs effect"),
        ({"control": {"masks": "ones"}}, "control and control_words go together"),
        ({"control_words": "masks of ones"}, "control and control_words go together"),
    ],
)
def test_a_bad_claim_is_refused_with_file_and_id(folder, change, message):
    write(folder, ENTRY | change)
    with pytest.raises(ValueError, match=f"mmf.yaml: claim one: .*{message}"):
        load_claims("mmf")


@pytest.mark.parametrize("name", ["place", "kind", "form", "metric", "protocol", "reported"])
def test_a_missing_field_is_named(folder, name):
    write(folder, {key: value for key, value in ENTRY.items() if key != name})
    with pytest.raises(ValueError, match=f"mmf.yaml: claim one: {name} missing"):
        load_claims("mmf")


def test_a_claim_without_experiment_needs_a_reason(folder):
    write(folder, {key: value for key, value in ENTRY.items() if key != "experiment"})
    with pytest.raises(ValueError, match="claim one: without an experiment it needs why"):
        load_claims("mmf")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("paper: mmf\ngroups: [", "not|while parsing"),
        ("paper: mmf", "expected paper, groups, perhaps overlap"),
        ("paper: pia\ngroups: []", "expected the file's name, 'mmf'"),
        ("paper: mmf\ngroups: [{place: Table 3}]", "expected a group with claims"),
        ("paper: mmf\ngroups: [{claims: [{form: value}]}]", "a claim without id"),
        ("paper: !!python/object/apply:os.getcwd []\ngroups: []", "could not determine a constructor"),
    ],
)
def test_a_bad_file_is_refused_by_name(folder, text, message):
    (folder / "data/claims/mmf.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=f"(?s)mmf.yaml: .*({message})"):
        load_claims("mmf")


def test_ids_are_unique(folder):
    write(folder, ENTRY, ENTRY)
    with pytest.raises(ValueError, match="mmf.yaml: more than one claim has the id one"):
        load_claims("mmf")


# ---- headlines and overlap ----


def test_a_headline_states_words_effect_and_for_experiments_a_control(folder):
    stated = {"headline": True, "quote": "never fails", "effect": "none fails"}
    control = {"control": {"masks": "ones"}, "control_words": "masks of ones"}
    write(folder, ENTRY | stated | control, ENTRY | stated | {"id": "two", "kind": "theory"})
    one, two = load_claims("mmf")
    assert (one.headline, one.control, two.control) == (True, {"masks": "ones"}, None)


def test_overlap_is_by_experiment_and_data_set(folder):
    write(
        folder,
        ENTRY,
        ENTRY | {"id": "two", "dataset": "s7"},
        ENTRY | {"id": "three", "dataset": ["s6", "s7", "s8"]},
        ENTRY | {"id": "four", "dataset": "s8"},
        ENTRY | {"id": "five", "experiment": "mmf/masks"},
        {name: value for name, value in ENTRY.items() if name != "dataset"} | {"id": "six"},
        overlap={"mmf/reconstruction": {"s6": 0.1, "s7": 0.25}, "mmf/ratings": {"s8": 1.0}},
    )
    assert [c.overlap for c in load_claims("mmf")] == [0.1, 0.25, 0.25, 0.0, 0.0, 0.0]
