"""Least squares on given supports: what errors in Z ask for after completion has found the factors.

min ‖Z - X Yᵀ‖_F over X and Y in the supports. An atom that overlaps no other has a closed form, the best
rank-one approximation of its rectangle (Eckart and Young). The others are refined together by the
Levenberg–Marquardt method with a sparse Jacobian, from factors that completion gives.
"""

from dataclasses import dataclass
from numbers import Integral, Real

import numpy as np
from scipy.sparse import csc_array, csr_array, eye_array
from scipy.sparse.linalg import splu

from fourmasks.sparse.completion.entries import Entries
from fourmasks.sparse.supports.pair import SupportPair, check_supports
from fourmasks.system.arrays import plain_array

DAMPING = 1e-3  # of the first step, as a share of the largest diagonal entry of the normal matrix
LEAST_DAMPING = 1e-13  # scalings leave the product as it is: without damping the matrix is singular


@dataclass(frozen=True, eq=False)
class Refinement:
    """Refined factors; both columns of an atom have the same norm.

    Attributes
    ----------
    X, Y : arrays (m, r) and (n, r)
    before, after : float
        ‖Z - X Yᵀ‖_F of the given factors, and of these.
    n_iter : int
        Steps that were tried on overlapping atoms.
    converged : bool
        Whether the last accepted step gained less than the tolerance.
    """

    X: np.ndarray
    Y: np.ndarray
    before: float
    after: float
    n_iter: int
    converged: bool


def refine(Z, supports: SupportPair, X, Y, *, tolerance: float = 1e-12, max_iter: int = 100) -> Refinement:
    """Lower ‖Z - X Yᵀ‖_F to a local minimum on the supports (a global one for atoms that overlap no other).

    Parameters
    ----------
    Z : array-like (m, n)
        Floats or complex numbers; others are turned into floats.
    supports : SupportPair
    X, Y : array-like (m, r) and (n, r)
        Where to start; as `Completion.factors` gives them.
    tolerance : float, default 1e-12
        Stop when a step lowers the squared error by less than this share.
    max_iter : int, default 100
        At most so many steps.

    Raises
    ------
    ValueError
        If the shapes do not fit, a matrix is sparse or masked or not finite, X or Y is not zero off the
        supports, or a setting is not what it should be.
    """
    check_supports(supports)
    if not (isinstance(tolerance, Real) and tolerance >= 0):
        raise ValueError(f"tolerance = {tolerance!r}: expected at least 0")
    if not (isinstance(max_iter, Integral) and max_iter >= 0):
        raise ValueError(f"max_iter = {max_iter!r}: expected an integer of at least 0")
    Z, X, Y = _checked(Z, supports, X, Y)
    entries = Entries.of(supports)
    rows, columns = slice(0, entries.n_rows), slice(entries.n_rows, None)
    line, atom = entries.vertex_line, entries.vertex_atom
    potential = np.concatenate([X[line[rows], atom[rows]], Y[line[columns], atom[columns]]])
    before = float(np.linalg.norm(Z - X @ Y.T))
    shared = np.bincount(entries.position, minlength=Z.size)[entries.position] > 1
    overlapping = np.zeros(entries.rank, bool)
    overlapping[entries.atom[shared]] = True
    _best_rank_one(Z, entries, ~overlapping, potential)
    n_iter, converged = _levenberg_marquardt(Z, entries, overlapping, potential, tolerance, max_iter)
    X, Y = np.zeros_like(X), np.zeros_like(Y)
    X[line[rows], atom[rows]], Y[line[columns], atom[columns]] = potential[rows], potential[columns]
    return Refinement(X, Y, before, float(np.linalg.norm(Z - X @ Y.T)), n_iter, converged)


def jacobian(entries: Entries, chosen: np.ndarray, potential: np.ndarray, n_cells: int) -> csr_array:
    """Return the derivative of X Yᵀ by the potentials of the vertices, a matrix (n_cells, V) with a row for
    each position of the flattened product.

    Parameters
    ----------
    entries : Entries
    chosen : int array
        The entries that count.
    potential : array (V,)
        The factors' entries, those of X first.
    n_cells : int
        Size of the product.
    """
    left, right, position = entries.left[chosen], entries.right[chosen], entries.position[chosen]
    data = np.concatenate([potential[right], potential[left]])
    where = np.concatenate([position, position]), np.concatenate([left, right])
    return csr_array((data, where), shape=(n_cells, len(potential)))


