"""The matrices of the reconstruction experiments, by name."""

import hashlib
from dataclasses import dataclass

import numpy as np

from fourmasks.data import own_matrix
from fourmasks.data.files import FILE, entry, parse, unknown_data
from fourmasks.data.locate import locate
from fourmasks.data.readers import reuters, yale
from fourmasks.data.readers.synthetic import block_diagonal, block_slices, random_dense
from fourmasks.system.numbers import generator

DENSE = {f"s{n}": n for n in range(6, 11)}
BLOCKS = {f"h{b}": (b, 1080) for b in range(2, 7)} | {"h4-240": (4, 240)}
# Rows of every synthetic matrix, which has as many columns.
SIZES = {name: 2**n for name, n in DENSE.items()} | {name: size for name, (_, size) in BLOCKS.items()}


@dataclass(frozen=True, eq=False)
class Matrix:
    """A matrix to reconstruct.

    Attributes
    ----------
    name : str
    values : ndarray of float64, 2-D, C-contiguous
    sha256 : str
        Digest of the shape and the little-endian bytes of `values`.
    kind : str
        "synthetic" or "real".
    description : str
    source : str
        Where the values were found: a seed, a package or a file's name.
    row_groups : tuple of slice, or None
        The rows of each diagonal block of a block-diagonal matrix.
    """

    name: str
    values: np.ndarray
    sha256: str
    kind: str
    description: str
    source: str
    row_groups: tuple[slice, ...] | None = None


def matrix_names() -> list[str]:
    """Return the names that `load_matrix` takes."""
    return [name for name in (*DENSE, *BLOCKS, *REAL) if name != FILE]


def load_matrix(name: str, seed: int = 0) -> Matrix:
    """Generate or read a matrix.

    Parameters
    ----------
    name : str
        One of `matrix_names()`: "s6" to "s10", 2**n x 2**n standard normal; "h2" to "h6",
        1080 x 1080 with b diagonal blocks; "h4-240", a small one of the same law; "digits",
        1797 x 64 images that come with scikit-learn; "yale-b", 2016 x 2414 raw grey levels;
        "reuters-21578", 2000 documents x 3000 terms. Or a file of one's own, as "mine.npy".
    seed : int, default 0
        Of the generator of a synthetic matrix; a real one does not depend on it.

    Raises
    ------
    ValueError
        If there is no such name, the seed of a synthetic matrix is no integer from 0 on, or a file is not
        what it should be.
    DataNotFound
        If a real matrix is neither on this machine nor to be downloaded.
    """
    name, key = entry(name)
    if key in REAL:
        return REAL[key](name)
    rng, source = generator(seed), f"seed {seed}"
    if name in DENSE:
        return _matrix(name, random_dense(DENSE[name], rng), "independent standard normal entries", source)
    if name not in BLOCKS:
        raise ValueError(unknown_data("matrix", name, matrix_names()))
    n_blocks, size = BLOCKS[name]
    description = f"{n_blocks} standard normal blocks on the diagonal, noise of 0.01 off them"
    values = block_diagonal(n_blocks, rng, size=size)
    return _matrix(name, values, description, source, block_slices(size, n_blocks))


def digest(values: np.ndarray) -> str:
    """Return the SHA-256 of an array's shape and little-endian float64 bytes, in hexadecimal."""
    content = np.ascontiguousarray(values, dtype="<f8").tobytes()
    return hashlib.sha256(repr(values.shape).encode() + content).hexdigest()


def _digits(name: str) -> Matrix:
    from sklearn.datasets import load_digits

    description = "8 x 8 images of handwritten digits, one a row"
    return _matrix(name, load_digits().data, description, "scikit-learn")


def _yale(name: str) -> Matrix:
    """Raw grey levels, 0 to 255.

    The paper does not describe its preprocessing. Centring, unit columns, z-scores, logarithms and
    ranks of this matrix do not give its SVD errors, so that the plainest choice stands.
    """
    files = locate(name)
    readers = {"YaleB.mat": yale.read_mat, "CroppedYale.zip": yale.read_zip}
    ((source, path),) = files.items()
    description = "48 x 42 face images, raw grey levels, one a column"
    return _matrix(name, readers[source](path), description, source)


def _reuters(name: str) -> Matrix:
    ((source, path),) = locate(name).items()
    values = reuters.document_term_matrix(reuters.read_bodies(path))
    return _matrix(name, values, "documents by terms, binary tf-idf, rows of unit length", source)


def _own(name: str) -> Matrix:
    source = parse(name, ())
    return _matrix(name, own_matrix.read(source), "a matrix from a file", source.path.name)


def _matrix(name: str, values: np.ndarray, description: str, source: str, row_groups=None) -> Matrix:
    values = np.ascontiguousarray(values, dtype=np.float64)
    kind = "synthetic" if name in SIZES else "real"
    return Matrix(name, values, digest(values), kind, description, source, row_groups)


REAL = {"own file": _own, "digits": _digits, "yale-b": _yale, "reuters-21578": _reuters}
