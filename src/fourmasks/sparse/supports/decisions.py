"""What every decision of this slice returns: an answer, its reason, and what proves it."""

from dataclasses import dataclass


@dataclass(frozen=True, eq=False)
class Decision:
    """An answer with its witness.

    Parameters
    ----------
    holds : bool or None
        Whether the property holds; `None` where the criterion at hand does not tell.
    why : str
        The reason in a sentence, which names the statement that decides.
    witness : object or None, default None
        What proves it, such as a second solution, a dependent set of columns or the missing edges. Each
        function says which.

    A decision is neither true nor false by itself: `if decision:` raises `TypeError`, for an open question
    is not a yes.
    """

    holds: bool | None
    why: str
    witness: object = None

    def __bool__(self):
        raise TypeError("a Decision may be open: compare its .holds with True, False or None")
