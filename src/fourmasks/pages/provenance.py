"""The line below a figure: where its numbers come from."""

import math

from fourmasks.records.sources import git_commit
from fourmasks.records.standing import is_stale
from fourmasks.system.device import device_label


def provenance(records, *, profile: str, data: str) -> str:
    """Return the line that says where a figure's numbers come from.

    Parameters
    ----------
    records : sequence of Record
        The training runs behind the figure.
    profile : str
        Name of the profile they ran under.
    data : str
        The data in words, for example "s6, s7 (synthetic)".

    Returns
    -------
    str
        Profile, data, seeds, devices with thread counts, training time summed over the runs, commits
        and, when any run is older than the code that made it, how many are stale.

    Raises
    ------
    ValueError
        If there are no records.
    """
    records = list(records)
    if not records:
        raise ValueError("no records: a figure's provenance needs the runs that it was drawn from")
    seeds = sorted({r.parameters["seed"] for r in records if r.parameters.get("seed") is not None})
    devices = sorted({f"{r.device}, {_count(r.threads, 'thread')}" for r in records})
    commits = sorted({_short(r.commit) for r in records})
    parts = [
        f"profile {profile}",
        f"data {data}",
        _seeds(seeds),
        "; ".join(devices),
        duration(math.fsum(r.seconds for r in records)),
        f"commit{'s' * (len(commits) > 1)} {', '.join(commits)}",
    ]
    if stale := sum(map(is_stale, records)):
        parts.append(f"STALE: {stale} of {len(records)} records are older than the code")
    return " · ".join(part for part in parts if part)


def provenance_of_fit(*, profile: str, data: str, seed: int, device: str, seconds: float) -> str:
    """Return the line for a figure of a model that was fitted on the spot and has no record."""
    import torch

    place = f"{device_label(device)}, {_count(torch.get_num_threads(), 'thread')}"
    parts = [f"profile {profile}", f"data {data}", f"seed {seed}", place, duration(seconds)]
    return " · ".join([*parts, f"commit {_short(git_commit())}"])


def _count(number, noun):
    return f"{number} {noun}{'s' * (number != 1)}"


def _short(commit):
    revision, plus, dirty = commit.partition("+")
    return revision[:7] + plus + dirty


def _seeds(seeds):
    if len(seeds) < 2:
        return f"seed {seeds[0]}" if seeds else ""
    if seeds == list(range(seeds[0], seeds[-1] + 1)):
        return f"seeds {seeds[0]}–{seeds[-1]}"
    return f"seeds {', '.join(map(str, seeds))}"


def duration(seconds: float) -> str:
    """Return a time in the unit that suits it, as "72.8 min"."""
    if seconds < 120:
        return f"{seconds:.1f} s"
    return f"{seconds / 60:.1f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"
