"""Tables and sentences on the worked examples; rows, columns and atoms count from 1, as in the paper."""

from collections.abc import Iterable, Sequence

import numpy as np

from fourmasks.records.store import Record
from fourmasks.sparse.completion.literal import Stage
from fourmasks.sparse.supports.pair import SupportPair

NOTHING = "none"


def cells(places) -> str:
    """Return "(2, 1), (3, 1)" for places counted from 0."""
    return ", ".join(f"({', '.join(str(int(i) + 1) for i in place)})" for place in places) or NOTHING


def supports_table(supports: SupportPair):
    """Return Figure 1's data: for each atom its rows, columns, observable and shared entries."""
    import pandas as pd

    masks = supports.masks()
    alone = masks.sum(axis=0) == 1
    rows = {}
    for atom, mask in enumerate(masks):
        lines = (", ".join(str(line + 1) for line in side) for side in supports.rectangle(atom))
        rows[atom + 1] = [*lines, cells(np.argwhere(mask & alone)), cells(np.argwhere(mask & ~alone))]
    names = ["rows", "columns", "observable *", "shared ?"]
    return pd.DataFrame.from_dict(rows, orient="index", columns=names).rename_axis("atom")


def edges_table(supports: SupportPair, steps: Sequence[tuple[str, np.ndarray, np.ndarray]]):
    """Return Figure 3's data: for each step and atom the edges there were, those added, those missing then.

    Parameters
    ----------
    supports : SupportPair
    steps : sequence of (str, ndarray, ndarray)
        Name, and the edges (r, m, n) before and after.
    """
    import pandas as pd

    rows = [
        {
            "step": name,
            "atom": atom + 1,
            "edges": int(before[atom].sum()),
            "added": cells(np.argwhere(after[atom] & ~before[atom])),
            "missing": cells(np.argwhere(mask & ~after[atom])),
        }
        for name, before, after in steps
        for atom, mask in enumerate(supports.masks())
    ]
    return pd.DataFrame(rows).set_index(["step", "atom"])


def stage_table(stages: Sequence[Stage]):
    """Return Figure 4's data: what each stage finds, with the values, and what is missing after it."""
    import pandas as pd

    rows = []
    for number, stage in enumerate(stages):
        before = stages[number - 1].known if number else stage.known
        fresh = np.argwhere(stage.known & ~before)
        rows.append(
            {
                "stage": f"{number + 1} {stage.name}",
                "found": ", ".join(f"{cells([place])} = {stage.C[tuple(place)]}" for place in fresh)
                or NOTHING,
                "missing": int((~stage.known).sum()),
            }
        )
    return pd.DataFrame(rows).set_index("stage")


def stage_sentence(stages: Sequence[Stage], number: int) -> str:
    """Say in words what a stage shows, for a reader who cannot see its figure."""
    stage = stages[number]
    before = stages[max(number - 1, 0)].known
    parts = [f"Stage {number + 1}, {stage.name}."]
    for atom in range(len(stage.C)):
        fresh, left = np.argwhere(stage.known[atom] & ~before[atom]), np.argwhere(~stage.known[atom])
        values = ", ".join(f"{cells([place])} is {stage.C[(atom, *place)]}" for place in fresh)
        parts.append(f"Contribution {atom + 1}: {values or 'nothing new'}; missing: {cells(left)}.")
    return " ".join(parts)


def matrices_text(matrices: Iterable) -> str:
    """Return matrices of exact numbers side by side, as text."""
    blocks = []
    for matrix in matrices:
        texts = [[str(value) for value in row] for row in np.asarray(matrix).tolist()]
        width = max(len(text) for row in texts for text in row)
        blocks.append(["[" + " ".join(text.rjust(width) for text in row) + "]" for row in texts])
    height = max(map(len, blocks))
    padded = [block + [" " * len(block[0])] * (height - len(block)) for block in blocks]
    return "\n".join("   ".join(lines).rstrip() for lines in zip(*padded, strict=True))


def facts_table(records: Iterable[Record], examples: Sequence[str]):
    """Return what the experiment found of some examples: a row for each number."""
    import pandas as pd

    found = {record.parameters["example"]: record.metrics for record in records}
    rows = [
        {"example": example, "number": name, "value": int(value)}
        for example in examples
        if example in found
        for name, value in sorted(found[example].items())
    ]
    return pd.DataFrame(rows, columns=["example", "number", "value"]).set_index(["example", "number"])
