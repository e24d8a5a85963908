"""Records: where they stand, confirmed, and made again for a certificate."""

import argparse

from fourmasks.book.commands.columns import columns
from fourmasks.system.paths import data_folder, existing

MINUTES = 10  # of `verify`, where nothing says how much


def status(options: argparse.Namespace) -> int:
    """Print how many records stand where, by experiment; 1 if one is stale or unexplained."""
    from fourmasks.records.standing import STANDINGS, status
    from fourmasks.records.store import beginning, load_records

    existing(data_folder() / "records")
    found = status(beginning(load_records(), options.paper or ""))
    rows = [(name, *(str(counts[one] or "") for one in STANDINGS)) for name, counts in sorted(found.items())]
    total = ("all", *(str(sum(counts[one] for counts in found.values())) for one in STANDINGS))
    for line in columns([("experiment", *STANDINGS), *rows, total]):
        print(line)
    return int(any(counts["stale"] + counts["unexplained"] for counts in found.values()))


def confirm(options: argparse.Namespace) -> int:
    """Make runs of an experiment again, and stamp its stale records if they give the same; 1 if not."""
    from fourmasks.records.confirm import cheapest, confirm, family, like_codes, makers, sampled
    from fourmasks.records.loaded import confirm_loaded
    from fourmasks.records.standing import standing
    from fourmasks.system.progress import progress

    if options.loaded:
        stamped = confirm_loaded(family(options.experiment), options.against or "HEAD")
        print(f"{options.experiment}: {len(stamped)} records have the same data, and all else is as it was")
        return int(bool(like_codes(family(options.experiment))))
    groups = like_codes(family(options.experiment))
    chosen = [sampled(group, options.sample) if options.sample else cheapest(group) for group in groups]
    asked = {"tolerance": options.tolerance, "longest": options.longest}
    with makers(options.against) as made_by, progress(sum(map(len, chosen)), options.experiment) as bar:
        for group, some in zip(groups, chosen, strict=True):
            for rerun in confirm(group, some, made_by, **asked):
                part = "" if rerun.share == 1 else f", {100 * rerun.share:.0f} % of what it repeats"
                print(f"{rerun.record.experiment} {rerun.record.key}: difference {rerun.difference:g}{part}")
                bar.update()
    left = [record for group in like_codes(family(options.experiment)) for record in group]
    for record in left:
        print(f"{standing(record)}, to be trained again: {record.experiment} {record.key}")
    return int(bool(left))


def verify(options: argparse.Namespace) -> int:
    """Make committed records again, compare, and write a certificate; 1 if one does not agree."""
    from fourmasks.claims.certificate import write_certificate
    from fourmasks.claims.verify import certify, new_folder
    from fourmasks.records.samples import seed_of_today
    from fourmasks.records.store import load_records

    existing(data_folder() / "records")
    budget, n = options.budget, options.sample
    if not (options.all or n or budget):
        budget = MINUTES
    certificate = certify(
        load_records(directory=data_folder() / "records"),
        folder := new_folder(options.output),
        seed=seed_of_today() if options.seed is None else options.seed,
        n=n,
        budget=budget and 60 * budget,
        only=options.paper or "",
    )
    write_certificate(certificate, folder)
    rows = [(one["word"], one["record"].removesuffix(".json"), one["why"]) for one in certificate["reruns"]]
    rows += [("left out", str(len(some)), why) for why, some in certificate["left_out"].items()]
    rows += [("verdict", one["id"], f"{one['old']} -> {one['new']}") for one in certificate["verdicts"]]
    print(*columns(rows), sep="\n")
    counts = ", ".join(f"{count} {word}" for word, count in certificate["summary"].items() if count)
    counts = counts or "no record was made again"
    print(f"{'green' if certificate['green'] else 'RED'}, seed {certificate['sample']['seed']}: {counts}")
    print(folder / "certificate.md")
    return int(not certificate["green"])
