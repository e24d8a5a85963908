"""How the time of an epoch grows."""

import numpy as np
import pandas as pd
import pytest

from fourmasks.data.ratings import load_ratings, make_ratings
from fourmasks.mmf.ratings import scaling


@pytest.mark.parametrize("power", [0.5, 1.0, 2.0])
def test_the_slope_is_the_power_of_the_growth(power):
    size = np.array([10, 20, 50, 100])
    assert scaling.slope(pd.DataFrame({"size": size, "seconds": 3 * size**power})) == pytest.approx(power)


def test_every_size_is_measured(one_thread):
    ratings = load_ratings("simulated-small")
    masks = scaling.by_masks(ratings, [(4, 2), (8, 3)], epochs=1)
    assert masks["size"].tolist() == [8, 24]
    counts = scaling.by_ratings(ratings, [100, 300], rank=4, n_masks=2, epochs=1)
    assert counts["size"].tolist() == [100, 300]
    assert (masks["seconds"] > 0).all() and (counts["seconds"] > 0).all()


@pytest.mark.parametrize("scale", [(0.5, 5.0), (0.2, 0.8)])
def test_any_scale_will_do(scale):
    values = np.linspace(*scale, 60)
    ratings = make_ratings("m", np.arange(60) // 6, np.arange(60) % 6, values, (10, 6), scale)
    assert len(scaling.by_ratings(ratings, [100], rank=4, n_masks=2, epochs=1)) == 1
