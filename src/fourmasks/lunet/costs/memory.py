"""How much memory a call writes anew, counted by torch's operators: the same on every run."""

from collections.abc import Callable

import torch
from torch.utils._python_dispatch import TorchDispatchMode


def bytes_written(function: Callable) -> int:
    """Return the bytes of the tensors that a call of a function makes, were they freed again or not.

    What a library's routine takes for itself while it runs is not among them.
    """
    with _Written() as mode:
        function()
    return mode.bytes


class _Written(TorchDispatchMode):
    """Adds up the bytes of the memory that torch's operators write anew."""

    def __init__(self):
        super().__init__()
        self.bytes = 0

    def __torch_dispatch__(self, operator, types, arguments=(), settings=None):
        made = operator(*arguments, **(settings or {}))
        given = _storages([*arguments, *(settings or {}).values()])
        self.bytes += sum(size for place, size in _storages(made).items() if place not in given)
        return made


def _storages(values) -> dict[int, int]:
    """Return the sizes in bytes of the memory behind tensors in nested lists and tuples, by its address."""
    if isinstance(values, torch.Tensor):
        storage = values.untyped_storage()
        return {storage.data_ptr(): storage.nbytes()}
    parts = values if isinstance(values, list | tuple) else ()
    return {place: size for part in parts for place, size in _storages(part).items()}
