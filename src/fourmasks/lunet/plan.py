"""Which final runs an experiment makes, and in which order."""

from collections.abc import Iterator, Mapping


def planned(config, fewer: Mapping[tuple[str, str], int]) -> Iterator[tuple[str, str, int]]:
    """Yield data set, method and seed of each run: within a data set all methods of one seed together.

    Parameters
    ----------
    config : Config
        With dataset, methods, seeds and sparing.
    fewer : mapping of (dataset, method) to int
        How many seeds they get at most where the configuration is sparing.
    """
    for dataset in config.dataset:
        for seed in range(config.seeds):
            for method in config.methods:
                if not config.sparing or seed < fewer.get((dataset, method), config.seeds):
                    yield dataset, method, seed
