"""Seconds of training today against those of another commit, one recorded run per family, in turn.

    python benchmarks/trainer_against.py [--against COMMIT] [--rounds N] [--longest SECONDS]

By default against the last commit before all families shared one trainer. Each family's cheapest recorded
run is made by both codes, which take turns, and the least seconds of each count. The package's files must be
committed. The last line is JSON: today's seconds over the other's.
"""

import argparse
import json
import time

from fourmasks.records.confirm import cut, family, makers, name_at
from fourmasks.records.standing import present_code

FAMILIES = {
    "rating baselines": ("mmf/ratings", "svd++", "ml-100k"),
    "rating networks": ("mmf/ratings", "autorec", "ml-100k"),
    "rating mmf": ("mmf/ratings", "mmf-learned", "ml-100k"),
    "rankers": ("mmf/ranking", "bprmf", "ml-1m"),
    "top-n networks": ("pia/recommenders", "cdae", "ml-100k"),
    "vaes": ("pia/recommenders", "multi-vae+pia", "ml-100k"),
    "lu-net": ("lunet/ratings", "lu-net-tuned", "ml-100k"),
    "flows": ("lunet/densities", "lu", "moons"),
}


def cheapest_of(experiment, method, dataset):
    """Return the record of an experiment or its search whose run took the least time."""
    sought = {"method": method, "dataset": dataset}
    found = [r for r in family(experiment) if sought.items() <= r.parameters.items()]
    return min(found, key=lambda record: record.seconds)


def seconds(run, function, parameters, threads):
    """Return how long a run trained, or took where it does not say so."""
    start = time.perf_counter()
    metrics = run(function, parameters, threads)["metrics"]
    return metrics.get("training_seconds", time.perf_counter() - start)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--against", default="c64f201", help="a commit")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--longest", type=float, default=10.0, help="seconds; longer runs get fewer epochs")
    options = parser.parse_args()
    ratios = {}
    with makers(options.against) as made_by:
        for name, place in FAMILIES.items():
            record = cheapest_of(*place)
            parameters, _ = cut(record, options.longest)
            today, then = [], []
            for _ in range(options.rounds):
                today.append(seconds(made_by.ours, present_code(record)[0], parameters, 1))
                then.append(seconds(made_by.theirs, name_at(made_by.against, record), parameters, 1))
            ratios[name] = round(min(today) / min(then), 3)
            print(f"{name:18} {min(today):8.3f} s, then {min(then):8.3f} s, ratio {ratios[name]:.3f}")
    print(json.dumps({"against": made_by.against, "seconds_over": ratios}))


if __name__ == "__main__":
    main()
