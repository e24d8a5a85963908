"""The experiment that referees the theorems."""

from fourmasks.experiments.profiles import resolve
from fourmasks.sparse.identifiability.plan import EXPERIMENTS, PROFILES, plan, run
from fourmasks.sparse.identifiability.run import run_fixed, run_uniform


def test_no_referee_contradicts(tmp_path, monkeypatch, one_thread):
    monkeypatch.setenv("FOURMASKS_RECORDS", str(tmp_path))
    config = resolve(PROFILES, "smoke", sizes=(3, 5), ranks=(2, 4), instances=10, families=2)
    records = run(config, "smoke")
    assert {record.experiment for record in records} == set(EXPERIMENTS.values()) and len(records) == 8
    assert all(record.metrics["contradictions"] == 0 < record.metrics["instances"] for record in records)
    assert len(run(config, "smoke")) == len(list(tmp_path.glob("*.json")))


def test_a_run_is_repeated_to_the_bit(one_thread):
    arguments = ([4, 5], 3, 0.4, 20, 3)
    assert run_fixed(*arguments) == run_fixed(*arguments)
    assert run_uniform(5, 5) == run_uniform(5, 5)


def test_the_paper_profile_has_ten_thousand_tuples():
    jobs = [run.parameters for run in plan(PROFILES["paper"]) if run.experiment == EXPERIMENTS["fixed"]]
    assert sum(job["instances"] for job in jobs) >= 10_000
    laws = {(tuple(job["shape"]), job["rank"], job["density"], job["seed"]) for job in jobs}
    assert len(laws) == len(jobs)  # no law is counted twice
