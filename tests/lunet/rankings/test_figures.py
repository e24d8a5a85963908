import pandas as pd
from matplotlib import pyplot

from fourmasks.lunet.rankings.figures import sampled_and_full


def test_each_method_is_a_named_point_at_its_means():
    runs = [
        ("a", "lu-net", 0.5, 0.1),
        ("a", "lu-net", 0.7, 0.3),
        ("a", "mlp", 0.4, 0.4),
        ("b", "mlp", 0.3, 0.2),
    ]
    frame = pd.DataFrame(runs, columns=["dataset", "method", "sampled_hr_at_10", "full_hr_at_10"])
    left, right = sampled_and_full(frame).axes
    assert (left.get_title(), right.get_title()) == ("a", "b")
    named = {text.get_text(): tuple(round(part, 9) for part in text.xy) for text in left.texts}
    assert named == {"lu-net": (0.6, 0.2), "mlp": (0.4, 0.4)}
    points = {tuple(round(float(part), 9) for part in line.get_xydata()[0]) for line in left.lines}
    assert points == set(named.values())
    pyplot.close("all")
