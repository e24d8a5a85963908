"""What settings of the rating baselines, ratings and pairs may be; the messages name what is wrong."""

import numpy as np

_COUNTS = "rank n_features n_hidden n_local batch_size epochs patience"
SETTINGS = (
    dict.fromkeys(_COUNTS.split(), "count")
    | dict.fromkeys(("learning_rate", "bandwidth"), "positive")
    | dict.fromkeys(("ridge", "implicit_ridge"), "not negative")
    | {"random_state": "integer"}
)


def check_ratings(name: str, ratings, shape: tuple[int, int] | None = None) -> None:
    """Raise ValueError unless ratings are such that a model can be fitted to them.

    Parameters
    ----------
    name : str
        What they are called in the message.
    ratings : Ratings
    shape : tuple of int, optional
        That they should have.
    """
    if shape is not None and tuple(ratings.shape) != tuple(shape):
        raise ValueError(f"{name} has shape {tuple(ratings.shape)}: expected that of train, {tuple(shape)}")
    if not len(ratings.values):
        raise ValueError(f"{name} holds no ratings: expected at least one")
    check_pairs(ratings.users, ratings.items, ratings.shape)
    lowest, highest = ratings.scale
    wrong = ~((ratings.values >= lowest) & (ratings.values <= highest))  # nan is in no range
    if wrong.any():
        place = int(wrong.argmax())
        raise ValueError(
            f"{name} holds the rating {ratings.values[place]} at position {place}:"
            f" expected {lowest} to {highest}, its scale"
        )
    places = np.sort(ratings.users * ratings.shape[1] + ratings.items)
    twice = places[:-1][places[:-1] == places[1:]]
    if len(twice):
        user, item = divmod(int(twice[0]), ratings.shape[1])
        raise ValueError(f"{name} holds two ratings of item {item} by user {user}: expected one, merge them")


def check_pairs(users, items, shape: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    """Return pairs as two arrays of int64, or raise ValueError saying what is wrong with them."""
    users, items = np.asarray(users), np.asarray(items)
    if users.ndim != 1 or users.shape != items.shape:
        raise ValueError(f"users {users.shape} and items {items.shape}: expected two arrays of one length")
    for kind, numbers, n in (("user", users, shape[0]), ("item", items, shape[1])):
        if numbers.dtype.kind not in "iu" and len(numbers):
            raise ValueError(f"{kind}s have dtype {numbers.dtype}: expected integers")
        wrong = (numbers < 0) | (numbers >= n)
        if wrong.any():
            place = int(wrong.argmax())
            raise ValueError(f"{kind} {numbers[place]} at position {place}: expected 0 to {n - 1}")
    return users.astype(np.int64), items.astype(np.int64)
