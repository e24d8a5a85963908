"""Tables of supports and of Algorithm 1's stages; rows, columns and atoms count from 1, as in the paper."""

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from fourmasks.sparse.completion.literal import Stage
from fourmasks.sparse.supports.pair import SupportPair

NOTHING = "none"


def cells(places) -> str:
    """Return "(2, 1), (3, 1)" for places counted from 0."""
    return ", ".join(f"({', '.join(str(int(i) + 1) for i in place)})" for place in places) or NOTHING


def supports_table(supports: SupportPair) -> pd.DataFrame:
    """Return Figure 1's data: for each atom its rows, columns, observable and shared entries."""
    masks = supports.masks()
    alone = masks.sum(axis=0) == 1
    rows = {}
    for atom, mask in enumerate(masks):
        lines = (", ".join(str(line + 1) for line in side) for side in supports.rectangle(atom))
        rows[atom + 1] = [*lines, cells(np.argwhere(mask & alone)), cells(np.argwhere(mask & ~alone))]
    names = ["rows", "columns", "observable *", "shared ?"]
    return pd.DataFrame.from_dict(rows, orient="index", columns=names).rename_axis("atom")


def stage_table(stages: Sequence[Stage]) -> pd.DataFrame:
    """Return Figure 4's data: what each stage finds, with the values, and what is missing after it."""
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
