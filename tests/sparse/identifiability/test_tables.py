"""Tables of what was refereed: every kind and every statement has its words, and counts are summed."""

from types import SimpleNamespace

import pandas as pd
from matplotlib import pyplot

from fourmasks.sparse.identifiability import corollary, figures, plan, statements, tables


def record(experiment, metrics, **parameters):
    return SimpleNamespace(experiment=experiment, metrics=metrics, parameters=parameters)


def test_every_kind_and_every_statement_has_its_words():
    assert tables.REFEREES.keys() == plan.RUNS.keys()
    assert list(tables.ASKED) == list(statements.CHECKS)


def test_instances_of_a_kind_are_summed():
    runs = [record("sparse/referees-fixed", {"instances": 3, "contradictions": c}) for c in (0, 1)]
    assert tables.refereed(runs).iloc[0].tolist() == ["rank of the Jacobian", 6, 1]


def test_a_statement_stands_beside_its_verdict():
    runs = [
        record(statements.EXPERIMENT, {"instances": 5.0, "counterexamples": 2.0}, statement=name)
        for name in ("lemma-k.1", "lemma-3.6-mended")
    ]
    table = tables.printed(runs, {"lemma-k.1": "not reproduced"})
    assert table.index.tolist() == ["Lemma 3.6, mended", "Lemma K.1"]
    assert table["verdict"].tolist() == ["–", "not reproduced"] and table["fail"].tolist() == [
        2,
        2,
    ]


def test_the_parts_of_the_corollary_come_in_its_order():
    counts = dict(instances=2, uniform=1, printed_contradictions=0, mended_contradictions=0)
    runs = [
        record(corollary.EXPERIMENT, counts, part=part, rows=1, columns=2, height=height)
        for part in ("global", "both", "column", "row")
        for height in (1, 2)
    ]
    table = tables.by_part(runs)
    assert table.index.tolist() == list(tables.PARTS.values()) and table["instances"].tolist() == [4] * 4


def timings():
    return [
        record(corollary.TIMING, {"cpu_seconds": seconds, "sets": 10.0}, question="s = 2", columns=columns)
        for columns, seconds in ((25, 4.0), (10, 1.0))
    ]


def test_the_reach_is_the_largest_within_the_limit():
    (row,) = tables.reach(timings(), 2.0).to_dict("records")
    assert row["most columns"] == 10 and row["next size"] == 25 and row["CPU time (s)"] == "1"
    assert tables.reach(timings(), 0.5).empty


def test_timings_are_drawn_with_their_limit():
    rows = [run.parameters | run.metrics for run in timings()]
    figure = figures.timing_figure(pd.DataFrame(rows), 2.0)
    line, limit = figure.axes[0].lines
    assert list(line.get_xdata()) == [10, 25] and set(limit.get_ydata()) == {2.0}
    pyplot.close(figure)