def _checked(Z, supports, X, Y):
    Z, X, Y = (plain_array(name, a) for name, a in (("Z", Z), ("X", X), ("Y", Y)))
    kind = np.result_type(*(np.complex128 if np.iscomplexobj(a) else np.float64 for a in (Z, X, Y)))
    expected = supports.shape, supports.left.shape, supports.right.shape
    for name, array, shape in zip("ZXY", (Z, X, Y), expected, strict=True):
        if array.shape != shape:
            raise ValueError(f"{name} has shape {array.shape}: expected {shape}, as the supports have it")
    Z, X, Y = (a.astype(kind) for a in (Z, X, Y))
    for name, array in zip("ZXY", (Z, X, Y), strict=True):
        if not np.isfinite(array).all():
            place = tuple(int(i) for i in np.argwhere(~np.isfinite(array))[0])
            raise ValueError(f"entry {place} of {name} is {array[place]}: expected finite numbers")
    for name, factor, support in (("X", X, supports.left), ("Y", Y, supports.right)):
        if factor[~support].any():
            place = tuple(int(i) for i in np.argwhere((factor != 0) & ~support)[0])
            raise ValueError(f"entry {place} of {name} is {factor[place]} off its support: expected 0")
    return Z, X, Y


def _best_rank_one(Z, entries, alone, potential):
    """Set the potentials of atoms that overlap no other, those of one shape at a time."""
    line = entries.vertex_line
    for atoms, rows, columns in entries.by_shape():
        rows, columns = rows[alone[atoms]], columns[alone[atoms]]
        u, s, vh = np.linalg.svd(Z[line[rows][:, :, None], line[columns][:, None]], full_matrices=False)
        root = np.sqrt(s[:, :1])
        potential[rows], potential[columns] = root * u[:, :, 0], root * vh[:, 0]


def _levenberg_marquardt(Z, entries, overlapping, potential, tolerance, max_iter):
    """Refine overlapping atoms' potentials in place; return the steps tried, and whether it converged."""
    if not overlapping.any():
        return 0, True
    vertices = np.flatnonzero(overlapping[entries.vertex_atom])
    chosen = np.flatnonzero(overlapping[entries.atom])
    cells = np.unique(entries.position[chosen])
    target = Z.ravel()[cells]
    place = np.searchsorted(cells, entries.position[chosen])
    left, right = entries.left[chosen], entries.right[chosen]

    def misfit(potential):
        total = np.zeros(len(cells), potential.dtype)
        np.add.at(total, place, potential[left] * potential[right])
        return total - target

    _balance(entries, potential)
    error = misfit(potential)
    cost, floor = _square(error), (np.finfo(float).eps ** 2) * _square(target)
    damping, growth = None, 2.0
    for step_number in range(1, max_iter + 1):
        J = jacobian(entries, chosen, potential, Z.size)[cells][:, vertices]
        normal = csc_array(J.conj().T @ J)
        damping = DAMPING * abs(normal.diagonal()).max() if damping is None else damping
        damping = max(damping, LEAST_DAMPING * abs(normal.diagonal()).max())
        step = splu(normal + damping * eye_array(len(vertices), format="csc")).solve(-(J.conj().T @ error))
        trial = potential.copy()
        trial[vertices] += step
        _balance(entries, trial)
        trial_error = misfit(trial)
        gain = cost - _square(trial_error)
        if gain <= 0:
            if np.linalg.norm(step) <= np.finfo(float).eps * np.linalg.norm(potential[vertices]):
                return step_number, True
            damping, growth = damping * growth, growth * 2
            continue
        predicted = damping * _square(step) + np.real(np.vdot(step, -(J.conj().T @ error)))
        damping *= max(1 / 3, 1 - (2 * gain / predicted - 1) ** 3)
        growth, done = 2.0, gain <= tolerance * cost or cost - gain <= floor
        potential[:], error, cost = trial, trial_error, cost - gain
        if done:
            return step_number, True
    return max_iter, False


def _square(values):
    return float(np.real(np.vdot(values, values)))


def _balance(entries, potential):
    """Give both columns of each atom the same norm, in place."""
    norms = [
        np.sqrt(np.bincount(atoms, np.abs(part) ** 2, minlength=entries.rank))
        for atoms, part in zip(entries.sides(), np.split(potential, [entries.n_rows]), strict=True)
    ]
    scale = np.ones(entries.rank)
    both = (norms[0] > 0) & (norms[1] > 0)
    scale[both] = np.sqrt(norms[1][both] / norms[0][both])
    potential[: entries.n_rows] *= scale[entries.vertex_atom[: entries.n_rows]]
    potential[entries.n_rows :] /= scale[entries.vertex_atom[entries.n_rows :]]
