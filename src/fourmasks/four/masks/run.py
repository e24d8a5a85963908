"""One run: the freedom of masked factors or inputs, or what theorems say of cut masks or triangles."""

import numpy as np
import torch

from fourmasks.mmf.models.masks import FAMILIES, Masks
from fourmasks.mmf.models.parameters import Parameters
from fourmasks.mmf.theory.identifiability import symmetry_dimension
from fourmasks.sparse.referees.jacobian import isolated_atoms
from fourmasks.sparse.supports.pair import SupportPair
from fourmasks.sparse.theorems.closure import closable
from fourmasks.sparse.theorems.necessary import generic_conditions, necessary_conditions

LARGEST = 9  # of the entries of random factors
CUT = 0.5  # of a mask's largest possible value: what is smaller becomes zero
CHOSEN = 0.3  # of the entries of random interactions are ones, and one of each item


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


def run_supports(family, rank, users, items, seed) -> dict:
    """Ask what supports allow that are cut out of one mask on each side, at half of its height.

    Parameters
    ----------
    family : str
        Of masks, a key of `FAMILIES`.
    rank : int
        R.
    users, items : int
    seed : int
        Of the shifts, uniform, so that the places where a mask is centred are spread over all dimensions.

    Returns
    -------
    dict
        "metrics": density, the share of entries that stay; and 1 or 0 for closable (Theorem 4.26),
        generic_conditions (Theorem 4.13) and isolated, by the rank of the Jacobian.
    """
    rng = np.random.default_rng(seed)
    masks = Masks(family, 1, rank, dtype=torch.float64)
    # The reference's parametrisation has the centre of a row's mask at R/2 times its shift.
    shifts = [torch.from_numpy(rng.uniform(0, 2 * (rank - 1) / rank, (n, 1))) for n in (users, items)]
    heights = [masks.values(part)[:, 0].abs().numpy() for part in shifts]
    pair = SupportPair(*(height >= CUT * FAMILIES[family].amplitude for height in heights))
    density = (pair.left.sum() + pair.right.sum()) / (pair.left.size + pair.right.size)
    return {"metrics": {"density": float(density)} | _of_supports(pair)}


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
    necessary = necessary_conditions(lower, upper.T, pair)
    return {"metrics": _of_supports(pair) | {"necessary": int(bool(necessary.holds))}}


def run_inputs(rank, keep, users, items, seed) -> dict:
    """Measure the freedom of a linear autoencoder whose input is masked: of its weights, and of its factors.

    Parameters
    ----------
    rank : int
        R, of encoder (items, R) and decoder (R, items), whose product the weights are.
    keep : float
        The probability that the mask keeps an item, 1 for no mask.
    users, items : int
    seed : int
        Of the interactions, of which each item has one at least, and of the factors, standard normal.

    Returns
    -------
    dict
        "metrics": flat, the directions in which all weights (items, items) can move while the mean loss over
        masks stays the same; and beyond, those in which the factors can while their product stays, but for
        scalings.
    """
    rng = np.random.default_rng(seed)
    X = rng.random((users, items)) < CHOSEN
    X[rng.integers(users, size=items), np.arange(items)] = True
    curvature, _ = masked_loss(X, keep)
    A, B = rng.standard_normal((items, rank)), rng.standard_normal((rank, items))
    moves = np.hstack((np.kron(np.eye(items), B.T), np.kron(A, np.eye(items))))  # of AB, by A and by B
    found = {
        "flat": items * (items - np.linalg.matrix_rank(curvature)),
        "beyond": moves.shape[1] - np.linalg.matrix_rank(moves) - rank,
    }
    return {"metrics": {name: int(value) for name, value in found.items()}}


def masked_loss(X: np.ndarray, keep: float) -> tuple[np.ndarray, np.ndarray]:
    """Return Q and C of the mean loss over masks, which is tr(W'QW) - 2 tr(C'W) + tr(X'X) at weights W.

    The loss is |X - (X o b) W|^2, with zeros and ones b drawn for each entry. The mask acts like a penalty:
    Q = keep^2 X'X + keep (1 - keep) diag(X'X), and C = keep X'X.

    Parameters
    ----------
    X : ndarray (users, items)
    keep : float
        The probability that an entry stays.
    """
    gram = X.T.astype(float) @ X
    return keep**2 * gram + keep * (1 - keep) * np.diag(np.diag(gram)), keep * gram


def _of_supports(pair: SupportPair) -> dict[str, int]:
    """Return what the theorems, and the rank of the Jacobian, decide from supports alone: 1 or 0."""
    decisions = {
        "closable": closable(pair),
        "generic_conditions": generic_conditions(pair),
        "isolated": isolated_atoms(pair),
    }
    return {name: int(bool(decision.holds)) for name, decision in decisions.items()}
