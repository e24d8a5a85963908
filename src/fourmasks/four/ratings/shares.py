"""Little data: the comparison of rating models again, with a share of the ratings each, searched anew."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from fourmasks.data.ratings import rating_names
from fourmasks.experiments.plan import Search, carry_out, grid
from fourmasks.experiments.profiles import Options, option, threads_option
from fourmasks.four.ratings import plan as whole
from fourmasks.records.store import Record

EXPERIMENT, SEARCH = "four/shares", "four/shares-search"
# Those of the comparison that its page asks about; the others would double the time.
METHODS = ("averages", "mf-tuned", "mmf-constant", "mmf-learned", "autorec", "lu-net-tuned")
# A step of AutoRec takes whole items: with few ratings of each it goes on longer than the others, which never
# come near their cap.
CAPS = {"autorec": 4}  # times the epochs at most


@dataclass(frozen=True)
class Config(Options):
    """What the experiment runs."""

    dataset: tuple[str, ...] = option(
        ("simulated",), help="ratings to predict", choices=rating_names(), or_file=True
    )
    methods: tuple[str, ...] = option(METHODS, help="models to compare", choices=METHODS)
    shares: tuple[float, ...] = option(
        (0.2, 0.5), above=0, most=1, help="of the ratings that are not for the test"
    )
    seeds: int = option(2, least=1, help="number of seeds, from 0, each with a split of its own")
    trials: int = option(
        2, least=1, help="trials of each search, which goes on outward from a best at an end"
    )
    epochs: int = option(12, least=1, help="epochs at most")
    patience: int = option(
        3,
        least=0,
        help="epochs without a better validation after which training stops, 0 for each data set's own",
    )
    validation: float = option(
        0.05, above=0, below=1, help="share of the training ratings for early stopping"
    )
    threads: int = threads_option()


PROFILES = {
    "smoke": Config(
        dataset=("simulated-small",), methods=("averages",), shares=(0.5,), seeds=1, trials=1, epochs=2
    ),
    "book": Config(methods=("averages", "mf-tuned")),
    "paper": Config(
        dataset=("ml-100k",),
        shares=(0.1, 0.2, 0.4, 0.7, 1.0),
        seeds=5,
        trials=12,
        epochs=400,
        patience=0,
        validation=0.15,  # which a small share leaves enough of
    ),
}


def run(config: Config, profile: str, device: str = "cpu") -> list[Record]:
    """Make the runs that are missing, and return the records of all."""
    return carry_out(plan(config), config, profile, device)


def plan(config: Config) -> Iterator[Search]:
    """Yield the final runs, each with the search on its share that it rests on."""
    for share in config.shares:
        for dataset, method, seed in grid(config.dataset, config.methods, config.seeds):
            capped = replace(config, epochs=config.epochs * CAPS.get(method, 1))
            yield whole.with_search(EXPERIMENT, dataset, method, seed, capped, share=share)
