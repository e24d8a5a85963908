import pandas as pd
import pytest
from matplotlib import pyplot

from fourmasks.lunet.rankings.figures import sampled_and_full


def test_each_method_is_a_row_with_its_means():
    runs = [
        ("a", "lu-net", 0.5, 0.1),
        ("a", "lu-net", 0.7, 0.3),
        ("a", "mlp", 0.4, 0.4),
        ("b", "mlp", 0.3, 0.2),
    ]
    frame = pd.DataFrame(runs, columns=["dataset", "method", "sampled_hr_at_10", "full_hr_at_10"])
    sampled, full, *others = sampled_and_full(frame).axes
    assert [axis.get_title() for axis in (sampled, full, *others)] == ["a", "a", "b", "b"]
    assert [label.get_text() for label in sampled.get_yticklabels()] == ["lu-net", "mlp"]  # from below
    assert sampled.lines[0].get_xdata().tolist() == pytest.approx([0.6, 0.4])
    assert full.lines[0].get_xdata().tolist() == pytest.approx([0.2, 0.4])
    pyplot.close("all")
