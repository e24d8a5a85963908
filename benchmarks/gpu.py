"""Each family of models on the CPU and on a GPU: seconds of an epoch, memory, and whether both say the same.

    python benchmarks/gpu.py [--device cuda] [--epochs N] [--records FOLDER]

Both fit the same data from the same seed: MovieLens 1M, or simulated ratings where it is missing, and for
matrices a random one. speedup is the time of an epoch, or of a sweep, on the CPU over that on the device; the
first epoch, which sets up memory and kernels, does not count. difference is the largest between what the two
predict after three epochs, over the spread of the predictions: rounding, since sums are taken in another
order. memory is the peak in MB: of a GPU of what torch had allocated, of the CPU of the process. With a
folder each is kept as a record there. Without a GPU the program says so and ends. The last line is JSON.
"""

import argparse
import json
import time

import numpy as np

import fourmasks
from fourmasks.data.errors import DataNotFound
from fourmasks.records.runs import run_or_load
from fourmasks.system.device import (
    device_label,
    existing_devices,
    n_threads,
    peak_memory_mb,
    reset_peak_memory,
)

SAME = 1e-2  # the largest difference that is rounding, after three epochs in single precision
FEW = 3  # epochs after which both are compared
SETTINGS = {"verbose": False, "dtype": "float32", "tol": 0.0}
MODELS = {
    "mmf": lambda n: fourmasks.MMF(20, mask="cosine", max_iter=n, **SETTINGS),
    "mmf-adam": lambda n: fourmasks.MMF(20, mask="cosine", solver="adam", max_iter=n, **SETTINGS),
    "rating-mmf": lambda n: fourmasks.RatingMMF(64, n_masks=2, epochs=n),
    "ranking-mmf": lambda n: fourmasks.RankingMMF(rank=64, n_masks=2, epochs=n, batch_size=16384),
    "multi-vae": lambda n: fourmasks.MultiVAE(epochs=n),
    "multi-vae+pia": lambda n: fourmasks.MultiVAE(alignment="items", epochs=n),
    "rec-vae": lambda n: fourmasks.RecVAE(epochs=n),
    "lu-net": lambda n: fourmasks.LUNetRecommender(dimension=32, epochs=n, batch_size=8192),
}


def load():
    """Return what the models are fitted to."""
    try:
        name = "ml-1m"
        ratings = fourmasks.load_ratings(name)
    except DataNotFound as error:
        print(error)
        name = "simulated"
        ratings = fourmasks.load_ratings(name)
    matrix = np.random.default_rng(0).standard_normal((512, 512)).astype(np.float32)
    return {
        "name": name,
        "matrix": matrix,
        "ratings": ratings,
        "likes": fourmasks.implicit_split(ratings, seed=0).train,
        "users": fourmasks.load_interactions(name).matrix,
    }


def fitted(name, epochs, device, data):
    """Return a model of a family, fitted, and what it predicts."""
    model = MODELS[name](epochs).set_params(device=device)
    if name.startswith("mmf"):
        return model.fit(data["matrix"]).reconstruct()
    if name == "ranking-mmf":
        return model.fit(data["likes"]).score_items(np.arange(50))
    if "vae" in name:
        return model.fit(data["users"]).predict(data["users"][:50])
    ratings = data["ratings"]
    return model.fit(ratings).predict(ratings.users[:1000], ratings.items[:1000])


def measured(name, epochs, device, data):
    """Return the metrics of a family on a device, and its predictions after a few epochs."""
    found = fitted(name, FEW, device, data)
    reset_peak_memory(device)
    seconds = []
    for n in (1, 1 + epochs):
        start = time.perf_counter()
        fitted(name, n, device, data)  # what it predicts is on the CPU: the device is done
        seconds.append(time.perf_counter() - start)
    return {"epoch_seconds": (seconds[1] - seconds[0]) / epochs, "memory": peak_memory_mb(device)}, found


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--device", default="cuda", help="cuda, cuda:1 or mps")
    parser.add_argument("--epochs", type=int, default=5, help="that are timed")
    parser.add_argument("--records", help="folder for records")
    options = parser.parse_args()
    if options.device.partition(":")[0] not in existing_devices():
        print(f"there is no {options.device} here: nothing is measured")
        print(json.dumps({"device": None}))
        return
    data, figures = load(), {}
    for name in MODELS:
        (near, expected), (far, found) = (
            measured(name, options.epochs, device, data) for device in ("cpu", options.device)
        )
        apart = float(np.abs(found - expected).max() / expected.std())
        figures[name] = {
            "speedup": near["epoch_seconds"] / far["epoch_seconds"],
            "difference": apart,
            "same": apart <= SAME,
            "memory": far["memory"],
        }
        print(name, {metric: round(float(value), 4) for metric, value in figures[name].items()})
        if options.records:
            for device, metrics in (("cpu", near), (options.device, far | {"difference": apart})):
                keep(name, device, metrics, options, data["name"])
    where = {"device": device_label(options.device), "threads": n_threads(), "dataset": data["name"]}
    print(json.dumps(where | {"families": figures}))


def keep(name, device, metrics, options, dataset):
    """Write what was measured as a record."""
    parameters = {"method": name, "place": device, "epochs": options.epochs, "dataset": dataset}
    run_or_load(
        lambda **_: {"metrics": metrics},
        parameters,
        experiment="benchmarks/gpu",
        data_sha256="none",
        profile="paper",
        device=device,
        directory=options.records,
    )


if __name__ == "__main__":
    main()
