"""Committed records made again, what the certificate says of them, and other people's records."""

import json
import shutil
from dataclasses import replace

import pytest
import yaml

from fourmasks.book.cli import main
from fourmasks.claims import verify
from fourmasks.claims.certificate import page
from fourmasks.claims.compare import compare, read_folder
from fourmasks.claims.verify import certify, changed_verdicts, new_folder, unfit
from fourmasks.records.digest import ROOT
from fourmasks.records.runs import run_or_load
from fourmasks.records.store import load_records, save
from fourmasks.sparse.butterflies.run import run_disturbed
from fourmasks.sparse.examples.run import run_example
from fourmasks.system.paths import project_root

DISTURBED = {"least_squares": False, "noise": 1e-2, "size": 8, "transform": "hadamard"}
CLAIM = {
    "id": "one", "place": "Table 3", "kind": "experiment", "form": "value", "metric": "amplification",
    "protocol": "p", "reported": 0.5, "method": "any", "experiment": "sparse/butterfly-disturbed",
}  # fmt: skip


def committed(folder):
    return load_records(directory=folder / "data/records")


@pytest.fixture
def no_run(monkeypatch):
    """Let reruns give what the records of this project say, without a run."""

    def again(record, run):
        (same,) = (one for one in committed(project_root()) if one.key == record.key)
        return same

    monkeypatch.setattr(verify, "_again", again)


@pytest.fixture
def small(folder):
    """A project with the package, a claim, and five records that this machine has just made."""
    (folder / "src").symlink_to(ROOT.parent)
    shutil.copy(ROOT.parents[1] / "data/registry.yaml", folder / "data")
    content = {"paper": "sparse", "groups": [{"claims": [CLAIM]}]}
    (folder / "data/claims/sparse.yaml").write_text(yaml.safe_dump(content))
    for train, experiment, parameters in (
        (run_example, "sparse/examples", {"example": "2.1"}),
        (run_example, "sparse/examples", {"example": "figure-1"}),
        *((run_disturbed, "sparse/butterfly-disturbed", DISTURBED | {"seed": seed}) for seed in range(3)),
    ):
        run_or_load(train, parameters, experiment=experiment, data_sha256="none", profile="paper")
    return folder


def change(folder, record, **fields):
    """Change a committed record."""
    save(replace(record, **fields), folder / "data/records/sparse")


def wrong(record):
    """Return a record with a metric that is 1 % larger."""
    return replace(record, metrics={name: 1.01 * value for name, value in record.metrics.items()})


def test_a_certificate_is_green_and_red_when_one_metric_is_changed_by_a_hundredth(small, capsys):
    assert main(["verify", "--sample", "20", "--seed", "7", "--output", str(small / "one")]) == 0
    out = capsys.readouterr().out
    assert "green, seed 7: 5 equal bits" in out and str(small / "one/certificate.md") in out
    certificate = json.loads((small / "one/certificate.json").read_text())
    assert certificate["green"] and certificate["verdicts"] == [] and certificate["left_out"] == {}
    assert certificate["sample"] == {"of": 5, "only": "", "seed": 7, "n": 20, "budget_seconds": None}
    assert {rerun["function"].rpartition(".")[2] for rerun in certificate["reruns"]} == {
        "run_example", "run_disturbed"
    }  # fmt: skip
    assert len(load_records(directory=small / "one/records")) == 5

    (record, *_) = (r for r in committed(small) if r.experiment == "sparse/butterfly-disturbed")
    before = {path: path.read_bytes() for path in (small / "data").rglob("*.json")}
    change(small, record, metrics=wrong(record).metrics)
    assert main(["verify", "sparse/butterfly", "--all", "--output", str(small / "two")]) == 1
    out = capsys.readouterr().out
    assert "RED" in out and f"differs     sparse-butterfly-disturbed-{record.key}" in out
    assert "# Certificate: red" in (small / "two/certificate.md").read_text()
    changed = {path for path, content in before.items() if path.read_bytes() != content}
    assert [path.name for path in changed] == [record.file_name]


def test_elsewhere_a_changed_exact_record_is_red_too(small, no_run):
    records = [replace(record, machine={}) for record in committed(small)]
    exact = [r for r in records if r.experiment == "sparse/examples"]
    certificate = certify([*map(wrong, exact)], small / "new", seed=0)
    assert certificate["summary"]["differs"] == 2 and not certificate["green"]


def test_what_cannot_be_made_again_is_left_out_and_listed(small, no_run, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(small))
    monkeypatch.delenv("FOURMASKS_DATA", raising=False)
    one, two, three, four, _ = committed(small)
    records = [
        replace(one, parameters=one.parameters | {"dataset": "yale-b"}),
        replace(two, code="0" * 32),
        replace(three, experiment="mmf/timing"),
        four,
    ]
    assert set(unfit(records).values()) == {
        "yale-b is not on this machine",
        "stale: the code that made it is not today's",
        "measures time, which no rerun repeats",
    }
    certificate = certify(records, small / "new", seed=0)
    assert certificate["green"] and len(certificate["reruns"]) == 1
    assert len(certificate["left_out"]) == 3


def test_a_data_set_that_is_another_is_left_out(small, monkeypatch):
    monkeypatch.setenv("FOURMASKS_DATA", str(small))
    (small / "yale-b").mkdir()
    (small / "yale-b/YaleB.mat").write_text("not the faces")
    record = committed(small)[0]
    record = replace(record, parameters=record.parameters | {"dataset": "yale-b"})
    assert list(unfit([record]).values()) == ["yale-b on this machine is not that of the registry"]


