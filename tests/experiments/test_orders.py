from fourmasks.experiments.orders import make, order
from fourmasks.experiments.plan import Run
from fourmasks.experiments.schedule import Task
from fourmasks.records.store import load_records

DIGEST = "0" * 64


def test_a_worker_compares_code_and_data_with_the_callers(toys):
    given = {"method": "x", "seed": 0, "dataset": "d"}
    answers = []
    for digest, code in ((DIGEST, '"code": "'), ("1" * 64, '"code": "'), (DIGEST, '"code": "0')):
        run = Run("demo/finals", toys.fit_on, given, digest, load=toys.load)
        answers.append(make(order(Task(run, "missing", 1, 0), "smoke", "cpu").replace('"code": "', code)))
    assert '"record": ' in answers[0] and load_records() == []  # only a caller writes
    assert '"failure": "ValueError: data set d is another on the worker: 00' in answers[1]
    assert '"failure": "ValueError: code of toy_runs.fit_on is another on the worker' in answers[2]
