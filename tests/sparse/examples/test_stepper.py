"""The page of steps."""

import re

import pytest
from matplotlib import pyplot

from fourmasks.sparse.examples.stepper import show_steps, steps_page


@pytest.fixture(autouse=True)
def _close():
    yield
    pyplot.close("all")


def test_a_page_of_steps():
    page = steps_page(["AAA", "BBB"], ["first", "a < b"], ["one", "two"], "caption", "provenance")
    assert page.count('type="radio"') == 3 and page.count(" checked") == 1
    assert re.findall(r'alt="(\w+)"', page) == ["one", "two"]
    assert "2. a &lt; b" in page and "<script" not in page and "http" not in page
    (name,) = set(re.findall(r'<figure class="fm-figure" id="([\w-]+)"', page))
    ids = re.findall(r'<input [^>]*id="([\w-]+)"', page)
    assert ids == [f"{name}-{k}" for k in (1, 2, 3)] == re.findall(r'<label for="([\w-]+)"', page)
    assert page == steps_page(["AAA", "BBB"], ["first", "a < b"], ["one", "two"], "caption", "provenance")
    assert name not in steps_page(["AAB", "BBB"], ["first", "a < b"], ["one", "two"], "caption", "provenance")


def test_steps_are_shown_as_one_output_and_closed(monkeypatch):
    import IPython.display

    shown = []
    monkeypatch.setattr(IPython.display, "display", lambda data, raw: shown.append(data))
    pair = [pyplot.figure(figsize=(1, 1)) for _ in range(2)]
    show_steps(pair, ["a", "b"], ["x", "y"], caption="c", provenance="p")
    assert len(shown) == 1 and shown[0]["text/plain"] == "c" and shown[0]["text/html"].count("<img") == 2
    assert not pyplot.get_fignums()


def test_steps_need_their_texts():
    figure = pyplot.figure()
    with pytest.raises(ValueError, match="number .1, 2, 1.: expected as many of each"):
        show_steps([figure], ["a", "b"], ["x"], caption="c", provenance="p")
    with pytest.raises(ValueError, match="a text is empty"):
        show_steps([figure], ["a"], [" "], caption="c", provenance="p")