def test_a_run_that_fails_is_red_and_a_missing_library_is_not(small, monkeypatch):
    good, bad, lacking = committed(small)[:3]
    real = verify.present_code

    def present(record):
        if record.key == bad.key:
            return "fourmasks.sparse.examples.run.nothing", ""
        return ("nowhere.f", "") if record.key == lacking.key else real(record)

    monkeypatch.setattr(verify, "present_code", present)
    certificate = certify([good, bad, lacking], small / "new", seed=0)
    assert not certificate["green"]
    assert certificate["summary"]["failed"] == certificate["summary"]["equal bits"] == 1
    assert list(certificate["left_out"]) == ["ModuleNotFoundError: No module named 'nowhere'"]
    assert "failed: AttributeError" in page(certificate)


def test_a_budget_counts_seconds_as_recorded_and_as_they_pass(small, no_run, monkeypatch):
    records = [replace(record, seconds=10.0) for record in committed(small)]
    certificate = certify(records, small / "new", seed=0, budget=45.0)
    assert len(certificate["reruns"]) == 4
    assert list(map(len, certificate["left_out"].values())) == [1]
    clock = iter(range(0, 1000, 30))
    monkeypatch.setattr(verify.time, "monotonic", lambda: next(clock))
    slow = certify(records, small / "slow", seed=0, budget=45.0)
    assert len(slow["reruns"]) == 1 and "the budget was spent" in str(slow["left_out"])


def test_verdicts_that_reruns_would_change_are_listed(small):
    (one, *_) = (r for r in committed(small) if r.experiment == "sparse/butterfly-disturbed")
    ours = [
        replace(one, parameters=DISTURBED | {"seed": seed}, metrics={"amplification": 0.5})
        for seed in range(5)
    ]
    made = [replace(record, metrics={"amplification": 0.9}) for record in ours]
    assert changed_verdicts(ours, ours[:1]) == []
    assert changed_verdicts(ours, made) == [{"id": "one", "old": "reproduced", "new": "not reproduced"}]
    certificate = {"verdicts": changed_verdicts(ours, made)} | {
        "green": True, "commit": "c", "created": "today", "machine": {}, "versions": {}, "summary": {},
        "sample": {"of": 5, "only": "", "seed": 0, "n": 2, "budget_seconds": 60.0}, "reruns": [],
        "left_out": {},
    }  # fmt: skip
    assert "| one | reproduced | not reproduced |" in page(certificate)


def test_a_certificate_goes_into_a_new_folder(folder):
    made = new_folder()
    assert made.is_dir() and made.parent == folder / "runs" and made.name.startswith("verify-")
    with pytest.raises(FileExistsError, match="goes into a new folder"):
        new_folder(str(made))


def test_other_peoples_records_stand_beside_ours_claim_by_claim(small, capsys):
    shutil.copytree(small / "data/records", small / "theirs")
    (small / "theirs/certificate.json").write_text("{}")
    assert main(["compare", str(small / "theirs")]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["claim", "ours", "theirs", "verdict"] and lines[1].startswith("one")
    assert lines[-1] == "1 of 1 verdicts are the same"
    ours = [replace(r, metrics={"amplification": 0.5}) for r in committed(small)]
    (row,) = compare(read_folder(small / "theirs"), ours)
    assert row["id"] == "one" and row["ours"]["measured"] == 0.5 != row["theirs"]["measured"]
    assert main(["compare", str(small / "theirs"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)[0]["same"] is True


def test_a_folder_without_records_or_with_a_broken_one_is_named(tmp_path, capsys):
    with pytest.raises(FileNotFoundError, match="nowhere is not a folder"):
        read_folder(tmp_path / "nowhere")
    with pytest.raises(ValueError, match="holds no records"):
        read_folder(tmp_path)
    (tmp_path / "a.json").write_text('{"metrics": 1}')
    with pytest.raises(ValueError, match=r"a\.json is no record"):
        read_folder(tmp_path)
    assert main(["compare", str(tmp_path)]) == 2
    assert "a.json is no record" in capsys.readouterr().err


def test_a_certificate_of_nothing_is_red(small, capsys):
    arguments = ["--output", str(small / "none"), "--budget", "1e-9"]
    assert main(["verify", "sparse", *arguments]) == 1
    out = capsys.readouterr().out
    assert "RED" in out and "no record was made again" in out


@pytest.mark.parametrize("command", [["verify"], ["records", "status"], ["records", "confirm"]])
def test_an_experiment_that_has_no_records_is_refused(command, small, capsys):
    assert main([*command, "nope"]) == 2
    said = capsys.readouterr().err
    assert "unknown experiment 'nope': expected one of sparse/butterfly-disturbed, sparse/examples" in said


@pytest.mark.parametrize("wrong", [["--sample", "0"], ["--budget", "-1"], ["--budget", "nan"]])
def test_a_wrong_number_leaves_no_folder(wrong, small, capsys):
    with pytest.raises(SystemExit):
        main(["verify", *wrong, "--output", str(small / "new")])
    assert "expected a" in capsys.readouterr().err and not (small / "new").exists()


def test_records_that_no_claim_rests_on_are_said_to_be_so(small, capsys):
    folder = small / "theirs"
    for record in committed(small):
        if record.experiment == "sparse/examples":
            save(record, folder)
    assert main(["compare", str(folder)]) == 2
    assert "theirs: no claim rests on its records" in capsys.readouterr().err
