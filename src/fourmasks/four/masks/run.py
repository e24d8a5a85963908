"""One run: the freedom of masked factors, or what the theorems on supports say of a pair of triangles."""

import numpy as np
import torch

from fourmasks.mmf.models.masks import Masks
from fourmasks.mmf.models.parameters import Parameters
from fourmasks.mmf.theory.identifiability import symmetry_dimension
from fourmasks.sparse.referees.jacobian import generic_identifiability
from fourmasks.sparse.supports.pair import SupportPair
from fourmasks.sparse.theorems.closure import closable
from fourmasks.sparse.theorems.necessary import generic_conditions, necessary_conditions

LARGEST = 9  # of the entries of random factors


def run_masks(family, rank, n_masks, shifts, users, items, seed) -> dict:
    """Measure the freedom of MMF's factors, and of its shifts if they are learned, at a random point.

    Parameters
    ----------
    family : str
        Of masks, a key of `FAMILIES`.
    rank, n_masks : int
        R and K.
    shifts : {"fixed", "learned"}
    users, items : int
    seed : int
        Of factors, standard normal, and of shifts, uniform from -1 to 1.

    Returns
    -------
    dict
        "metrics": freedom, the directions in which the parameters can move while their product stays, to
        first order; scalings, R of them, which no mask can take away; and beyond, the others.
    """
    rng = np.random.default_rng(seed)
    U, V = rng.standard_normal((users, rank)), rng.standard_normal((items, rank))
    s, t = rng.uniform(-1, 1, (users, n_masks)), rng.uniform(-1, 1, (items, n_masks))
    parameters = Parameters(*map(torch.from_numpy, (U, s, V, t)))
    masks = Masks(family, n_masks, rank, dtype=torch.float64)
    found = symmetry_dimension(parameters, masks, learn_shifts=shifts == "learned")
    return {"metrics": {"freedom": found, "scalings": rank, "beyond": found - rank}}


def run_triangles(size, pivot, seed) -> dict:
    """Ask whether a lower and an upper triangle are the only ones of their product, up to scaling.

    Parameters
    ----------
    size : int
        d.
    pivot : {"any", "zero"}
        "zero": one number on U's diagonal, drawn, but not the last, is zero.
    seed : int
        Of the factors, integers other than zero.

    Returns
    -------
    dict
        "metrics", 1 or 0: closable (Theorem 4.26) and generic_conditions (Theorem 4.13), of the supports;
        isolated, by the rank of the Jacobian; and necessary, of these factors.
    """
    rng = np.random.default_rng(seed)
    lower, upper = (
        rng.choice([-1, 1], (size, size)) * rng.integers(1, LARGEST, (size, size)) for _ in range(2)
    )
    lower, upper = np.tril(lower), np.triu(upper)
    if pivot == "zero":
        place = int(rng.integers(size - 1))
        upper[place, place] = 0
    pair = SupportPair(np.tril(np.ones((size, size))), np.triu(np.ones((size, size))).T)
    decisions = {
        "closable": closable(pair),
        "generic_conditions": generic_conditions(pair),
        "isolated": generic_identifiability(pair),
        "necessary": necessary_conditions(lower, upper.T, pair),
    }
    return {"metrics": {name: int(bool(decision.holds)) for name, decision in decisions.items()}}
