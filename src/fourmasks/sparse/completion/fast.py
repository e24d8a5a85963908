"""Algorithm 1 of the paper, fast: completion by connected components, all atoms at once.

The literal Algorithm 1 (`literal`) looks at all 2 x 2 submatrices. By Prop. 4.18 the non-zero
entries that these can reach are those whose two vertices are connected: a spanning forest gives all of them
in one pass. Only entries next to a component that has been absorbed by a larger one have to be looked at
again, and that happens to a vertex at most log2 V times, for V vertices.

Two things are added to the printed algorithm. It never asks whether the contributions have rank one, so that
Prop. 4.29 (ii) fails for it (one atom, full support, Z the identity): here two different values for an
entry, and a zero where two lines with other entries cross, are conflicts. And a zero in a row that has an
entry other than zero makes its whole column zero (likewise with rows and columns exchanged), which the 2 x 2
rule, with its division, finds only in part.

Why rounds give the same as one completion at a time
----------------------------------------------------
Each rule is an implication: from certain known entries, a value for another one. Let some order of
completions end, with nothing left to add and no conflict in what it knows, and let F be that. Take any other
order, and suppose that all it has found so far is in F, with the same values; this holds at the start. What
it finds next follows by a rule from entries in F. As no rule has anything to add to F, the entry is in F
too. The same rule asks there for the value found, and F has no conflict: its value is the same. So all that
the other order ever finds is in F. It meets no conflict, since that would be one between entries of F; and
when it ends, the same argument with the roles exchanged shows that it knows all of F. Hence: either every
order ends in a conflict (not always at the same place), or none does and all end with the same entries and
values. A round does the completions of all atoms, and of all positions, that are possible at its start; this
is one of the orders, because a completion that is possible stays so.
"""

from numbers import Real

import numpy as np

from fourmasks.sparse.completion.disjoint import values_if_disjoint
from fourmasks.sparse.completion.entries import Entries, checked
from fourmasks.sparse.completion.growth import Growth
from fourmasks.sparse.completion.outcome import AMBIGUOUS, INCOMPATIBLE, UNIQUE, Completion, Incompatible
from fourmasks.sparse.supports.pair import SupportPair, check_supports


def complete(
    Z,
    supports: SupportPair,
    *,
    tolerance: float | None = None,
    mismatch: float | None = None,
    noise: float | None = None,
) -> Completion:
    """Decompose Z into rank-one matrices in given supports, as far as completion goes (Algorithm 1).

    The cost is O(N log N) for N entries in all supports together, plus, in each round, a look at the vertices
    of the atoms that grow; there are as many rounds as completions wait for one another.

    Parameters
    ----------
    Z : array-like (m, n)
        Integers and fractions are computed with exactly, floats and complex numbers are rounded.
    supports : SupportPair
        Of the factors of Z = X Yᵀ.
    tolerance : float or None, default None
        Size up to which an entry counts as zero. Required for floats; exact entries take none.
    mismatch : float or None, default None
        Size up to which two values for an entry count as equal. None: the tolerance. Infinite: there is no
        conflict between two values, as suits data with errors; `refine` then balances them.
    noise : float or None, default None
        Bound on the errors of the entries of Z. If given, the result has bounds on the errors of all known
        values, carried along the completion. They hold in the worst case, rounding aside, if what counts as
        zero is zero.

    Raises
    ------
    ValueError
        If Z does not fit the supports, is sparse, masked or not finite; if a tolerance is missing, negative
        or superfluous; if there are bounds to be found for exact entries.
    """
    check_supports(supports)
    Z, zero = checked(Z, supports.shape, tolerance)
    for name, value in (("mismatch", mismatch), ("noise", noise)):
        if value is not None and not (isinstance(value, Real) and value >= 0):
            raise ValueError(f"{name} = {value!r}: expected at least 0")
    if noise is not None and Z.dtype == object:
        raise ValueError(f"noise = {noise} for exact entries: expected none; give floats to have bounds")
    entries = Entries.of(supports)
    mismatch = zero if mismatch is None else mismatch
    if noise is None and (values := values_if_disjoint(Z, entries, zero, mismatch)) is not None:
        return Completion(
            UNIQUE, entries, values, np.ones(len(values), bool), np.zeros(len(values), np.int64)
        )
    growth = Growth(Z, entries, zero, mismatch, noise)
    conflict = None
    try:
        last = growth.observable()
        while len(last):
            last = growth.absorb(last)
    except Incompatible as found:
        (conflict,) = found.args
    outcome = INCOMPATIBLE if conflict else UNIQUE if growth.known.all() else AMBIGUOUS
    values = np.where(growth.known, growth.values(np.arange(len(entries))), growth.null)
    return Completion(outcome, entries, values, growth.known, growth.round, conflict, growth.bound)
