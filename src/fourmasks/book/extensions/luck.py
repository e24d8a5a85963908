"""What the luck of a search is worth, in a page: a Sphinx extension with the directive `luck`.

One search of each chapter that has searches can be made again with other trials, and its result measured on
the same splits (`fourmasks.experiments.plan.AGAIN`). The directive prints what came out of both.
"""

from collections.abc import Iterable
from statistics import mean, stdev

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from fourmasks.book.words import small, table
from fourmasks.experiments.plan import AGAIN
from fourmasks.pages.names import head, named
from fourmasks.records.store import Record, book_records
from fourmasks.system.paths import data_folder

# The measure of each experiment whose search was made again.
MEASURED = {"mmf/ratings": "test_rmse", "pia/recommenders": "ndcg_at_100", "lunet/ratings": "test_mse"}
HEADS = (
    "Model and data",
    "Measure",
    "First search",
    "Second search",
    "Change",
    "Standard deviation over splits",
)
MISSING = "not run"


def rows(records: Iterable[Record]) -> list[dict]:
    """Return a row for each search that was made again, of the splits that both have.

    Returns
    -------
    list of dict
        experiment, dataset, method : str
        first, second, spread : float or None
            Mean of the measure with what either search found, and its standard deviation over splits with
            what the first found; None where less than two splits have both.
        splits : int
    """
    tested = {}
    for record in records:
        experiment, again, _ = record.experiment.partition(AGAIN)
        if experiment in MEASURED and record.experiment == experiment + again:
            place = experiment, record.parameters["dataset"], record.parameters["method"]
            value = record.metrics[MEASURED[experiment]]
            tested.setdefault(place, {}).setdefault(bool(again), {})[record.parameters["seed"]] = value
    return [_row(place, both[False], both[True]) for place, both in tested.items() if True in both]


def _row(place, first, second):
    splits = sorted(first.keys() & second.keys())
    row = dict(zip(("experiment", "dataset", "method"), place, strict=True)) | {"splits": len(splits)}
    if len(splits) < 2:
        return row | {"first": None, "second": None, "spread": None}
    values = [first[split] for split in splits]
    found = {"first": mean(values), "second": mean(second[split] for split in splits)}
    return row | found | {"spread": stdev(values)}


def shown(found: list[dict]) -> str:
    """Return `rows` as HTML; without any, that no search was made again."""
    if not found:
        return "<p>No search has been made again.</p>"
    return table(HEADS, map(_cells, found), "Two searches for the same settings")


def _cells(row):
    yield f"{named(row['method'])}, {named(row['dataset'])}"
    yield head(MEASURED[row["experiment"]])
    if row["first"] is None:
        yield from (MISSING,) * 4
        return
    yield f"{row['first']:.4f}"
    yield f"{row['second']:.4f}"
    change = 100 * (row["second"] / row["first"] - 1)
    yield f"{change:+.2f}\N{NO-BREAK SPACE}%".replace("-", "\N{MINUS SIGN}")
    yield f"{row['spread']:.4f}" + small(f"{row['splits']} splits")


class LuckDirective(SphinxDirective):
    """Prints what both searches came to."""

    def run(self) -> list[nodes.Node]:
        records = book_records(*(name for one in MEASURED for name in (one, one + AGAIN)))
        for record in records:
            if AGAIN in record.experiment:
                folder = data_folder() / "records" / record.experiment.split("/")[0]
                self.env.note_dependency(str(folder / record.file_name))
        return [nodes.raw("", shown(rows(records)), format="html")]


def setup(app: Sphinx) -> dict:
    """Add the directive to Sphinx."""
    app.add_directive("luck", LuckDirective)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
