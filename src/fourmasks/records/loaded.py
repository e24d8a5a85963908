"""Records whose code differs in how data are read alone: the same data are all the proof that it takes.

A reader of files may change, as when it learns to refuse a damaged one. What follows in a run sees the data
only. So where all else that a run reaches is what it was, and the loader still gives the data whose digest
the record has, the run would give what it gave, and is not made again.
"""

import functools
import importlib
from collections.abc import Iterable

from fourmasks.records.confirm import checked_out, clean_commit, full_name, stamp
from fourmasks.records.digest import ROOT, Code
from fourmasks.records.standing import present_code
from fourmasks.records.store import Record

# What gives data, by the module that defines it; its result has a digest.
LOADERS = {
    "fourmasks.data.ratings": "load_ratings",
    "fourmasks.data.interactions": "load_interactions",
    "fourmasks.data.matrices": "load_matrix",
}


def confirm_loaded(records: Iterable[Record], against: str) -> list[Record]:
    """Stamp stale records whose code differs in the loaders alone, if these give the same data.

    Parameters
    ----------
    records : iterable of Record
    against : str
        A commit at which they were fresh.

    Returns
    -------
    list of Record
        Those that were stamped.

    Raises
    ------
    ValueError
        If files of the package are not committed, or there is no such commit.
    """
    commit, against = clean_commit(), full_name(against)
    now, now_without = Code(ROOT), Code(ROOT, LOADERS.items())
    stamped = []
    with checked_out(against) as folder:
        root = folder / "src" / ROOT.name
        then, then_without = Code(root), Code(root, LOADERS.items())
        for record in records:
            function, code = present_code(record)
            parameters = record.parameters
            if (
                code not in ("unknown", record.code)
                and then.digest(record.function, parameters) == record.code
                and then_without.digest(record.function, parameters)
                == now_without.digest(function, parameters)
                and _same_data(record, now.reached(function, parameters))
            ):
                same = {"data_sha256": record.data_sha256, "largest_difference": 0.0, "reruns": {}}
                stamped.append(stamp(record, against, commit, **same))
    return stamped


def _same_data(record: Record, reached: Iterable[tuple[str, str]]) -> bool:
    """Return whether a loader that a run reaches gives the data that the record was made from.

    Or whether all refuse the name, as that of points that the run draws itself: then it calls none of them.
    """
    place = record.parameters.get("dataset"), record.parameters.get("seed")
    found = {_digest(*loader, *place) for loader in LOADERS.items() if loader in reached}
    return record.data_sha256 in found or found == {None}


@functools.cache
def _digest(module: str, name: str, dataset: str, seed: int) -> str | None:
    """Return the digest of the data that a loader gives, None if it knows none of that name.

    Matrices are drawn anew for each seed.
    """
    load = getattr(importlib.import_module(module), name)
    try:
        return (load(dataset, seed) if name == "load_matrix" else load(dataset)).sha256
    except ValueError:
        return None
