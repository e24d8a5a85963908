"""Where a computation runs: the choice of a device, what it is called, and what a run took of it.

torch takes seconds to import, so that it is imported where it is needed: a plan or a list does without.
"""

from __future__ import annotations

import functools
import os
import platform
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from threadpoolctl import threadpool_info

if TYPE_CHECKING:
    import torch


def existing_devices() -> dict[str, int]:
    """Return how many devices of each type exist here, in the order in which "auto" prefers them.

    Returns
    -------
    dict of str to int
        For example `{"cuda": 1, "cpu": 1}`; a type with none is left out.
    """
    import torch

    counts = {"cuda": torch.cuda.device_count(), "mps": int(torch.backends.mps.is_available()), "cpu": 1}
    return {name: count for name, count in counts.items() if count}


def resolve_device(device: str | torch.device = "auto") -> torch.device:
    """Return the device that a name stands for.

    Parameters
    ----------
    device : str or torch.device, default "auto"
        "cpu", "mps", "cuda", "cuda:1", or "auto": the one that `FOURMASKS_DEVICE` names, else the
        first that exists of cuda, mps, cpu.

    Raises
    ------
    ValueError
        If the name means nothing or the device does not exist here.
    """
    import torch

    existing = existing_devices()
    name = str(device)
    if name == "auto":
        name = os.environ.get("FOURMASKS_DEVICE") or "auto"
    origin = " (from FOURMASKS_DEVICE)" if name != str(device) else ""
    if name == "auto":
        name = next(iter(existing))
    try:
        resolved = torch.device(name)
    except RuntimeError:
        resolved = None
    if resolved is None or (resolved.index or 0) >= existing.get(resolved.type, 0):
        here = ", ".join(f"{kind} ({count})" if count > 1 else kind for kind, count in existing.items())
        raise ValueError(f"device {name!r}{origin}: expected 'auto' or a device that exists here: {here}.")
    return resolved


def device_type(device: str | torch.device = "auto") -> str:
    """Return "cpu", "cuda" or "mps"; a device that is named may exist on another machine only."""
    if plain := re.fullmatch(r"(cpu|cuda|mps)(:\d+)?", str(device)):
        return plain[1]
    return resolve_device(device).type


def describe(device: str | torch.device = "auto") -> dict[str, object]:
    """Return what matters about the hardware and the libraries under a computation.

    Parameters
    ----------
    device : str or torch.device, default "auto"
        As for `resolve_device`, whose errors it raises.

    Returns
    -------
    dict
        `device` ("cuda:0"), `name` ("NVIDIA H200"), `threads` (that torch uses on the CPU), `memory_gb` (of
        the device, in 2**30 bytes), `torch`, `python` (versions) and `platform`.
    """
    import torch

    resolved = resolve_device(device)
    return {
        "device": str(resolved),
        "name": _hardware_name(resolved),
        "threads": n_threads(),
        "memory_gb": round(_total_memory(resolved) / 2**30, 1),
        "torch": str(torch.__version__),
        "python": platform.python_version(),
        "platform": platform.platform(),
    }


def banner(device: str | torch.device = "auto") -> str:
    """Return one line for the top of a notebook: "device: cpu (AMD EPYC), 2 threads, torch 2.13.0"."""
    found = describe(device)
    threads = f"{found['threads']} thread{'s' if found['threads'] != 1 else ''}"
    return f"device: {found['device']} ({found['name']}), {threads}, torch {found['torch']}"


def device_label(device: str | torch.device) -> str:
    """Return the device as a record names it: "cpu", or "cuda (NVIDIA H200)"."""
    resolved = resolve_device(device)
    return f"cuda ({_hardware_name(resolved)})" if resolved.type == "cuda" else resolved.type


@functools.cache
def machine() -> dict[str, str]:
    """Return what rounding can depend on beside versions and threads: processor, system and BLAS.

    Returns
    -------
    dict of str to str
        `processor` ("AMD EPYC 9B14"), `system` ("Linux-6.1-x86_64"), and `blas`: each library for linear
        algebra that is loaded, with version, kernels and threads ("openblas 0.3.30 Zen 1").
    """
    import torch

    loaded = [
        " ".join(str(part) for part in (
            library["internal_api"], library["version"], library.get("architecture"), library["num_threads"]
        ) if part is not None)
        for library in threadpool_info()
        if library["user_api"] == "blas"
    ]  # fmt: skip
    return {
        "processor": _hardware_name(torch.device("cpu")),
        "system": platform.platform(),
        "blas": ", ".join(sorted(set(loaded))) or f"mkl {torch.backends.mkl.is_available()}",
    }


def n_threads() -> int:
    """Return how many threads torch uses on the CPU."""
    import torch

    return torch.get_num_threads()


def set_threads(number: int) -> None:
    """Let torch use so many threads on the CPU."""
    import torch

    torch.set_num_threads(number)


def synchronize(device: str | torch.device) -> None:
    """Wait until the device has done all that it was asked to, so that a clock read next is right."""
    import torch

    resolved = resolve_device(device)
    if resolved.type == "cuda":
        torch.cuda.synchronize(resolved)
    elif resolved.type == "mps":
        torch.mps.synchronize()


def reset_peak_memory(device: str | torch.device) -> None:
    """Start the peak of a CUDA device afresh; that of a process cannot be reset."""
    import torch

    resolved = resolve_device(device)
    if resolved.type == "cuda":
        torch.cuda.reset_peak_memory_stats(resolved)


def peak_memory_mb(device: str | torch.device) -> float:
    """Return the peak memory in MB (2**20 bytes).

    On CUDA it is what torch had allocated on the device at most since `reset_peak_memory`; elsewhere it is
    the largest resident size of the whole process since its start, so that a run that follows a bigger one
    in the same process shows the bigger one's.
    """
    import torch

    resolved = resolve_device(device)
    if resolved.type == "cuda":
        return torch.cuda.max_memory_allocated(resolved) / 2**20
    import resource  # not there on every platform

    unit = 1 if sys.platform == "darwin" else 1024  # macOS counts bytes, Linux kilobytes
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 2**20


def _hardware_name(device: torch.device) -> str:
    import torch

    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text().splitlines() if cpuinfo.is_file() else []
    models = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return models[0] if models else platform.processor() or platform.machine()


def _total_memory(device: torch.device) -> int:
    import torch

    if device.type == "cuda":
        return torch.cuda.get_device_properties(device).total_memory
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
